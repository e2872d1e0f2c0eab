import type { Workload } from '../../call/workload.ts'
import { environmentWord } from './environment.ts'
import type { Label } from './labels.ts'
import { workloadName } from './serving-workloads.ts'

type Property = 'owner' | 'environment' | 'group'

/** Names of workload labels by what they say, the plainest first; a name with a prefix (`example.com/team`) counts as its last part. */
const keys: Readonly<Record<Property, readonly string[]>> = {
  owner: ['owner', 'team', 'owned-by', 'owning-team', 'squad'],
  group: ['app.kubernetes.io/part-of', 'part-of', 'system', 'product', 'domain', 'application'],
  environment: ['environment', 'env', 'stage', 'tier.env', 'deployment-environment'],
}

/** What the labels of the workloads that answered say; the environment also from their namespaces. */
export function workloadLabel(workloads: readonly Workload[], property: Property): Label | undefined {
  for (const workload of workloads) {
    const found = labelOf(workload, keys[property])
    if (found !== undefined) {
      const [key, value] = found
      return { value, from: 'workload', why: `label ${key} of ${workloadName(workload) ?? 'its workload'}` }
    }
  }
  if (property !== 'environment') return undefined
  for (const { namespace } of workloads) {
    const found = namespace === undefined ? undefined : environmentWord(namespace.split(/[-_.]/))
    if (found !== undefined)
      return { value: found.environment, from: 'workload', why: `its namespace is ${namespace}` }
  }
  return undefined
}

function labelOf(
  { labels }: Workload,
  names: readonly string[],
): readonly [key: string, value: string] | undefined {
  if (labels === undefined) return undefined
  for (const name of names)
    for (const [key, value] of Object.entries(labels))
      if (value !== '' && (key === name || key.slice(key.lastIndexOf('/') + 1) === name)) return [key, value]
  return undefined
}
