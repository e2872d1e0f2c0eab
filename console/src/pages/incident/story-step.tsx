import { ChevronRight } from 'lucide-react'
import type { CallView } from '../../../../src/server/api/call.ts'
import type { IncidentView } from '../../../../src/server/api/incident.ts'
import { plural } from '../../format/number.ts'
import { Moment } from '../../parts/moment.tsx'
import { StepEvidence } from './step-evidence.tsx'

interface StoryStepProps {
  readonly step: IncidentView['story'][number]
  readonly index: number
  /** It is the first of its stage in a row: the stage is named. */
  readonly newStage: boolean
  readonly active: boolean
  readonly open: boolean
  readonly onToggle: () => void
  readonly known: readonly CallView[]
}

export function StoryStep({ step, index, newStage, active, open, onToggle, known }: StoryStepProps) {
  return (
    <li className="story-step" data-step={index} data-active={active}>
      <span className="story-time">
        <Moment at={step.time} seconds />
      </span>
      <div className="story-text">
        <p>
          {newStage && <span className="chip">{step.stage}</span>} {step.text}
        </p>
        {step.evidence.length > 0 && (
          <button
            type="button"
            className="plain-button story-evidence"
            aria-expanded={open}
            onClick={onToggle}
          >
            <ChevronRight size={14} aria-hidden="true" className="turns" data-open={open} />
            {plural(step.evidence.length, 'record')} that {step.evidence.length === 1 ? 'shows' : 'show'} it
          </button>
        )}
        {open && <StepEvidence ids={step.evidence} known={known} />}
      </div>
    </li>
  )
}
