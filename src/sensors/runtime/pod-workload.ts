import type { Workload } from '../../call/workload.ts'
import { known } from '../files/fields.ts'

/** What a source says of the pod that something happened in; every field where it says so. */
export interface PodSight {
  readonly cluster?: string | undefined
  readonly namespace?: string | undefined
  readonly pod?: string | undefined
  readonly container?: string | undefined
  readonly owner?: string | undefined
  readonly ownerKind?: string | undefined
  readonly serviceAccount?: string | undefined
  readonly node?: string | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
}

/** Letters that Kubernetes makes the ends of names of (apimachinery `rand.SafeEncodeString`). */
const ofReplicaSet = /^(.{1,240})-[bcdfghjklmnpqrstvwxz2456789]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}$/
const ofSet = /^(.{1,240})-[bcdfghjklmnpqrstvwxz2456789]{5}$/
const ordinal = /^(.{1,240})-\d{1,4}$/

/** The owner's name and kind as far as the name of its pod gives them away; the pod's own name where nothing does. */
export function ownerOfPod(
  pod: string,
  labels: Readonly<Record<string, string>> = {},
): { readonly name: string; readonly kind?: string } {
  const deployment = ofReplicaSet.exec(pod)?.[1]
  if (deployment !== undefined) return { name: deployment, kind: 'Deployment' }
  const set = ordinal.exec(pod)?.[1]
  if (set !== undefined) return { name: set, kind: 'StatefulSet' }
  const job = labels['batch.kubernetes.io/job-name'] ?? labels['job-name']
  if (job !== undefined) return { name: job, kind: 'Job' }
  const other = ofSet.exec(pod)?.[1]
  if (other === undefined) return { name: pod }
  return { name: other, ...(labels['pod-template-generation'] === undefined ? {} : { kind: 'DaemonSet' }) }
}

/** The workload: the owner of the pod, else the container, else the machine itself. */
export function workloadOfPod(sight: PodSight): Workload {
  const { cluster, namespace, pod, container, owner, ownerKind, serviceAccount, node, labels } = sight
  const kept = labels === undefined || Object.keys(labels).length === 0 ? undefined : labels
  const shared = known({ cluster, namespace, serviceAccount, pod, labels: kept })
  if (owner !== undefined) return { ...shared, ...known({ name: owner, kind: ownerKind }) }
  if (pod !== undefined) return { ...shared, ...ownerOfPod(pod, labels) }
  if (container !== undefined) return { ...shared, name: container, kind: 'Container' }
  return { ...known({ cluster }), ...(node === undefined ? {} : { name: node, kind: 'Node' }) }
}

const mostLabels = 32
const longestLabel = 256

/** `a=b,c=d` as labels; 32 at most. */
export function labelsOf(text: string | undefined): Readonly<Record<string, string>> | undefined {
  if (text === undefined) return undefined
  return labelsFrom(text.split(',', mostLabels).map(part => part.split('=', 2)))
}

/** Pairs of names and values as labels, without what is no text; 32 at most. */
export function labelsFrom(
  pairs: Iterable<readonly unknown[]>,
): Readonly<Record<string, string>> | undefined {
  const labels: [string, string][] = []
  for (const [name, value] of pairs) {
    if (typeof name !== 'string' || typeof value !== 'string' || name === '') continue
    if (name.length <= longestLabel && value.length <= longestLabel) labels.push([name.trim(), value.trim()])
    if (labels.length === mostLabels) break
  }
  return labels.length === 0 ? undefined : Object.fromEntries(labels)
}
