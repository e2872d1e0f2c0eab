import { isMask } from '../call/mask.ts'
import { quotedPairs } from '../call/payload/malformed-json.ts'
import { holdsSentence } from '../call/payload/prose.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import { hash32 } from '../kit/hash.ts'
import type { EndpointId } from '../kit/id.ts'
import { memo, memoLast } from '../kit/memo.ts'
import { pairKeys } from '../kit/pair-key.ts'
import {
  absorbProfile,
  type FieldProfile,
  isProseField,
  isSettled,
  judgeValue,
  learnValue,
  newProfile,
  type Unusual,
} from './field-profile.ts'
import { leavesOf, valuesAt } from './fields.ts'
import type { Observation } from './observation.ts'

export interface FieldValuesOptions {
  /** Fields remembered, of all endpoints; the longest unused is forgotten. About 700 bytes each. */
  readonly fields: number
  /** Values of settled history from which a field is judged by. */
  readonly history: number
  /** In live traffic: principals that must have filled it, on so many days or with so many values. */
  readonly principals: number
  readonly days: number
  readonly values: number
}

/** A value that is unusual for its field. */
export interface UnusualValue extends Unusual {
  /** As payloads name places: `query:q`, `path`, the path of the body's field. */
  readonly at: string
  readonly value: string
}

/** Fields of one request that are learned from and judged. */
const mostFields = 64
const longestName = 128
/** After so many values one in eight is learned from. */
const sampledAfter = 1_000

/**
 * What the fields of each endpoint's requests hold: signs, kinds, lengths. A field that its endpoint knows too little of is judged by
 * what fields of that name hold at the host. Refused and anonymous live traffic teaches nothing, nor does what carries a payload.
 */
export class FieldValues {
  readonly #options: FieldValuesOptions
  #profiles: BoundedMap<string, FieldProfile>

  constructor(options: FieldValuesOptions) {
    this.#options = options
    this.#profiles = new BoundedMap(options.fields)
  }

  get size(): number {
    return this.#profiles.size
  }

  /** Judges the values, before anything is learned of this call: the most unusual first, at most 4. */
  judge(o: Observation): readonly UnusualValue[] {
    const found: UnusualValue[] = []
    for (const { at, value, own, host } of fieldsOf(o)) {
      const profile = this.#settled(own) ?? this.#settled(host)
      const unusual = profile === undefined ? undefined : judgeValue(profile, value)
      if (unusual !== undefined) found.push({ ...unusual, at, value })
    }
    return found.length < 2 ? found : found.sort((a, b) => b.degree - a.degree).slice(0, 4)
  }

  /**
   * Whether what is suspect at a place of the call's query or body stands among sentences, in a field that people write sentences into: who
   * quotes a statement there talks about it.
   */
  quotes(o: Observation, at: string, suspect: (value: string) => boolean): boolean {
    const name = at.startsWith('query:') ? at.slice(6) : lastName(at)
    const profile =
      this.#settled(keyOf(o.match.endpoint, at)) ??
      this.#settled(hostKey(nameAtHost(o.call.destination.host), name))
    if (profile === undefined || !isProseField(profile)) return false
    const found = valuesIn(o, at).filter(suspect)
    return found.length > 0 && found.every(holdsSentence)
  }

  /** Learns from the call, if it may teach. */
  learn(o: Observation, hostile: boolean): void {
    if (hostile) return
    if (o.learning) {
      if (o.outcome !== 'success' && o.outcome !== 'unknown') return
    } else if (o.outcome !== 'success' || o.identity.kind === 'anonymous') return
    const fields = fieldsOf(o)
    if (fields.length === 0) return
    const by = hash32(o.identity.principal)
    const sampled = (hash32(o.call.id) & 7) === 0
    for (const { value, own, host } of fields) {
      this.#learn(own, value, by, o, sampled)
      this.#learn(host, value, by, o, sampled)
    }
  }

  #learn(key: string, value: string, by: number, o: Observation, sampled: boolean): void {
    if (!sampled && (this.#profiles.peek(key)?.count ?? 0) > sampledAfter) return
    learnValue(this.#profiles.ensure(key, newProfile), value, by, o.call.time, o.learning)
  }

  #settled(key: string): FieldProfile | undefined {
    const profile = this.#profiles.peek(key)
    return profile !== undefined && isSettled(profile, this.#options) ? profile : undefined
  }

  merged(from: EndpointId, to: EndpointId): void {
    const prefix = keyOf(from, '')
    for (const [key, profile] of [...this.#profiles.entries()]) {
      if (!key.startsWith(prefix)) continue
      this.#profiles.delete(key)
      const target = `${keyOf(to, '')}${key.slice(prefix.length)}`
      const before = this.#profiles.peek(target)
      if (before === undefined) this.#profiles.set(target, profile)
      else absorbProfile(before, profile)
    }
  }

  save() {
    return this.#profiles
  }

  load(saved: BoundedMap<string, FieldProfile>): void {
    this.#profiles.adopt(saved)
  }
}

/** `tickets[].body` is told by its last name. */
const lastName = (at: string): string => at.slice(at.lastIndexOf('.') + 1).replaceAll('[]', '')

function valuesIn({ call: { request } }: Observation, at: string): readonly string[] {
  if (at.startsWith('query:'))
    return request.query.flatMap(([name, value]) => (parameter(name) === at ? [value] : []))
  const { content } = request
  return content.kind === 'json' || content.kind === 'form' || content.kind === 'multipart'
    ? valuesAt(content.value, at)
    : []
}

const keyOf = pairKeys()
const hostKey = pairKeys()
const nameAtHost = memo(host => `\0${host}`)
const placeholder = memo(name => `path ${name}`)
const parameter = memo(name => `query:${name}`)

/** One value of a request that has a name. */
interface NamedValue {
  readonly at: string
  readonly value: string
  /** By what it is kept, of the endpoint and of the host. */
  readonly own: string
  readonly host: string
}

/** Placeholders of the path, query, fields of the body: at most 64. */
const fieldsOf = memoLast((o: Observation): readonly NamedValue[] => {
  const fields: NamedValue[] = []
  const { endpoint } = o.match
  const atHost = nameAtHost(o.call.destination.host)
  const see = (at: string, name: string, value: string): void => {
    if (fields.length >= mostFields || name.length > longestName || isMask(value)) return
    fields.push({ at, value, own: keyOf(endpoint, at), host: hostKey(atHost, name) })
  }
  for (const [name, value] of o.match.params) see('path', placeholder(name), value)
  for (const [name, value] of o.call.request.query) see(parameter(name), name, value)
  const { content } = o.call.request
  if (content.kind === 'json' || content.kind === 'form' || content.kind === 'multipart')
    for (const { place, value } of leavesOf(content.value)) see(place.path, place.key, value)
  else if (content.kind === 'malformed' || content.kind === 'text')
    for (const [name, value] of quotedPairs(content.text)) see(name, name, value)
  return fields
})
