import type { ChangeView } from '../../../src/server/api/change.ts'
import { gravestFirst } from './grave-classes.ts'
import { capital, dataClassName, fullStop, words } from './names.ts'
import { listed, plural } from './number.ts'

/** What a change is called, by kind: in the filter and at the row. The gravest first. */
export const changeTitles: Readonly<Record<ChangeView['kind'], string>> = {
  'auth-removed-once': 'Answered without a credential',
  'endpoint-new': 'New endpoint',
  'data-class-new': 'Carries other data',
  'exposure-changed': 'Reached from elsewhere',
  'field-new': 'New field',
  'field-type-changed': 'Field of another type',
  'auth-new': 'Another kind of credential',
  'body-new': 'Body of another kind',
  'status-new': 'New status',
  'endpoint-gone': 'Gone',
  'endpoint-back': 'Called again',
}

export const changeKinds = Object.keys(changeTitles) as ChangeView['kind'][]

const some = (count: number): string => (count === 1 ? 'one' : String(count))
const are = (count: number): string => (count === 1 ? 'is' : 'are')

/** The page's first line: what is new and what of it matters. `since` is `since yesterday`. */
export function changesSentence(changes: readonly ChangeView[], since: string): string {
  const of = (kind: ChangeView['kind']) => changes.filter(change => change.kind === kind)
  const endpoints = (kind: ChangeView['kind']): number => new Set(of(kind).map(one => one.endpoint)).size
  const fresh = of('endpoint-new')
  const carrying = fresh.filter(({ sensitive }) => sensitive)
  const carried = [...new Set(carrying.flatMap(({ dataClasses }) => dataClasses))]
  const classes = gravestFirst(carried).map(dataClassName)
  const open = endpoints('auth-removed-once')
  const gone = endpoints('endpoint-gone')
  const fields = of('field-new').length + of('field-type-changed').length
  const first =
    fresh.length > 0
      ? `${plural(fresh.length, 'endpoint')} ${are(fresh.length)} new ${since}`
      : changes.length > 0
        ? `No endpoint is new ${since}`
        : `Nothing about the APIs has changed ${since}`
  const rest = [
    carrying.length > 0
      ? `${fresh.length === 1 ? 'it' : some(carrying.length)} ${carrying.length === 1 ? 'carries' : 'carry'} ${listed(classes)}`
      : '',
    open > 0
      ? `${some(open)} answered without the credential that ${open === 1 ? 'it' : 'they'} had always asked for`
      : '',
    fields > 0 ? `${plural(fields, 'field')} ${are(fields)} new or of another type` : '',
    gone > 0 ? `${some(gone)} ${are(gone)} gone` : '',
  ].filter(Boolean)
  return fullStop([first, ...rest].join('; '))
}

/** What of the endpoint it is: words, with a name from the traffic apart so that it can be set as such. */
export function changeDetail(change: ChangeView): { readonly name?: string; readonly text: string } {
  const { kind, side, field, before = '', after = '' } = change
  const where = side === 'request' ? 'in requests' : 'in answers'
  switch (kind) {
    case 'field-new':
      return { ...named(field), text: after === '' ? where : `${where}, ${after}` }
    case 'field-type-changed':
      return { ...named(field), text: `${where} was ${before}, is ${after}` }
    case 'data-class-new':
      return { ...named(field), text: `${where} carries ${dataClassName(after)}` }
    case 'auth-new':
      return { text: `${words(after)}, besides ${words(before)}` }
    case 'auth-removed-once':
      return { text: `had always asked for ${words(before)}` }
    case 'exposure-changed':
      return { text: `was ${before}, is ${after}` }
    case 'body-new':
      return { name: after, text: where }
    case 'status-new':
      return { text: `answered ${after} for the first time` }
    case 'endpoint-gone':
      return { text: 'not called for seven days, while its host was' }
    default:
      return { text: '' }
  }
}

const named = (field: string | undefined): { readonly name?: string } =>
  field === undefined ? {} : { name: field }

export interface ChangeFilter {
  readonly kind: ChangeView['kind'] | undefined
  /** Empty for all. */
  readonly endpoint: string
  readonly q: string
}

/** Those of one kind and one endpoint whose endpoint, field or value holds every word. */
export function filterChanges(changes: readonly ChangeView[], filter: ChangeFilter): readonly ChangeView[] {
  const words = filter.q.toLowerCase().split(/\s+/).filter(Boolean)
  return changes.filter(
    change =>
      (filter.kind === undefined || change.kind === filter.kind) &&
      (filter.endpoint === '' || change.endpoint === filter.endpoint) &&
      (words.length === 0 || says(change, words)),
  )
}

function says({ endpoint, field = '', after = '' }: ChangeView, words: readonly string[]): boolean {
  const text = `${endpoint} ${field} ${after}`.toLowerCase()
  return words.every(word => text.includes(word))
}

export interface Day {
  /** `Today`, `Yesterday`, `Monday, 16 November`. */
  readonly title: string
  readonly changes: readonly ChangeView[]
}

/** By the reader's days, in the order given. */
export function byDay(changes: readonly ChangeView[], now: Date = new Date()): readonly Day[] {
  const days = new Map<string, ChangeView[]>()
  for (const change of changes) {
    const key = new Date(change.time).toDateString()
    const day = days.get(key)
    if (day === undefined) days.set(key, [change])
    else day.push(change)
  }
  return [...days].map(([key, ofDay]) => ({ title: dayTitle(new Date(key), now), changes: ofDay }))
}

function dayTitle(day: Date, now: Date): string {
  const yesterday = new Date(now)
  yesterday.setDate(now.getDate() - 1)
  if (day.toDateString() === now.toDateString()) return 'Today'
  if (day.toDateString() === yesterday.toDateString()) return 'Yesterday'
  const year = day.getFullYear() === now.getFullYear() ? {} : ({ year: 'numeric' } as const)
  return capital(
    new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long', ...year }).format(day),
  )
}
