import type { Severity } from '../../kit/severity.ts'
import type { Endpoint } from '../endpoint.ts'
import { callCount } from '../findings/rule.ts'
import type { Sighting } from '../findings/sightings.ts'
import type { JudgedCall } from './judge-call.ts'
import type { BoundOperation } from './match.ts'

/** What a rule knows when it words a finding. */
export interface Sighted extends Sighting {
  readonly calls: number
  readonly endpoint: Endpoint | undefined
  readonly bound: BoundOperation | undefined
  /** Data classes found at the subject, or within it. */
  readonly dataClasses: readonly string[]
  /** Latest moment of the traffic, ms since the epoch. */
  readonly now: number
}

/** A call of an example: what is not said is ordinary. */
export interface ExampleCall {
  /** `GET /orders/7?expand=items`. */
  readonly request: string
  readonly body?: unknown
  /** 200 when absent. */
  readonly status?: number
  readonly answer?: unknown
  readonly answerHeaders?: readonly (readonly [string, string])[]
  /** Scheme of its credential; `bearer` when absent. */
  readonly credential?: 'none' | 'bearer' | 'bearer-jwt' | 'basic' | 'api-key-query' | 'api-key-header'
}

export interface DriftExample {
  /** The `paths` of an OpenAPI document, with `components` where needed, as YAML. */
  readonly specification: string
  readonly calls: readonly ExampleCall[]
}

/** One kind of drift. One file each in `rules/`, and a line in its `index.ts`. */
export interface DriftRule {
  /** Equals the file name. */
  readonly id: string
  readonly title: string
  readonly summary: string
  readonly owasp: readonly string[]
  /**
   * True where a document often promises what was never kept: beyond a share of its endpoints, one finding says so in
   * place of hundreds.
   */
  readonly folds?: true
  /** Looks at one call of a documented operation. */
  readonly call?: (judged: JudgedCall) => readonly Sighting[]
  /** Looks at an endpoint after the traffic. */
  readonly endpoint?: (endpoint: Endpoint, bound: BoundOperation | undefined) => readonly Sighting[]
  readonly severity: (sighted: Sighted) => Severity
  readonly why: (sighted: Sighted) => string
  readonly fix: (sighted: Sighted) => string
  readonly examples: { readonly fires: readonly DriftExample[]; readonly quiet: readonly DriftExample[] }
}

export { callCount }

/** Declares a rule: the identity function that checks its shape. */
export const defineDriftRule = (rule: DriftRule): DriftRule => rule

/** How a subject is named in a sentence. */
export function subjectText(subject: string): string {
  const colon = subject.indexOf(':')
  const kind = subject.slice(0, colon)
  const name = subject.slice(colon + 1)
  if (kind === 'query') return `query parameter \`${name}\``
  if (kind === 'path') return `path parameter \`${name}\``
  if (kind === 'header') return `header \`${name}\``
  if (kind === 'argument' || kind === 'field') return `${kind} \`${name}\``
  const side = kind === 'request' ? 'request' : 'response'
  return name === '$' ? `${side} body` : `${side} field \`${name}\``
}

/** A deviation's subject with its side: `query:q` as it is, `items[].card` as `response:items[].card`. */
export const sided = (side: 'request' | 'response', subject: string): string =>
  /^(?:query|path|header|argument|field):/.test(subject) ? subject : `${side}:${subject}`
