import type { Asked, Connection, Evidence, Touched } from './evidence.ts'
import type { Party } from './party.ts'
import type { Seen } from './seen.ts'

/** Something that somebody does or might do. */
export type Attempt = ConnectAttempt | AskAttempt | PathAttempt | ExerciseAttempt

export interface ConnectAttempt {
  readonly does: 'connect'
  readonly from: Party
  readonly to: Party
  /** Absent where nobody knows: any port that is open between the two will do. */
  readonly port?: number
  readonly transport: 'TCP' | 'UDP'
}

export interface AskAttempt {
  readonly does: 'ask'
  readonly from: Party
  readonly to: Party
  readonly port?: number
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly host: string
  /** The path's template in the catalog, where it is known. */
  readonly template?: string
  /** `service:billing`; absent where nobody in particular asks. */
  readonly principal?: string
}

export interface PathAttempt {
  readonly does: 'run' | 'open'
  readonly by: Party
  readonly path: string
  readonly writes?: boolean
}

/** An account asks the API server for something. */
export interface ExerciseAttempt {
  readonly does: 'exercise'
  /** `shop/orders` */
  readonly account: string
  readonly verb: string
  /** Of the core group. */
  readonly resource: string
  readonly namespace: string
  readonly name?: string
}

/** What was seen, as something that is tried again. */
export interface SeenAttempt {
  readonly seen: Seen
  readonly attempt: Attempt
  /** `cart → orders at 8080` */
  readonly what: string
}

export const connections = (evidence: Evidence): readonly SeenAttempt[] => [
  ...evidence.inbound.map(one => connection(one, one.peer, evidence.subject)),
  ...evidence.outbound.map(one => connection(one, evidence.subject, one.peer)),
]

function connection({ seen, port, transport }: Connection, from: Party, to: Party): SeenAttempt {
  return {
    seen,
    attempt: { does: 'connect', from, to, transport, ...(port === undefined ? {} : { port }) },
    what: `${from.name} → ${to.name}${port === undefined ? '' : ` at ${port}`}`,
  }
}

export const askings = (evidence: Evidence): readonly SeenAttempt[] =>
  evidence.asked.map(({ seen, caller, principal, endpoint, port }: Asked) => ({
    seen,
    attempt: {
      does: 'ask',
      from: caller,
      to: evidence.subject,
      method: endpoint.method,
      // Values that a placeholder would stand for.
      path: endpoint.template.replace(/\{[^{}]*\}/g, 'x1'),
      host: endpoint.host,
      template: endpoint.template,
      ...(port === undefined ? {} : { port }),
      ...(principal === undefined ? {} : { principal: principal.replace(/\*$/, 'somebody') }),
    },
    what: `${principal ?? caller.name} → ${endpoint.method} ${endpoint.host}${endpoint.template}`,
  }))

export const touches = (evidence: Evidence): readonly SeenAttempt[] => [
  ...evidence.ran.map(one => touch(one, 'run', evidence.subject)),
  ...evidence.opened.map(one => touch(one, 'open', evidence.subject)),
]

const touch = ({ seen, path, writes }: Touched, does: 'run' | 'open', by: Party): SeenAttempt => ({
  seen,
  attempt: { does, by, path, ...(writes ? { writes } : {}) },
  what: `${by.name} ${does === 'run' ? 'runs' : writes ? 'writes' : 'reads'} ${path}`,
})

export const exercises = ({ subject, exercised }: Evidence): readonly SeenAttempt[] =>
  exercised.map(({ seen, verb, resource, namespace, name }) => ({
    seen,
    attempt: {
      does: 'exercise',
      account: `${subject.namespace ?? ''}/${subject.serviceAccount ?? ''}`,
      verb,
      resource,
      namespace,
      ...(name === undefined ? {} : { name }),
    },
    what: `${subject.name} → ${verb} ${resource} ${namespace}${name === undefined ? '' : `/${name}`}`,
  }))
