import type { KubernetesObject } from '../../call/resource-event.ts'
import { internalReason, type Opening, privateAddress } from './balancer.ts'
import { type Fields, fieldsOf, labelsOf, listOf, textOf, textsOf } from './fields.ts'

export interface RoutePath {
  readonly value: string
  readonly exact: boolean
}

/** A way from a host and path to a Service, as an Ingress or a route says it. */
export interface RouteWay {
  readonly namespace: string
  readonly service: string
  /** Lower case, `*.` in front for all below; absent for any host. */
  readonly host?: string
  /** Absent for any path. */
  readonly path?: RoutePath
  /** Gateways that it is bound to; its own opening where it needs none. */
  readonly gateways: readonly GatewayRef[]
  readonly opening?: Opening
  readonly why: string
}

export interface GatewayRef {
  readonly kind: 'Gateway' | 'IstioGateway'
  readonly namespace: string
  readonly name: string
}

/** Ways that one object may make. */
const maxWays = 2_000

/** The ways that an object makes; none for an object of another kind. `kind` tells Istio's kinds from others. */
export function waysOf(kind: string, object: KubernetesObject): readonly RouteWay[] {
  const ways =
    kind === 'Ingress'
      ? ofIngress(object)
      : kind === 'Route'
        ? ofOpenshift(object)
        : kind === 'VirtualService'
          ? ofIstio(object)
          : routeKinds.has(kind)
            ? ofGatewayRoute(object)
            : []
  return ways.slice(0, maxWays)
}

const routeKinds: ReadonlySet<string> = new Set(['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute'])

/** Kinds that make ways. */
export const wayKinds: readonly string[] = ['Ingress', 'Route', 'VirtualService', ...routeKinds]

const home = (object: KubernetesObject): string => object.metadata.namespace ?? 'default'

const hostOf = (value: unknown): { readonly host?: string } => {
  const host = textOf(value)?.toLowerCase()
  return host === undefined || host === '*' ? {} : { host }
}

const pathOf = (value: unknown, exact: boolean): { readonly path?: RoutePath } => {
  const path = textOf(value)
  if (path === undefined || (path === '/' && !exact)) return {}
  // Some controllers write `/api/*` for all below.
  return { path: { value: path.endsWith('/*') ? path.slice(0, -1) : path, exact } }
}

function ofIngress(object: KubernetesObject): readonly RouteWay[] {
  const namespace = home(object)
  const spec = fieldsOf(object.spec)
  const annotations = labelsOf(object.metadata.annotations)
  const { name } = object.metadata
  const byClass = annotations['kubernetes.io/ingress.class'] ?? textOf(spec.ingressClassName)
  const reason =
    internalReason(annotations) ??
    (byClass === 'alb' && annotations['alb.ingress.kubernetes.io/scheme'] !== 'internet-facing'
      ? 'the AWS Load Balancer Controller makes it internal unless told otherwise'
      : undefined) ??
    privateAddress(object.status)
  const opening: Opening = {
    outside: reason === undefined,
    why: `Ingress ${name}${reason === undefined ? '' : `, but ${reason}`}`,
  }
  const to = (backend: unknown, rest: Partial<RouteWay>): readonly RouteWay[] => {
    const { service, serviceName } = fieldsOf(backend)
    const target = textOf(fieldsOf(service).name) ?? textOf(serviceName)
    return target === undefined
      ? []
      : [{ namespace, service: target, gateways: [], opening, why: `Ingress ${name}`, ...rest }]
  }
  return [
    ...to(spec.defaultBackend ?? spec.backend, {}),
    ...listOf(spec.rules).flatMap(rule =>
      listOf(fieldsOf(rule.http).paths).flatMap(({ path, pathType, backend }) =>
        to(backend, { ...hostOf(rule.host), ...pathOf(path, pathType === 'Exact') }),
      ),
    ),
  ]
}

function ofOpenshift(object: KubernetesObject): readonly RouteWay[] {
  const spec = fieldsOf(object.spec)
  const { name } = object.metadata
  return [spec.to, ...listOf(spec.alternateBackends)].flatMap(target => {
    const service = textOf(fieldsOf(target).name)
    return service === undefined
      ? []
      : [
          {
            namespace: home(object),
            service,
            ...hostOf(spec.host),
            ...pathOf(spec.path, false),
            gateways: [],
            opening: { outside: true, why: `Route ${name}` },
            why: `Route ${name}`,
          },
        ]
  })
}

function ofGatewayRoute(object: KubernetesObject): readonly RouteWay[] {
  const namespace = home(object)
  const spec = fieldsOf(object.spec)
  const gateways = listOf(spec.parentRefs).flatMap((parent): readonly GatewayRef[] => {
    const name = textOf(parent.name)
    // A route may be bound to a Service as well: that is for the mesh alone.
    return name === undefined || (parent.kind !== undefined && parent.kind !== 'Gateway')
      ? []
      : [{ kind: 'Gateway', namespace: textOf(parent.namespace) ?? namespace, name }]
  })
  if (gateways.length === 0) return []
  const hosts = textsOf(spec.hostnames)
  const why = `${object.kind} ${object.metadata.name}`
  return listOf(spec.rules).flatMap(rule => {
    const matches = listOf(rule.matches)
    const paths = (matches.length === 0 ? [{}] : matches).map(({ path, method }: Fields) => {
      const service = textOf(fieldsOf(method).service)
      if (service !== undefined) return pathOf(`/${service}/`, false)
      const { type, value } = fieldsOf(path)
      return type === 'RegularExpression' ? {} : pathOf(value, type === 'Exact')
    })
    return listOf(rule.backendRefs).flatMap(backend => {
      const service = textOf(backend.name)
      if (service === undefined || (backend.kind !== undefined && backend.kind !== 'Service')) return []
      return (hosts.length === 0 ? [undefined] : hosts).flatMap(host =>
        paths.map(path => ({
          namespace: textOf(backend.namespace) ?? namespace,
          service,
          ...hostOf(host),
          ...path,
          gateways,
          why,
        })),
      )
    })
  })
}

function ofIstio(object: KubernetesObject): readonly RouteWay[] {
  const namespace = home(object)
  const spec = fieldsOf(object.spec)
  const gateways = textsOf(spec.gateways).flatMap((gateway): readonly GatewayRef[] => {
    if (gateway === 'mesh') return []
    const slash = gateway.indexOf('/')
    return [
      {
        kind: 'IstioGateway',
        namespace: slash < 0 ? namespace : gateway.slice(0, slash),
        name: gateway.slice(slash + 1),
      },
    ]
  })
  // Without a gateway it speaks to the mesh alone.
  if (gateways.length === 0) return []
  const hosts = textsOf(spec.hosts)
  return [...listOf(spec.http), ...listOf(spec.tls), ...listOf(spec.tcp)].flatMap(rule => {
    const matches = listOf(rule.match)
    const paths = (matches.length === 0 ? [{}] : matches).map(({ uri }: Fields) => {
      const { exact, prefix } = fieldsOf(uri)
      return exact === undefined ? pathOf(prefix, false) : pathOf(exact, true)
    })
    return listOf(rule.route).flatMap(({ destination }) => {
      const target = serviceIn(textOf(fieldsOf(destination).host), namespace)
      if (target === undefined) return []
      return (hosts.length === 0 ? [undefined] : hosts).flatMap(host =>
        paths.map(path => ({
          ...target,
          ...hostOf(host),
          ...path,
          gateways,
          why: `VirtualService ${object.metadata.name}`,
        })),
      )
    })
  })
}

/** `orders`, `orders.shop`, `orders.shop.svc.cluster.local`. */
function serviceIn(
  host: string | undefined,
  namespace: string,
): { readonly namespace: string; readonly service: string } | undefined {
  const [service, own, svc] = (host ?? '').toLowerCase().split('.')
  if (service === undefined || service === '') return undefined
  if (own !== undefined && svc !== undefined && svc !== 'svc') return undefined
  return { namespace: own ?? namespace, service }
}
