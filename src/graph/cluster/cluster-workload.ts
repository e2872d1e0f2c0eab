import type { KubernetesObject } from '../../call/resource-event.ts'
import type { Labels } from './fields.ts'
import type { PodShape } from './pod-shape.ts'

/** Software that runs in a cluster: what owns the pods. */
export interface ClusterWorkload {
  readonly namespace: string
  readonly name: string
  /** `Deployment`, `StatefulSet`, `CronJob` …, or `Pod` where nothing owns it. */
  readonly kind: string
  /** Labels of the owner itself. */
  readonly labels: Labels
  /** Of its template, then of pods that differ from it; one at least. */
  readonly shapes: readonly PodShape[]
  /** Service accounts its pods run as, sorted. */
  readonly serviceAccounts: readonly string[]
  readonly version?: string
}

export interface ClusterService {
  readonly namespace: string
  readonly name: string
  readonly type: string
  readonly object: KubernetesObject
  /** Who answers; sorted by name. */
  readonly workloads: readonly ClusterWorkload[]
  /** Another name that it stands for, of type ExternalName. */
  readonly externalName?: string
}
