import { isIPv6 } from 'node:net'
import { connections } from '../attempt.ts'
import type { Connection, Evidence } from '../evidence.ts'
import type { ExplainedLine } from '../manifest.ts'
import type { Party } from '../party.ts'
import { howOften } from '../words.ts'
import { observedMetadata, selectorLines } from './observed.ts'
import { assumptions, connectionSentence, keptByPeer, portsOf, shortName } from './peer-sentence.ts'
import type { PolicyKind, PolicySettings } from './policy-kind.ts'

export const namespaceLabel = 'kubernetes.io/metadata.name'

/** Ranges that are nobody's outside (RFC 1918, 6598, 3927; RFC 4193, 4291). */
const insideRanges = {
  '0.0.0.0/0': ['10.0.0.0/8', '100.64.0.0/10', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'],
  '::/0': ['fc00::/7', 'fe80::/10'],
} as const

/** Kubernetes NetworkPolicy, networking.k8s.io/v1. */
export const networkPolicy: PolicyKind = {
  id: 'networkpolicy',
  title: 'Kubernetes NetworkPolicy',
  kind: 'NetworkPolicy',
  concerns: connections,
  generate: (evidence, settings) => {
    const { subject, inbound, outbound } = evidence
    const ingressTold = inbound.length > 0 || evidence.asked.length > 0
    const egressTold = outbound.length > 0
    if (!ingressTold && !egressTold) return []
    const lines: ExplainedLine[] = []
    const notes: string[] = []
    const spec = {
      podSelector: { matchLabels: subject.labels ?? {} },
      policyTypes: [...(ingressTold ? ['Ingress'] : []), ...(egressTold ? ['Egress'] : [])],
      ...(ingressTold ? { ingress: ingress(evidence, settings, lines, notes) } : {}),
      ...(egressTold ? { egress: egress(evidence, lines, notes) } : {}),
    }
    lines.push(...selectorLines(subject, ['spec', 'podSelector']))
    if (!ingressTold) notes.push('No sensor told who connects to it: what comes in stays open.')
    if (!egressTold) notes.push('No sensor told what it connects to: what goes out stays open.')
    return [
      {
        document: {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'NetworkPolicy',
          metadata: observedMetadata(subject),
          spec,
        },
        lines,
        notes,
      },
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
    const from = peersOf(party, subject)
    if (from === undefined) {
      notes.push(notSaid(group, subject, evidence))
      continue
    }
    const ports = portsOf(group, listens)
    const path = ['spec', 'ingress', rules.length]
    for (const one of group) lines.push({ path, why: connectionSentence(one, peer, subject, options) })
    for (const why of assumptions(party, group, ports.length === 0)) lines.push({ path, why })
    if (peer.kind === 'outside' && gateway === undefined)
      lines.push({
        path,
        why: 'outside stands for addresses beyond the private ranges: name what lets callers in, if their addresses do not reach the pods',
      })
    rules.push({ from, ...(ports.length === 0 ? {} : { ports }) })
  }
  const unnamed = evidence.asked.filter(
    ({ caller, seen }) => caller.kind === 'unnamed' && seen.standing === 'kept',
  )
  if (unnamed.length > 0)
    notes.push(
      `Callers that no sensor named asked ${unnamed.reduce((sum, { seen }) => sum + seen.calls, 0)} times in the window: they are not allowed here.`,
    )
  return rules
}

function egress(evidence: Evidence, lines: ExplainedLine[], notes: string[]): readonly object[] {
  const { subject, outbound, options } = evidence
  const rules: object[] = [
    {
      to: [
        {
          namespaceSelector: { matchLabels: { [namespaceLabel]: 'kube-system' } },
          podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
        },
      ],
      ports: [
        { port: 53, protocol: 'UDP' },
        { port: 53, protocol: 'TCP' },
      ],
    },
  ]
  lines.push({
    path: ['spec', 'egress', 0],
    why: 'names are looked up at the DNS of the cluster; always kept',
  })
  for (const group of keptByPeer(outbound)) {
    const { peer } = group[0]!
    const to = peersOf(peer, subject)
    if (to === undefined) {
      notes.push(notSaid(group, subject, evidence))
      continue
    }
    const ports = portsOf(group, [])
    const path = ['spec', 'egress', rules.length]
    for (const one of group) lines.push({ path, why: connectionSentence(one, subject, peer, options) })
    for (const why of assumptions(peer, group, ports.length === 0)) lines.push({ path, why })
    if (peer.host !== undefined)
      lines.push({ path, why: `addresses at which ${peer.host} was met; they may change` })
    rules.push({ to, ...(ports.length === 0 ? {} : { ports }) })
  }
  return rules
}

/** Undefined where no address is known and a name is all there is: this kind of policy knows no names. */
function peersOf(party: Party, subject: Party): readonly object[] | undefined {
  if (party.kind === 'outside')
    return Object.entries(insideRanges).map(([cidr, except]) => ({ ipBlock: { cidr, except: [...except] } }))
  if (party.kind === 'host')
    return party.addresses === undefined || party.addresses.length === 0
      ? undefined
      : party.addresses.map(address => ({ ipBlock: { cidr: `${address}/${isIPv6(address) ? 128 : 32}` } }))
  if (party.kind === 'unnamed') return undefined
  const podSelector = { matchLabels: party.labels ?? {} }
  if (party.namespace === undefined)
    return [subject.namespace === undefined ? { podSelector } : { namespaceSelector: {}, podSelector }]
  return [
    party.namespace === subject.namespace
      ? { podSelector }
      : { namespaceSelector: { matchLabels: { [namespaceLabel]: party.namespace } }, podSelector },
  ]
}

const notSaid = (group: readonly Connection[], subject: Party, { options }: Evidence): string =>
  `Not allowed here, since no address is known: ${shortName(subject)} and ${group[0]!.peer.name}, ${howOften(group[0]!.seen, options)}. A policy that knows names can allow it.`
