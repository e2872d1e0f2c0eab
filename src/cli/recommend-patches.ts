import { SallyportError } from '../kit/error.ts'
import type { PolicyRecommendationsView } from '../server/api/policy-recommendation.ts'
import { type ApiOptions, apiClient } from './api-options.ts'
import type { Io } from './io.ts'
import { terminalText } from './terminal-text.ts'

export interface PatchOptions extends ApiOptions {
  readonly incident?: string
  readonly finding?: string
  readonly endpoint?: string
  readonly all?: boolean
}

type Subject = Pick<PatchOptions, 'incident' | 'finding' | 'endpoint'>

/** @throws SallyportError `usage/invalid-argument` where more than one is given */
export function subjectOf({ incident, finding, endpoint }: PatchOptions): Subject | undefined {
  const given = Object.entries({ incident, finding, endpoint }).filter(([, id]) => id !== undefined)
  if (given.length <= 1) return given.length === 0 ? undefined : Object.fromEntries(given)
  throw new SallyportError('usage/invalid-argument', 'One thing is asked for at a time.', {
    where: `--${given[1]?.[0]}`,
    mend: 'Give one of --incident, --finding and --endpoint.',
  })
}

/** Writes the best policy, or all, and says of each what it would have done. */
export async function recommendPatches(subject: Subject, options: PatchOptions, io: Io): Promise<void> {
  const { items } = await apiClient(io, options).post<PolicyRecommendationsView>(
    '/policies/recommend',
    subject,
  )
  if (items.length === 0) {
    io.say('There is no policy that fits.')
    return
  }
  for (const { name, title, why, simulation } of items) {
    io.say(terminalText(`${name}: ${title}.`))
    io.say(terminalText(`  ${why}`))
    io.say(
      `  Of ${simulation.calls} calls it stops ${simulation.attacksStopped} of ${simulation.attacks} attack calls and touches ${simulation.benignStopped + simulation.benignAmended} of ${simulation.benign} benign ones.`,
    )
  }
  io.out((options.all === true ? items : items.slice(0, 1)).map(({ source }) => source).join('---\n'))
}
