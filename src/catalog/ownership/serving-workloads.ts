import type { Workload } from '../../call/workload.ts'
import { keptWhole } from '../../kit/snapshot.ts'

/** Workloads told apart at one endpoint; further ones are counted. */
const maxWorkloads = 4
/** Labels kept of one workload, and their length; namespaces and names are at most as long as Kubernetes lets them be. */
const maxLabels = 32
const maxText = 128
const maxName = 253

/** `namespace/name`; the name alone, or the service account, where no more is known. Undefined where nothing is. */
export function workloadName({ namespace, name, serviceAccount }: Workload): string | undefined {
  const own = name ?? serviceAccount
  if (own === undefined) return undefined
  return (namespace === undefined ? own : `${namespace}/${own}`).slice(0, 2 * maxName)
}

/** The workloads behind one endpoint by name, with their latest labels. */
export class ServingWorkloads {
  private readonly byName = new Map<string, Workload>()
  /** Calls answered by workloads beyond the bound. */
  left = 0

  get size(): number {
    return this.byName.size
  }

  /** True where it told something new. */
  learn(workload: Workload): boolean {
    const name = workloadName(workload)
    if (name === undefined) return false
    const known = this.byName.get(name)
    if (known === undefined && this.byName.size >= maxWorkloads) {
      this.left += 1
      return false
    }
    if (known !== undefined && sameLabels(known.labels, workload.labels)) return false
    this.byName.set(name, kept(workload))
    return true
  }

  absorb(other: ServingWorkloads): void {
    this.left += other.left
    for (const workload of other.byName.values()) this.learn(workload)
  }

  names(): readonly string[] {
    return [...this.byName.keys()].sort()
  }

  /** In the order of their names. */
  list(): readonly Workload[] {
    return this.names().map(name => this.byName.get(name) as Workload)
  }

  static {
    keptWhole(ServingWorkloads, 'catalog/serving-workloads', 1)
  }
}

/** A call without labels says nothing against those of the calls before. */
function sameLabels(known: Workload['labels'], now: Workload['labels']): boolean {
  if (now === undefined) return true
  const keys = Object.keys(now)
  if (known === undefined || (keys.length <= maxLabels && keys.length !== Object.keys(known).length))
    return false
  return Object.entries(known).every(([key, value]) => now[key] === value)
}

function kept({ namespace, name, serviceAccount, labels }: Workload): Workload {
  const few = Object.entries(labels ?? {})
    .filter(([key, value]) => typeof value === 'string' && key.length <= maxText && value.length <= maxText)
    .slice(0, maxLabels)
  return {
    ...(namespace === undefined ? {} : { namespace: namespace.slice(0, maxName) }),
    ...(name === undefined ? {} : { name: name.slice(0, maxName) }),
    ...(serviceAccount === undefined ? {} : { serviceAccount: serviceAccount.slice(0, maxName) }),
    ...(few.length === 0 ? {} : { labels: Object.fromEntries(few) }),
  }
}
