import type { Opening } from './balancer.ts'
import type { ClusterWorkload } from './cluster-workload.ts'
import { type Isolation, peersText, staysHome } from './network-policy.ts'

/** Who can reach a workload, as far as objects say: anybody, what runs in the cluster, or only its own namespace. */
export interface Exposure {
  readonly level: 'internet' | 'cluster' | 'namespace'
  /** Half sentences, the strongest first. */
  readonly why: readonly string[]
}

/** A way in, and whether it passes a gateway on its way: a policy of the workload then sees the gateway, not who is behind it. */
export interface WayIn extends Opening {
  readonly routed: boolean
}

/** @param ways From beyond the cluster. @param ingress What policies let in. */
export function exposureOf(workload: ClusterWorkload, ways: readonly WayIn[], ingress: Isolation): Exposure {
  const policies = ingress.policies.map(name => `NetworkPolicy ${name}`).join(', ')
  const isolated = ingress.policies.length > 0
  const shut = isolated && !ingress.outside
  const blocked = (way: WayIn): boolean => shut && !way.routed
  const outside = ways.filter(way => way.outside && !blocked(way))
  if (outside.length > 0) return { level: 'internet', why: unique(outside.map(way => way.why)) }
  const reasons = ways.map(way =>
    blocked(way) ? `${way.why}, but ${policies} lets in only ${peersText(ingress)}` : way.why,
  )
  if (isolated && staysHome(ingress, workload.namespace) && !ways.some(way => way.routed))
    return {
      level: 'namespace',
      why: unique([`${policies} lets in only ${peersText(ingress)} of its namespace`, ...reasons]),
    }
  const limit = !isolated
    ? 'nothing lets it be reached from outside, and no NetworkPolicy limits who reaches it within the cluster'
    : ingress.anybody
      ? `${policies} lets in everybody`
      : `${policies} lets in ${peersText(ingress)}`
  return { level: 'cluster', why: unique([...reasons, limit]) }
}

const unique = (reasons: readonly string[]): readonly string[] => [...new Set(reasons)].slice(0, 8)
