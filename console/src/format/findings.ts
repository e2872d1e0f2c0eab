import type { Severity } from '../../../src/kit/severity.ts'
import type { FindingView } from '../../../src/server/api/finding.ts'
import { count, listed, plural } from './number.ts'

export const findingStates = ['open', 'dismissed', 'gone'] as const
export type FindingState = (typeof findingStates)[number]

export const severityOrder: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info']

/** What each tab holds, for those who meet the word for the first time. */
export const stateMeaning: Readonly<Record<FindingState, string>> = {
  open: 'still true of the traffic',
  dismissed: 'someone said why it may stay',
  gone: 'no longer seen',
}

export interface FindingFilter {
  readonly q: string
  readonly status: FindingState
  readonly severity?: string
  readonly rule?: string
  readonly endpoint?: string
}

export function findingFilterFrom(search: URLSearchParams): FindingFilter {
  const status = findingStates.find(one => one === search.get('status')) ?? 'open'
  const set = (key: 'severity' | 'rule' | 'endpoint') => {
    const value = search.get(key)
    return value === null || value === '' ? {} : { [key]: value }
  }
  return { q: search.get('q') ?? '', status, ...set('severity'), ...set('rule'), ...set('endpoint') }
}

const rank = (severity: Severity): number => severityOrder.indexOf(severity)

/** The gravest first, and among equals what is seen most recently. */
export const findingOrder = (a: FindingView, b: FindingView): number =>
  rank(a.severity) - rank(b.severity) ||
  (a.lastSeen < b.lastSeen ? 1 : a.lastSeen > b.lastSeen ? -1 : 0) ||
  (a.id < b.id ? -1 : 1)

export function filterFindings(
  findings: readonly FindingView[],
  filter: FindingFilter,
): readonly FindingView[] {
  const words = filter.q.toLowerCase().split(/\s+/).filter(Boolean)
  return findings
    .filter(
      one =>
        (filter.severity === undefined || one.severity === filter.severity) &&
        (filter.rule === undefined || one.rule === filter.rule) &&
        (filter.endpoint === undefined || one.endpoint === filter.endpoint) &&
        (words.length === 0 || found(`${one.title} ${one.why} ${one.endpoint} ${one.rule}`, words)),
    )
    .sort(findingOrder)
}

function found(text: string, words: readonly string[]): boolean {
  const within = text.toLowerCase()
  return words.every(word => within.includes(word))
}

/** How many findings there are under each value, most first. */
export function tallied(values: readonly string[]): readonly (readonly [value: string, count: number])[] {
  const tally = new Map<string, number>()
  for (const value of values) tally.set(value, (tally.get(value) ?? 0) + 1)
  return [...tally].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
}

/** Up to the first full stop that a space follows; all of it where there is none. */
export function firstSentence(text: string): string {
  const end = text.indexOf('. ')
  return end < 0 ? text : text.slice(0, end + 1)
}

/** The page's first line. */
export function findingsSentence(findings: readonly FindingView[], state: FindingState): string {
  const endpoints = new Set(findings.map(({ endpoint }) => endpoint)).size
  if (findings.length === 0)
    return state === 'open'
      ? 'Nothing needs mending.'
      : state === 'dismissed'
        ? 'Nothing was dismissed.'
        : 'No finding has gone away yet.'
  const what = plural(findings.length, 'finding')
  if (state === 'dismissed') return `${what} may stay: someone said why.`
  if (state === 'gone') return `${what} ${findings.length === 1 ? 'is' : 'are'} no longer seen.`
  const grave = (['critical', 'high'] as const)
    .map(severity => [severity, findings.filter(one => one.severity === severity).length] as const)
    .filter(([, number]) => number > 0)
    .map(([severity, number]) => `${count(number)} ${severity}`)
  const of = grave.length === 0 ? 'none of them grave' : listed(grave)
  return `${what} at ${plural(endpoints, 'endpoint')} ${findings.length === 1 ? 'wants' : 'want'} mending: ${of}.`
}
