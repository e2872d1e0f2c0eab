import type { NodeId } from '../node.ts'

/**
 * What somebody did, told finer than an edge: at which port, as whom, on which days.
 *
 * - `asks`: somebody → endpoint
 * - `connects`: workload or outside → workload, store or host
 * - `runs`: workload → program, a path
 * - `opens`: workload → file, a path
 * - `exercises`: identity → object of an API server, `secrets/shop/db-password`; the verb is the protocol
 */
export const useKinds = ['asks', 'connects', 'runs', 'opens', 'exercises'] as const
export type UseKind = (typeof useKinds)[number]

/** Which use it is; uses that agree in all of it are one. */
export interface UseKey {
  readonly kind: UseKind
  /** Who did it; absent where it came from inside and nobody named the workload. */
  readonly from?: NodeId
  /** A node's id, a path, or the name of an object. */
  readonly to: string
  /** Of `asks`: the workload that answered. */
  readonly server?: NodeId
  /** Of `asks`: `service:billing`; of kinds with many people in them `user:*`. Absent where the caller is nobody in particular. */
  readonly principal?: string
  /** Of the server's end. */
  readonly port?: number
  /** `tcp`, `udp`, `http`, `postgresql` …, lower case. */
  readonly protocol?: string
  /** Of `opens`: it was written to. */
  readonly writes?: boolean
}

/** What happened on one day; `day` is days since the epoch, UTC. */
export interface UseDay {
  readonly day: number
  /** Times, the refused ones included. */
  readonly count: number
  readonly refused: number
}

export interface Use extends UseKey {
  /** Ms since the epoch. */
  readonly firstSeen: number
  readonly lastSeen: number
  /** The days of the last 32 on which it happened, oldest first. */
  readonly days: readonly UseDay[]
  /** Addresses of the other end where they were seen beside its name; at most 16. */
  readonly addresses: readonly string[]
}
