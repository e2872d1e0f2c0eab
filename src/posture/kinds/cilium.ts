import { isIPv6 } from 'node:net'
import { askings, connections } from '../attempt.ts'
import type { Asked, Evidence } from '../evidence.ts'
import type { ExplainedLine, Manifest } from '../manifest.ts'
import type { Party } from '../party.ts'
import { howOften } from '../words.ts'
import { observedMetadata, selectorLines } from './observed.ts'
import { asksInVain, assumptions, connectionSentence, keptByPeer, portsOf } from './peer-sentence.ts'
import type { PolicyKind, PolicySettings } from './policy-kind.ts'
import { templateRegex } from './template-path.ts'

export const podNamespaceLabel = 'k8s:io.kubernetes.pod.namespace'
/** Ports of one `toPorts` entry, as the definition bounds them. */
const maxPorts = 40

/** CiliumNetworkPolicy, cilium.io/v2: ends, ports, and of HTTP the methods and paths. */
export const cilium: PolicyKind = {
  id: 'cilium',
  title: 'CiliumNetworkPolicy',
  kind: 'CiliumNetworkPolicy',
  concerns: evidence => [...connections(evidence), ...askings(evidence)],
  generate: (evidence, settings) => {
    const { subject, inbound, outbound, asked } = evidence
    const ingressTold = inbound.length > 0 || asked.length > 0
    if (!ingressTold && outbound.length === 0) return []
    const lines: ExplainedLine[] = []
    const notes: string[] = []
    lines.push(...selectorLines(subject, ['spec', 'endpointSelector']))
    if (!ingressTold) notes.push('No sensor told who connects to it: what comes in stays open.')
    if (outbound.length === 0) notes.push('No sensor told what it connects to: what goes out stays open.')
    return [
      {
        document: {
          apiVersion: 'cilium.io/v2',
          kind: 'CiliumNetworkPolicy',
          metadata: observedMetadata(subject),
          spec: {
            endpointSelector: { matchLabels: subject.labels ?? {} },
            ...(ingressTold ? { ingress: ingress(evidence, settings, lines, notes) } : {}),
            ...(outbound.length > 0 ? { egress: egress(evidence, lines, notes) } : {}),
          },
        },
        lines,
        notes,
      } satisfies Manifest,
    ]
  },
}

function ingress(
  evidence: Evidence,
  { gateway }: PolicySettings,
  lines: ExplainedLine[],
  notes: string[],
): readonly object[] {
  const { subject, inbound, options, listens } = evidence
  const rules: object[] = []
  for (const group of keptByPeer(inbound)) {
    const { peer } = group[0]!
    const party = peer.kind === 'outside' && gateway !== undefined ? gateway : peer
    const from = fromOf(party, subject)
    if (from === undefined) {
      notes.push(
        `Not allowed here, since nobody named them: ${peer.name}, ${howOften(group[0]!.seen, options)}.`,
      )
      continue
    }
    if (asksInVain(evidence, peer)) continue
    const asked = keptAskings(evidence, peer)
    const ports = portsOf(group, listens)
    const at = rules.length
    for (const one of group)
      lines.push({ path: ['spec', 'ingress', at], why: connectionSentence(one, peer, subject, options) })
    for (const why of assumptions(party, group, ports.length === 0))
      lines.push({ path: ['spec', 'ingress', at], why })
    rules.push({ ...from, ...portRules(ports, asked, ['spec', 'ingress', at], evidence, lines) })
  }
  return rules
}

/** What the caller asked and is to go on asking. */
const keptAskings = ({ asked }: Evidence, peer: Party): readonly Asked[] =>
  asked.filter(({ caller, seen }) => seen.standing === 'kept' && caller.node === peer.node)

function portRules(
  ports: ReturnType<typeof portsOf>,
  asked: readonly Asked[],
  path: readonly (string | number)[],
  { options }: Evidence,
  lines: ExplainedLine[],
): object {
  if (ports.length === 0) {
    if (asked.length > 0) lines.push({ path, why: 'requests cannot be told apart where no port is known' })
    return {}
  }
  const http = new Map<string, { rule: object; whys: string[] }>()
  for (const { endpoint, seen, principal } of asked) {
    const regex = templateRegex(endpoint.template)
    const key = `${endpoint.method} ${regex}`
    const known = http.get(key) ?? { rule: { method: endpoint.method, path: regex }, whys: [] }
    http.set(key, known)
    known.whys.push(
      `${endpoint.method} ${endpoint.host}${endpoint.template}${principal === undefined ? '' : ` as ${principal}`}: ${howOften(seen, options)}`,
    )
  }
  const spoken = [...http].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)
  const asksAt = new Set(asked.map(({ port }) => port))
  // Of requests whose port nobody told, any port of the connection may be theirs.
  const isHttp = (port: number): boolean => asksAt.has(port) || asksAt.has(undefined)
  const toPorts: object[] = []
  for (const [some, withHttp] of [
    [ports.filter(({ port, protocol }) => spoken.length > 0 && protocol === 'TCP' && isHttp(port)), true],
    [ports.filter(({ port, protocol }) => spoken.length === 0 || protocol !== 'TCP' || !isHttp(port)), false],
  ] as const) {
    for (let start = 0; start < some.length; start += maxPorts) {
      const at = toPorts.length
      toPorts.push({
        ports: some
          .slice(start, start + maxPorts)
          .map(({ port, protocol }) => ({ port: String(port), protocol })),
        ...(withHttp ? { rules: { http: spoken.map(({ rule }) => rule) } } : {}),
      })
      if (withHttp)
        for (const [index, { whys }] of spoken.entries())
          for (const why of whys) lines.push({ path: [...path, 'toPorts', at, 'rules', 'http', index], why })
    }
  }
  return { toPorts }
}

function egress(evidence: Evidence, lines: ExplainedLine[], notes: string[]): readonly object[] {
  const { subject, outbound, options } = evidence
  const rules: object[] = [
    {
      toEndpoints: [{ matchLabels: { [podNamespaceLabel]: 'kube-system', 'k8s:k8s-app': 'kube-dns' } }],
      toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }], rules: { dns: [{ matchPattern: '*' }] } }],
    },
  ]
  lines.push({
    path: ['spec', 'egress', 0],
    why: 'names are looked up at the DNS of the cluster; always kept, and read, so that names can be allowed',
  })
  for (const group of keptByPeer(outbound)) {
    const { peer } = group[0]!
    const to = toOf(peer, subject)
    if (to === undefined) {
      notes.push(
        `Not allowed here, since nobody named it: ${peer.name}, ${howOften(group[0]!.seen, options)}.`,
      )
      continue
    }
    const path = ['spec', 'egress', rules.length]
    const ports = portsOf(group, [])
    for (const one of group) lines.push({ path, why: connectionSentence(one, subject, peer, options) })
    for (const why of assumptions(peer, group, ports.length === 0)) lines.push({ path, why })
    rules.push({ ...to, ...portRules(ports, [], path, evidence, lines) })
  }
  return rules
}

function fromOf(party: Party, subject: Party): object | undefined {
  if (party.kind === 'outside') return { fromEntities: ['world'] }
  if (party.kind === 'workload') return { fromEndpoints: [endpointOf(party, subject)] }
  const cidrs = cidrsOf(party)
  return cidrs === undefined ? undefined : { fromCIDR: cidrs }
}

function toOf(party: Party, subject: Party): object | undefined {
  if (party.kind === 'outside') return { toEntities: ['world'] }
  if (party.kind === 'workload') return { toEndpoints: [endpointOf(party, subject)] }
  if (party.apiServer === true) return { toEntities: ['kube-apiserver'] }
  if (party.host !== undefined && isName(party.host)) return { toFQDNs: [{ matchName: party.host }] }
  const cidrs = cidrsOf(party)
  return cidrs === undefined ? undefined : { toCIDR: cidrs }
}

/** A name as the definition takes it. */
const isName = (host: string): boolean =>
  host.length <= 255 && /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?$/.test(host)

const cidrsOf = ({ addresses = [] }: Party): readonly string[] | undefined =>
  addresses.length === 0 ? undefined : addresses.map(address => `${address}/${isIPv6(address) ? 128 : 32}`)

/** Without a namespace, endpoints of the policy's own are meant; of one that nobody told, those of any. */
function endpointOf(party: Party, subject: Party): object {
  const labels = party.labels ?? {}
  if (party.namespace === undefined)
    return {
      matchLabels: labels,
      matchExpressions: [{ key: podNamespaceLabel, operator: 'Exists' }],
    }
  return party.namespace === subject.namespace
    ? { matchLabels: labels }
    : { matchLabels: { [podNamespaceLabel]: party.namespace, ...labels } }
}
