import type { ApiCall } from '../../src/call/api-call.ts'

/** What a rule says of one call: which incident it belongs to, and the calls that show it. */
export interface Said {
  /** Calls of one key are one incident. */
  readonly key: string
  readonly title: string
  readonly evidence: readonly string[]
}

export type Rule = (call: ApiCall, learning: boolean) => Said | undefined

/** A published rule of others, ported for comparison. It sees what our own analysis sees. */
export interface ComparatorDefinition {
  readonly id: string
  readonly title: string
  /** Where the rule is described, and what was chosen where the description leaves it open. */
  readonly source: string
  /** What it is about, where it is about one thing. */
  readonly owasp?: readonly string[]
  readonly create: () => Rule
}

export const defineComparator = (definition: ComparatorDefinition): ComparatorDefinition => definition

/** The credential that a call carried, by its fingerprint; its address where it carried none. */
export const callerOf = ({ credentials, source }: ApiCall): string =>
  credentials[0]?.fingerprint ?? `ip:${source.ip ?? ''}`

/** A path with what looks like an id taken out: numbers, UUIDs, and parts of eight letters or more with a digit in them. */
export function shapeOf(call: ApiCall): { readonly shape: string; readonly ids: readonly string[] } {
  const ids: string[] = []
  const parts = call.request.path.split('/').map(part => {
    if (!isId(part)) return part
    ids.push(part)
    return '{id}'
  })
  return { shape: `${call.request.method} ${parts.join('/')}`, ids }
}

const isId = (part: string): boolean => /^\d+$/.test(part) || (part.length >= 8 && /\d/.test(part))

/** The day's number of a time: incidents of a rule that never ends are told a day at a time. */
export const dayKey = (time: number): number => Math.floor(time / 86_400_000)
