import { capital } from '../../format/names.ts'
import { plural } from '../../format/number.ts'
import type { Stage } from '../../format/stages.ts'
import { period } from '../../format/time.ts'

interface StageStripProps {
  readonly stages: readonly Stage[]
  readonly onGo: (step: number) => void
}

/** How far it got: the stages of an intrusion (ATT&CK) that the story went through, each leading to its first step. */
export function StageStrip({ stages, onGo }: StageStripProps) {
  if (stages.length < 2) return null
  return (
    <ol className="stages" aria-label="Stages of the intrusion">
      {stages.map(stage => (
        <li key={stage.name}>
          <button type="button" className="plain-button" onClick={() => onGo(stage.first)}>
            <b>{capital(stage.name)}</b>
            <span className="dim">
              {plural(stage.steps, 'step')}, {period(stage.from, stage.to)}
            </span>
          </button>
        </li>
      ))}
    </ol>
  )
}
