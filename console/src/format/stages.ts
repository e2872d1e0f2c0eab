import type { IncidentView } from '../../../src/server/api/incident.ts'

/** A stage of an intrusion as the story went through it. */
export interface Stage {
  readonly name: string
  readonly steps: number
  /** Index of the first step that stands for it. */
  readonly first: number
  readonly from: string
  readonly to: string
}

/** The stages in the order in which they were first come to; steps that stand for none are in none. */
export function stagesOf(story: IncidentView['story']): readonly Stage[] {
  const stages = new Map<string, Stage>()
  for (const [index, { stage, time }] of story.entries()) {
    if (stage === undefined) continue
    const known = stages.get(stage)
    stages.set(
      stage,
      known === undefined
        ? { name: stage, steps: 1, first: index, from: time, to: time }
        : { ...known, steps: known.steps + 1, to: time },
    )
  }
  return [...stages.values()]
}
