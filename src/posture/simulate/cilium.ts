import type { AskAttempt, Attempt, ConnectAttempt } from '../attempt.ts'
import type { ManifestDocument } from '../manifest.ts'
import type { Party } from '../party.ts'
import { inCidr, someOutsideAddress } from './cidr.ts'
import { type Fields, fields, items, texts } from './selector.ts'
import type { Verdict } from './verdict.ts'

const namespaceKey = 'io.kubernetes.pod.namespace'

/** What a CiliumNetworkPolicy says to an attempt: a section that is there denies what no rule of it allows. */
export function ciliumVerdict(document: ManifestDocument, attempt: Attempt): Verdict {
  if (attempt.does !== 'connect' && attempt.does !== 'ask') return 'silent'
  const spec = fields(document.spec)
  const namespace = document.metadata.namespace
  const subject = (party: Party): boolean =>
    party.kind === 'workload' &&
    (namespace === undefined || party.namespace === namespace) &&
    isEndpoint(spec.endpointSelector, party, undefined)
  const verdicts: boolean[] = []
  if (spec.ingress !== undefined && subject(attempt.to))
    verdicts.push(
      items(spec.ingress).some(
        rule => from(fields(rule), attempt.from, namespace) && through(fields(rule), attempt),
      ),
    )
  if (spec.egress !== undefined && subject(attempt.from))
    verdicts.push(
      items(spec.egress).some(
        rule => to(fields(rule), attempt.to, namespace) && through(fields(rule), attempt),
      ),
    )
  return verdicts.length === 0 ? 'silent' : verdicts.every(Boolean) ? 'allows' : 'denies'
}

function from(rule: Fields, party: Party, namespace: string | undefined): boolean {
  if (rule.fromEntities !== undefined)
    return texts(rule.fromEntities).includes('world') && party.kind === 'outside'
  if (rule.fromCIDR !== undefined) return inAny(rule.fromCIDR, party)
  if (rule.fromEndpoints !== undefined)
    return items(rule.fromEndpoints).some(one => isEndpoint(one, party, namespace))
  return true
}

function to(rule: Fields, party: Party, namespace: string | undefined): boolean {
  if (rule.toEntities !== undefined) {
    const entities = texts(rule.toEntities)
    return (
      (entities.includes('world') && party.kind === 'outside') ||
      (entities.includes('kube-apiserver') && party.apiServer === true)
    )
  }
  if (rule.toCIDR !== undefined) return inAny(rule.toCIDR, party)
  if (rule.toFQDNs !== undefined)
    return items(rule.toFQDNs).some(one => party.kind === 'host' && fields(one).matchName === party.host)
  if (rule.toEndpoints !== undefined)
    return items(rule.toEndpoints).some(one => isEndpoint(one, party, namespace))
  return true
}

const inAny = (cidrs: unknown, party: Party): boolean => {
  const addresses = party.kind === 'outside' ? [someOutsideAddress] : (party.addresses ?? [])
  return texts(cidrs).some(cidr => addresses.some(address => inCidr(address, cidr)))
}

/** Without a word about the namespace, endpoints of the policy's own are meant. Prefixes of labels' sources mean nothing here. */
function isEndpoint(selector: unknown, party: Party, namespace: string | undefined): boolean {
  if (party.kind !== 'workload') return false
  const { matchLabels, matchExpressions } = fields(selector)
  const labels: Record<string, string> = { ...party.labels }
  if (party.namespace !== undefined) labels[namespaceKey] = party.namespace
  const wanted = Object.entries(fields(matchLabels)).map(([key, value]) => [bare(key), value] as const)
  const expressions = items(matchExpressions).map(one => ({
    ...fields(one),
    key: bare(String(fields(one).key)),
  }))
  if (
    namespace !== undefined &&
    ![...wanted.map(([key]) => key), ...expressions.map(({ key }) => key)].includes(namespaceKey) &&
    party.namespace !== namespace
  )
    return false
  return (
    wanted.every(([key, value]) => labels[key] === value) &&
    // A namespace that nobody told is one all the same.
    expressions.every(({ key }) => key === namespaceKey || labels[key] !== undefined)
  )
}

const bare = (key: string): string => key.replace(/^(?:k8s|any|container):/, '')

function through(rule: Fields, attempt: ConnectAttempt | AskAttempt): boolean {
  if (rule.toPorts === undefined) return true
  return items(rule.toPorts).some(entry => {
    const { ports, rules } = fields(entry)
    const transport = attempt.does === 'ask' ? 'TCP' : attempt.transport
    const open = items(ports).some(one => {
      const { port, protocol = 'ANY' } = fields(one)
      return (
        (protocol === 'ANY' || protocol === transport) &&
        (attempt.port === undefined || String(attempt.port) === port)
      )
    })
    if (!open) return false
    const { http } = fields(rules)
    if (http === undefined || attempt.does === 'connect') return true
    return items(http).some(one => {
      const { method, path } = fields(one)
      return whole(method, attempt.method) && whole(path, attempt.path)
    })
  })
}

/** A regular expression upon a whole text; absent, anything will do. The expressions are those of a document that we made. */
const whole = (pattern: unknown, text: string): boolean =>
  typeof pattern !== 'string' || new RegExp(`^(?:${pattern})$`).test(text)
