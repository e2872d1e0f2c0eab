import type { WhyState } from '../../../src/detect/tuning/why.ts'
import type { WhyView } from '../../../src/server/api/why.ts'
import { count, listed, plural } from './number.ts'

/** What stands above the detectors that say the same kind of thing, in the order of how much it tells. */
export const whyGroups: readonly {
  readonly state: WhyState
  readonly title: string
  readonly note: string
}[] = [
  { state: 'raised', title: 'Raised it', note: 'The signal is with the principal, and with its incident.' },
  { state: 'suppressed', title: 'Dismissed', note: 'Somebody said that this is expected.' },
  { state: 'held', title: 'Held back', note: 'Too many a day: what lies nearest to the usual waits.' },
  { state: 'exempt', title: 'Excepted', note: 'A role, an exception or a budget speaks for it.' },
  { state: 'learning', title: 'Still learning', note: 'What is usual is not known well enough yet.' },
  { state: 'below', title: 'Looked, and saw too little', note: 'What it saw, against what it needs.' },
  { state: 'off', title: 'Not running', note: 'Somebody turned it off.' },
  { state: 'other-kind', title: 'Not its kind of call', note: 'It looks at others.' },
]

/** The answer first: how many looked, and what came of it. */
export function whySentence(items: readonly Pick<WhyView, 'state'>[]): string {
  const number = (...states: readonly WhyState[]): number =>
    items.filter(({ state }) => states.includes(state)).length
  const raised = number('raised')
  const looked = number('raised', 'below', 'learning', 'held', 'suppressed', 'exempt')
  const of = `${count(looked)} of ${plural(items.length, 'detector')} looked at this call`
  if (items.length === 0) return 'No detector says anything of this call.'
  if (raised > 0) return `${plural(raised, 'detector')} raised it; ${of}.`
  const kept = number('held', 'suppressed', 'exempt')
  const learning = number('learning')
  const rest = [
    kept > 0 ? `${count(kept)} would have, but ${kept === 1 ? 'was' : 'were'} told not to` : '',
    learning > 0 ? `${count(learning)} ${learning === 1 ? 'is' : 'are'} still learning` : '',
  ].filter(Boolean)
  return `None raised it: ${of}${rest.length > 0 ? `, ${listed(rest)}` : ''}.`
}

/** How far what was seen is along the way to what would raise it, 0 to 1; undefined without both numbers. */
export function whyShare({ value, threshold }: Pick<WhyView, 'value' | 'threshold'>): number | undefined {
  if (value === undefined || threshold === undefined || !(threshold > 0) || !(value >= 0)) return undefined
  return Math.min(1, value / threshold)
}

export interface SaidAlike {
  readonly text: string
  readonly items: readonly WhyView[]
}

/** Those that say the very same once: many detectors wait for the same thing. What has numbers of its own stands alone. */
export function saidAlike(items: readonly WhyView[]): readonly SaidAlike[] {
  const alike = new Map<string, WhyView[]>()
  for (const item of items) {
    const key = whyShare(item) === undefined ? item.text : `${item.detector}\0${item.text}`
    const known = alike.get(key)
    if (known === undefined) alike.set(key, [item])
    else known.push(item)
  }
  return [...alike.values()].map(group => ({ text: group[0]?.text ?? '', items: group }))
}
