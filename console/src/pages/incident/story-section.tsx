import { useState } from 'react'
import { flushSync } from 'react-dom'
import type { IncidentDetailView } from '../../../../src/server/api/incident.ts'
import { plural } from '../../format/number.ts'
import { plainNames } from '../../format/plain-names.ts'
import { stagesOf } from '../../format/stages.ts'
import { period } from '../../format/time.ts'
import { useShortcuts } from '../../hooks/shortcuts.ts'
import { Section } from '../../parts/section.tsx'
import { StageStrip } from './stage-strip.tsx'
import { StoryStep } from './story-step.tsx'

/** Steps shown at the beginning and at the end of a long story. */
const head = 6
const tail = 3

/** What happened, step by step; `j`, `k` and `e` walk through it and its evidence. */
export function StorySection({ incident }: { readonly incident: IncidentDetailView }) {
  const [active, setActive] = useState(-1)
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set())
  const [whole, setWhole] = useState(incident.story.length <= head + tail + 2)
  const folded = (index: number): boolean => !whole && index >= head && index < incident.story.length - tail
  const toggle = (index: number): void => {
    const next = new Set(open)
    if (!next.delete(index)) next.add(index)
    setOpen(next)
  }
  const go = (step: number): void => {
    // A step in the fold is there only once it is open.
    flushSync(() => {
      setWhole(true)
      setActive(step)
    })
    document.querySelector(`[data-step="${step}"]`)?.scrollIntoView({ block: 'nearest' })
  }
  const move = (by: number): void => go(Math.max(0, Math.min(incident.story.length - 1, active + by)))
  useShortcuts({
    j: () => move(1),
    k: () => move(-1),
    e: () => toggle(Math.max(0, active)),
    o: () => toggle(Math.max(0, active)),
  })
  const first = incident.story[0]
  const last = incident.story.at(-1)
  const note =
    first === undefined || last === undefined
      ? undefined
      : `${plural(incident.story.length, 'step')}, ${period(first.time, last.time)}. Each opens what shows it.`
  return (
    <Section title="What happened" note={note}>
      {incident.story.length === 0 ? (
        <p className="dim">No single steps were told apart: the evidence is one burst of calls.</p>
      ) : (
        <>
          <StageStrip stages={stagesOf(incident.story)} onGo={go} />
          <ol className="story">
            {incident.story.map((step, index) =>
              folded(index) ? (
                index === head && (
                  <Fold
                    key="fold"
                    count={incident.story.length - head - tail}
                    onOpen={() => setWhole(true)}
                  />
                )
              ) : (
                <StoryStep
                  // biome-ignore lint/suspicious/noArrayIndexKey: steps are told by their place.
                  key={index}
                  step={{ ...step, text: plainNames(step.text, incident.principals) }}
                  index={index}
                  newStage={step.stage !== undefined && step.stage !== incident.story[index - 1]?.stage}
                  active={index === active}
                  open={open.has(index)}
                  onToggle={() => toggle(index)}
                  known={incident.calls}
                />
              ),
            )}
          </ol>
        </>
      )}
    </Section>
  )
}

function Fold({ count, onOpen }: { readonly count: number; readonly onOpen: () => void }) {
  return (
    <li className="story-step no-print">
      <span className="story-time" />
      <div className="story-text story-fold">
        <button type="button" className="plain-button story-evidence" onClick={onOpen}>
          show {plural(count, 'more step')} between
        </button>
      </div>
    </li>
  )
}
