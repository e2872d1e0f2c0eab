import type { KubernetesObject } from '../../call/resource-event.ts'
import { isInside, isInsideBlock } from './address.ts'
import { fieldsOf, type Labels, labelsOf, listOf, textOf, textsOf } from './fields.ts'

const no = (value: string): boolean => value === '' || value === 'false' || value === '0'

/**
 * Annotations by which clouds are asked for a load balancer that only the private network reaches, with the values that say so.
 * From the controllers' own documentation: AWS (in-tree and Load Balancer Controller), GKE, AKS, OCI, IBM, Alibaba, OpenStack.
 */
const internalBy: Readonly<Record<string, (value: string) => boolean>> = {
  'service.beta.kubernetes.io/aws-load-balancer-internal': value => !no(value),
  'service.beta.kubernetes.io/aws-load-balancer-scheme': value => value === 'internal',
  'alb.ingress.kubernetes.io/scheme': value => value === 'internal',
  'networking.gke.io/load-balancer-type': value => value.toLowerCase() === 'internal',
  'cloud.google.com/load-balancer-type': value => value.toLowerCase() === 'internal',
  'service.beta.kubernetes.io/azure-load-balancer-internal': value => value === 'true',
  'appgw.ingress.kubernetes.io/use-private-ip': value => value === 'true',
  'service.beta.kubernetes.io/oci-load-balancer-internal': value => value === 'true',
  'service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type': value => value === 'private',
  'service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type': value => value === 'intranet',
  'service.beta.kubernetes.io/openstack-internal-load-balancer': value => value === 'true',
  'kubernetes.io/ingress.class': value => value === 'gce-internal',
}

/** Why only the private network reaches what these annotations ask for; undefined where they do not say so. */
export function internalReason(annotations: Labels): string | undefined {
  for (const [name, says] of Object.entries(internalBy)) {
    const value = Object.hasOwn(annotations, name) ? annotations[name] : undefined
    if (value !== undefined && says(value)) return `annotation ${name}: ${value}`
  }
  return undefined
}

/** Why a balancer that was set up is private: all its addresses are. */
export function privateAddress(status: unknown): string | undefined {
  const { ingress } = fieldsOf(fieldsOf(status).loadBalancer)
  const given = listOf(ingress)
  const ips = given.flatMap(one => textOf(one.ip) ?? [])
  return ips.length > 0 && ips.length === given.length && ips.every(isInside)
    ? `its address ${ips[0]} is private`
    : undefined
}

/** Load balancers that the AWS Load Balancer Controller makes are internal unless told otherwise. */
const madeInternal = (annotations: Labels, loadBalancerClass: string | undefined): boolean =>
  (loadBalancerClass === 'service.k8s.aws/nlb' ||
    ['external', 'nlb-ip'].includes(
      annotations['service.beta.kubernetes.io/aws-load-balancer-type'] ?? '',
    )) &&
  annotations['service.beta.kubernetes.io/aws-load-balancer-scheme'] !== 'internet-facing'

/** How something is reached from beyond the cluster. */
export interface Opening {
  /** Anybody can; otherwise only the private network around the cluster. */
  readonly outside: boolean
  readonly why: string
}

/** How a Service opens the cluster; undefined for one that does not. */
export function serviceOpening({ metadata, spec: given, status }: KubernetesObject): Opening | undefined {
  const spec = fieldsOf(given)
  const annotations = labelsOf(metadata.annotations)
  const externalIps = textsOf(spec.externalIPs).filter(ip => !isInside(ip))
  if (spec.type === 'LoadBalancer') {
    const ranges = textsOf(spec.loadBalancerSourceRanges)
    const reason =
      internalReason(annotations) ??
      (madeInternal(annotations, textOf(spec.loadBalancerClass))
        ? 'the AWS Load Balancer Controller makes it internal unless told otherwise'
        : undefined) ??
      privateAddress(status) ??
      (ranges.length > 0 && ranges.every(isInsideBlock)
        ? `loadBalancerSourceRanges let in only ${ranges.slice(0, 4).join(', ')}`
        : undefined)
    if (reason !== undefined)
      return { outside: false, why: `Service ${metadata.name} is a LoadBalancer, but ${reason}` }
    const limited = ranges.length === 0 ? '' : ` for ${ranges.slice(0, 4).join(', ')}`
    return { outside: true, why: `Service ${metadata.name} is a LoadBalancer${limited}` }
  }
  if (externalIps.length > 0)
    return { outside: true, why: `Service ${metadata.name} has the external address ${externalIps[0]}` }
  if (spec.type !== 'NodePort') return undefined
  const ports = listOf(spec.ports).flatMap(({ nodePort }) => (typeof nodePort === 'number' ? [nodePort] : []))
  return {
    outside: true,
    why: `Service ${metadata.name} is a NodePort${ports.length === 0 ? '' : ` (${ports.slice(0, 4).join(', ')})`}`,
  }
}
