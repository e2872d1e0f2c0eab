import type { MessagePort } from 'node:worker_threads'
import type { MergeReview } from '../catalog/directions/merge-review.ts'
import type { Endpoint } from '../catalog/endpoint.ts'
import type { Finding } from '../catalog/finding.ts'
import type { Incident } from '../detect/incident.ts'
import type { Signal } from '../detect/signal.ts'
import type { Tuning } from '../detect/tuning/tuning.ts'
import type { RolloutReading, WatchedPolicy } from '../enforce/rollout-watch.ts'
import type { SealedBundle } from '../enforce/sealed-bundle.ts'
import type { AddressRange } from '../identity/address-table.ts'
import type { PlainError } from '../kit/error.ts'
import type { EndpointId, IncidentId } from '../kit/id.ts'
import type { SensorHealth } from '../sensors/sensor-health.ts'
import type { StoredCall } from '../store/ports/call-store.ts'
import type { DecisionRecord, QuarantineEntry } from '../store/ports/state-store.ts'
import type { BacktestResult } from './backtest.ts'
import type { Config } from './config.ts'
import type { DataClassFile } from './data-class-file.ts'
import type { Directions } from './directions.ts'
import type { GraphQuestion } from './graph-questions.ts'
import type { TaughtKnowledge } from './policy-knowledge.ts'
import type { RingMemory } from './ring.ts'
import type { AnalysisSnapshot } from './snapshot.ts'
import type { CallerFacts, PrincipalFacts } from './usage.ts'

/** What the threads say to each other. Everything here crosses by structured clone: plain data only. */

/** What every loop that decides starts from. */
export interface GuardLoopData {
  /** Names the loop in decision ids: short, letters and digits. */
  readonly instance: string
  readonly key: Uint8Array
  readonly redaction: Config['redaction']
  readonly ring: RingMemory
  /** What policies come sealed with, and what holds without control. */
  readonly supply: {
    /** PEM. */
    readonly publicKey: string
    readonly bundleFile: string
    readonly bypassFile: string
  }
  /** What becomes of calls when no decision can be made. */
  readonly routes: Config['enforcement']['routes']
  /** Where budgets are counted together with others. */
  readonly budgets: Config['budgets']
  /** Where addresses are. */
  readonly addresses: readonly AddressRange[]
  /** What the loops remember of callers together; see `createFlowBuffer`. */
  readonly flow: SharedArrayBuffer
  /** Budgets that the loops draw on together; see `createBucketBuffer`. */
  readonly buckets: SharedArrayBuffer
}

export type ToGuardLoop =
  | { readonly type: 'analysis'; readonly snapshot: AnalysisSnapshot }
  | { readonly type: 'control'; readonly bundle: SealedBundle }
  /** What the catalog and detection say of endpoints and principals. */
  | { readonly type: 'knowledge'; readonly taught: TaughtKnowledge }
  | { readonly type: 'close'; readonly drainMs: number }

/** What a gateway loop is told besides. */
export type ToGateway =
  | ToGuardLoop
  /** Go by this from now on; where it listens stays. */
  | { readonly type: 'reload'; readonly config: Config['gateway']; readonly upstream: string }

export type FromGuardLoop =
  /** It has just begun, and waits to be told what to decide by. */
  | { readonly type: 'unbriefed' }
  /** The bundle of this version is in force; or it was refused, for this reason. */
  | { readonly type: 'controlled'; readonly version: number; readonly refused?: string }
  | {
      readonly type: 'report'
      readonly health: readonly SensorHealth[]
      readonly counters: Readonly<Record<string, number>>
      /** Whether shared budgets answer it; absent where there are none. */
      readonly budgets?: boolean
      readonly decisions: readonly DecisionRecord[]
      readonly quarantines: readonly QuarantineEntry[]
    }
  | { readonly type: 'closed' }

export interface GatewayWorkerData extends GuardLoopData {
  readonly config: Config['gateway']
  readonly upstream: string
  /** What the loops seal TLS sessions with. */
  readonly ticketKeys: Uint8Array
}

export type FromGateway =
  | FromGuardLoop
  /** The options are in force; or were refused, and those before stay. `what`: which of them were looked at again. */
  | { readonly type: 'reloaded'; readonly what: 'options' | 'certificates'; readonly trouble?: string }
  | { readonly type: 'listening'; readonly host: string; readonly port: number }
  | ({ readonly type: 'failed' } & PlainError)

/** What a thread that hosts several listeners says of them. */
type FromHost =
  /** Each that was asked for, or came for free, has started or failed once. */
  | { readonly type: 'ready' }
  | { readonly type: 'started'; readonly id: string; readonly address?: string }
  /** `asked`: it will be tried again. */
  | { readonly type: 'failed'; readonly id: string; readonly trouble: string; readonly asked: boolean }

export interface DecisionWorkerData extends GuardLoopData {
  readonly config: Config['decisionPoints']
}

export type FromDecisions = FromGuardLoop | FromHost

/** A Sallyport inside an application: its control in a thread, its decisions in the application's own. */
export interface ApplicationWorkerData {
  readonly config: Config
}

export type ToApplication = { readonly type: 'close' }

export type FromApplication =
  /** The loop that the application's thread is to run. */
  | { readonly type: 'lent'; readonly port: MessagePort; readonly data: GuardLoopData }
  | ({ readonly type: 'failed' } & PlainError)
  | { readonly type: 'said'; readonly line: string }
  | { readonly type: 'closed' }

export interface SensorWorkerData {
  readonly config: Config['sensors']
  readonly ring: RingMemory
}

export type ToSensors = { readonly type: 'close' }

export type FromSensors =
  | FromHost
  | {
      readonly type: 'report'
      readonly health: readonly SensorHealth[]
      readonly counters: Readonly<Record<string, number>>
    }
  | { readonly type: 'closed' }

/** A specification's document as it was given. */
export interface SpecSource {
  readonly name: string
  readonly source: string
}

export interface AnalysisWorkerData {
  /** Specifications from the start. */
  readonly specs: readonly SpecSource[]
  /** What people say of the catalog, from the start. */
  readonly directions: Directions
  /** What people say of detection, from the start. */
  readonly tuning: Tuning
  readonly analysis: Config['analysis']
  /** Data classes besides the built-in ones; already checked. */
  readonly dataClasses?: DataClassFile
  /** Where addresses are, of the configuration and of its file; already checked. */
  readonly addresses: readonly AddressRange[]
  readonly redaction: Config['redaction']
  readonly key: Uint8Array
  readonly rings: readonly RingMemory[]
  /** So many of them, the first, are those of the gateway's loops. */
  readonly gatewayRings: number
  /** One 32-bit number: calls that it took and the store has not acknowledged. What it held when it died is told from there. */
  readonly held: SharedArrayBuffer
  /** Where calls are written; absent: they are handed to the main thread, which holds the memory driver. */
  readonly store?: { readonly url: string; readonly username: string; readonly password: string }
  readonly instance: string
  /** Where what was learned is kept over a restart. */
  readonly stateFile: string
}

export type ToAnalysis =
  | { readonly type: 'store'; readonly url: string; readonly username: string; readonly password: string }
  /** The specifications to compare with, in place of those before; all can be read. */
  | { readonly type: 'specify'; readonly specs: readonly SpecSource[] }
  /** What people say of the catalog, in place of what they said before. */
  | { readonly type: 'direct'; readonly directions: Directions }
  /** What people say of detection, in place of what they said before. */
  | { readonly type: 'tune'; readonly tuning: Tuning }
  /** Policies whose effect is measured, in place of those before. */
  | { readonly type: 'watch'; readonly policies: readonly WatchedPolicy[] }
  /** A question to the graph; answered with the same id. */
  | { readonly type: 'ask'; readonly id: number; readonly question: GraphQuestion }
  | { readonly type: 'close' }

/** One backtest: see `Backtest`. */
export interface BacktestWorkerData {
  readonly detector: string
  readonly before: Readonly<Record<string, number>>
  readonly after: Readonly<Record<string, number>>
  /** Ms since the epoch. */
  readonly since?: number
  readonly exceptions?: Config['analysis']['exceptions']
  readonly dataClasses?: DataClassFile
  /** Where calls are read; absent: the main thread sends them. */
  readonly store?: AnalysisWorkerData['store']
  readonly withinMs: number
}

export type ToBacktest =
  | { readonly type: 'calls'; readonly calls: readonly StoredCall[] }
  | { readonly type: 'end' }

export type FromBacktest =
  /** For the next batch. */
  | { readonly type: 'ready' }
  | { readonly type: 'done'; readonly result: BacktestResult }
  | ({ readonly type: 'failed' } & PlainError)

/** Endpoint, who calls it, and what was learned about whose objects it answers with. */
export interface EndpointFacts {
  readonly endpoint: Endpoint
  readonly callers: readonly CallerFacts[]
}

/** What the catalog learned since the last time. */
export interface CatalogNews {
  readonly endpoints: readonly EndpointFacts[]
  /** Ids that are no more, merged ones among them. */
  readonly gone: readonly EndpointId[]
  readonly merged: readonly (readonly [from: EndpointId, to: EndpointId])[]
}

export type FromAnalysis =
  | { readonly type: 'ready'; readonly warmedUp: number; readonly resumed: boolean }
  | { readonly type: 'snapshot'; readonly snapshot: AnalysisSnapshot }
  /** Something that a person should read. */
  | { readonly type: 'said'; readonly line: string }
  /** The calls store began to refuse, for this reason, or takes calls again. */
  | { readonly type: 'store'; readonly trouble?: string }
  | { readonly type: 'calls'; readonly batch: readonly StoredCall[]; readonly token: string }
  /** While it learns again from recorded calls: the catalog as it was then, so that what changed is told in the calls' own time. */
  | ({ readonly type: 'catalog' } & CatalogNews)
  | ({
      readonly type: 'report'
      readonly signals: readonly Signal[]
      readonly incidents: readonly Incident[]
      /** Ids of incidents that turned out to be part of another. */
      readonly folded: readonly IncidentId[]
      readonly principals: readonly PrincipalFacts[]
      /** A bounded sample of the calls since the last report, for the live feed. */
      readonly calls: readonly StoredCall[]
      readonly observed: number
      readonly counters: Readonly<Record<string, number>>
      /** Of policies that are watched; absent while none is. */
      readonly rollouts?: readonly RolloutReading[]
      /** All there are; absent while nothing was looked at anew. */
      readonly findings?: readonly Finding[]
      /** Time of the newest event that the findings rest on, ms since the epoch; absent before the first. */
      readonly findingsAt?: number
      /** All there are, bounded; absent while they are as before. */
      readonly reviews?: readonly MergeReview[]
      /** Specified operations without a call, as endpoints without times; absent while they are as before. */
      readonly orphans?: readonly Endpoint[]
    } & CatalogNews)
  | {
      readonly type: 'answer'
      readonly id: number
      readonly answer?: unknown
      /** In its place: why there is none. */
      readonly refusal?: PlainError
    }
  /** Detection acts by these words. */
  | { readonly type: 'tuned'; readonly version: number }
  /** The catalog was told by these directions. */
  | { readonly type: 'directed'; readonly version: number }
  | { readonly type: 'closed' }
