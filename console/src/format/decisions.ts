import type { DecisionView } from '../../../src/server/api/decision.ts'
import { fullStop } from './names.ts'
import { plural } from './number.ts'

export const decisionActions = [
  'block',
  'throttle',
  'challenge',
  'quarantine',
  'mask',
  'strip',
  'tag',
  'allow',
  'observe',
] as const

const done: Readonly<Record<string, string>> = {
  allow: 'let through',
  block: 'refused',
  challenge: 'challenged',
  throttle: 'slowed down',
  quarantine: 'shut out',
  strip: 'fields taken out',
  mask: 'fields masked',
  tag: 'marked',
  observe: 'noted',
}

export const actionDone = (action: string): string => done[action] ?? action

/** What became of the call: `refused`, or `would have been refused` where it was only written down. */
export function outcome({ action, acted }: Pick<DecisionView, 'action' | 'acted'>): string {
  if (acted) return actionDone(action)
  if (action === 'strip' || action === 'mask') return `would have had ${actionDone(action)}`
  return `would have been ${actionDone(action)}`
}

/** What really became of a call on which a decision did not act. */
export const insteadOf = ({
  mode,
  acted,
  policy,
}: Pick<DecisionView, 'mode' | 'acted' | 'policy'>): string =>
  policy === 'quarantine'
    ? 'Quarantine refuses every call of this caller until it ends or is lifted, whatever the call asks for.'
    : acted
      ? 'In shadow the call would have passed, and this would only have been written down.'
      : mode === 'canary'
        ? 'The caller is outside the canary’s share: the call passed, and is compared with.'
        : 'The policy only watches: the call passed as if it were not there.'

const folded = / \(and (\d+) more since the last record\)$/

/** The reason as a sentence, and how many more of the kind one record stands for. */
export function reasonWords(reason: string): string {
  const more = folded.exec(reason)
  if (more === null) return fullStop(reason)
  return `${fullStop(reason.slice(0, more.index))} This record stands for ${plural(Number(more[1]), 'more call', 'more calls')} of this caller.`
}

/** How many of the decisions in view acted. `more` where there are further ones. */
export function decisionsSentence(
  decisions: readonly Pick<DecisionView, 'acted' | 'principal'>[],
  more: boolean,
  words: string,
): string {
  if (decisions.length === 0) return `No decision ${words}.`
  const acted = decisions.filter(one => one.acted).length
  const callers = new Set(decisions.map(({ principal }) => principal)).size
  const noted = decisions.length - acted
  const parts = [
    acted === 0 ? '' : `${plural(acted, 'call')} acted on`,
    noted === 0 ? '' : `${plural(noted, 'call')} only noted`,
  ].filter(Boolean)
  return `${more ? `The newest ${decisions.length} decisions` : plural(decisions.length, 'decision')} ${words}: ${parts.join(', ')}, of ${plural(callers, 'caller')}.`
}

export interface DecisionSpan {
  readonly value: string
  readonly label: string
  readonly words: string
  readonly ms: number
}

export const decisionSpans: readonly DecisionSpan[] = [
  { value: '1h', label: '1 hour', words: 'in the last hour', ms: 3_600_000 },
  { value: '24h', label: '24 hours', words: 'in the last 24 hours', ms: 86_400_000 },
  { value: '7d', label: '7 days', words: 'in the last 7 days', ms: 604_800_000 },
  { value: 'all', label: 'All kept', words: 'among those kept', ms: 0 },
]
