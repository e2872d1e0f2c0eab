import type { Observation } from '../baseline/observation.ts'
import { nounOf as nounOfName } from '../call/protocols/references.ts'
import type { Match } from '../catalog/endpoint.ts'
import type { Identity } from '../identity/identity.ts'
import { memo, memoLast } from '../kit/memo.ts'

/** `1 order`, `3 orders`, `2 entries`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? singular(noun) : plural(noun)}`
}

export function plural(noun: string): string {
  if (/(?:s|x|ch|sh)$/.test(noun)) return noun.endsWith('ss') || !noun.endsWith('s') ? `${noun}es` : noun
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`
  return `${noun}s`
}

export function singular(noun: string): string {
  if (noun.endsWith('ies') && noun.length > 4) return `${noun.slice(0, -3)}y`
  // `purchases` is of `purchase`, `addresses` of `address`, `statuses` of `status`.
  if (/(?:sses|uses|xes|ches|shes)$/.test(noun)) return noun.slice(0, -2)
  return noun.endsWith('s') && !noun.endsWith('ss') ? noun.slice(0, -1) : noun
}

/** How a sentence names the caller: `user:alice`, or a client without a login. */
export function whoIs(identity: Identity): string {
  return identity.kind === 'anonymous' ? `An unauthenticated client (${identity.name})` : identity.principal
}

export const verbOf = (method: string): string =>
  method === 'GET' || method === 'HEAD'
    ? 'read'
    : method === 'PUT' || method === 'PATCH'
      ? 'changed'
      : method === 'DELETE'
        ? 'deleted'
        : 'acted on'

const notNoun = /^(?:api|rest|v\d+(?:\.\d+)?|public|internal|me|my|self)$/i

/** What the endpoint is about, singular, from its template: `/orders/{id}` → `order`, `/users/{id}/password` → `password`. */
export const nounOf = memo(readNoun)

function readNoun(template: string): string {
  const segments = template.split('/')
  for (let index = segments.length - 1; index >= 0; index -= 1) {
    const segment = segments[index] ?? ''
    if (segment === '' || segment.includes('{') || notNoun.test(segment)) continue
    const words = segment
      .replace(/\.[a-z]{2,5}$/, '')
      .replace(/([a-z])([A-Z])/g, '$1 $2')
      .replace(/[-_]+/g, ' ')
      .toLowerCase()
    if (/^[a-z][a-z ]{1,40}$/.test(words)) return singular(words)
  }
  return 'record'
}

export interface CallObject {
  readonly type: string
  readonly id: string
  readonly key: string
}

/** The object a call is about: a type that endpoints of the same collection share, and the id. Undefined for a collection. */
export const objectOf: (match: Match) => CallObject | undefined = memoLast(readObject)

function readObject(match: Match): CallObject | undefined {
  const named = match.operation?.objects[0]
  if (named !== undefined) return { ...named, key: `${hostOf(match.endpoint)}#${named.type}\0${named.id}` }
  const last = match.params.at(-1)
  if (last === undefined) return undefined
  const end = match.template.lastIndexOf('{')
  const host = hostOf(match.endpoint)
  const path = match.params.length === 1 ? last[1] : match.params.map(([, value]) => value).join('/')
  const id = path.length > 128 ? path.slice(0, 128) : path
  return {
    type: nounOf(match.template.slice(0, end)),
    id,
    key: `${host}${match.template.slice(0, end)}\0${id}`,
  }
}

/** The key that `objectOf` a record has where it is opened below its list: `/orders` → `/orders/{id}`. */
export const keyOfListed = (match: Match, id: string): string =>
  `${hostOf(match.endpoint)}${match.template}/\0${id.length > 128 ? id.slice(0, 128) : id}`

/** Ids of the objects a call is about: one for a path, all of the first one's kind for an operation's arguments. */
export function idsOf(match: Match): readonly string[] {
  const named = match.operation?.objects
  if (named !== undefined && named.length > 1)
    return named.filter(({ type }) => type === named[0]?.type).map(({ id }) => id)
  const object = objectOf(match)
  return object === undefined ? [] : [object.id]
}

/** What a call is about, singular: by its operation's arguments, by its path otherwise. */
export function subjectOf({ operation, template }: Match): string {
  const named = operation?.objects[0]?.type
  if (named !== undefined) return named
  // A model's name is not what the call is about.
  if (operation === undefined || operation.protocol === 'llm') return nounOf(template)
  return nounOfName(operation.name) ?? nounOf(template)
}

/** The method a call amounts to: a GraphQL query reads although it is posted. */
export const methodOf = (o: Observation): string => {
  const kind = o.match.operation?.kind
  return kind === 'read' ? 'GET' : o.call.request.method
}

const hostOf = memo(endpoint => {
  const start = endpoint.indexOf(' ') + 1
  const end = endpoint.indexOf('/', start)
  return end < 0 ? endpoint.slice(start) : endpoint.slice(start, end)
})

/** `2026-09-11 10:24`, UTC. */
export const minuteOf = (time: number): string => new Date(time).toISOString().slice(0, 16).replace('T', ' ')

/** `36 seconds`, `12 minutes`, `3 hours`, `2 days`. */
export function span(milliseconds: number): string {
  const seconds = Math.max(1, Math.round(milliseconds / 1_000))
  if (seconds < 120) return counted(seconds, 'second')
  const minutes = Math.round(seconds / 60)
  if (minutes < 120) return counted(minutes, 'minute')
  const hours = Math.round(minutes / 60)
  return hours < 48 ? counted(hours, 'hour') : counted(Math.round(hours / 24), 'day')
}
