import { askings, connections } from '../attempt.ts'
import type { Asked, Connection, Evidence } from '../evidence.ts'
import type { ExplainedLine } from '../manifest.ts'
import type { Party } from '../party.ts'
import { howOften } from '../words.ts'
import { observedMetadata, selectorLines } from './observed.ts'
import { asksInVain, connectionSentence, portsOf, shortName } from './peer-sentence.ts'
import type { PolicyKind, PolicySettings } from './policy-kind.ts'
import { templateIstioPath, widensSegment } from './template-path.ts'

/** Istio AuthorizationPolicy, security.istio.io/v1: who may ask what of the workload. Of what it asks itself it says nothing. */
export const istio: PolicyKind = {
  id: 'istio',
  title: 'Istio AuthorizationPolicy',
  kind: 'AuthorizationPolicy',
  concerns: evidence => [
    ...askings(evidence),
    ...connections(evidence).filter(
      ({ attempt }) => attempt.does === 'connect' && attempt.to.node === evidence.subject.node,
    ),
  ],
  generate: (evidence, settings) => {
    const { subject, inbound, asked } = evidence
    if (inbound.length === 0 && asked.length === 0) return []
    const lines: ExplainedLine[] = []
    const notes: string[] = []
    const rules: object[] = []
    for (const caller of callers(evidence)) {
      const from = sourceOf(caller.party, settings)
      const to: object[] = []
      const path = ['spec', 'rules', rules.length]
      if (typeof from === 'string') lines.push({ path, why: from })
      else for (const why of from.whys) lines.push({ path: [...path, 'from', 0], why })
      for (const [operation, whys] of operationsOf(caller.asked, evidence, notes)) {
        for (const why of whys) lines.push({ path: [...path, 'to', to.length], why })
        to.push({ operation })
      }
      for (const [operation, why] of plainly(caller, evidence)) {
        lines.push({ path: [...path, 'to', to.length], why })
        to.push({ operation })
      }
      if (to.length === 0) {
        // Nothing can be said of what is asked: the whole workload is open to this caller.
        if (caller.connections.length === 0) {
          removeLinesBelow(lines, path)
          continue
        }
        for (const one of caller.connections)
          lines.push({ path, why: connectionSentence(one, one.peer, subject, evidence.options) })
        lines.push({ path, why: 'neither port nor requests were seen: the whole workload is open to it' })
        // A rule without any part would be open to everybody; who calls is known to nobody then.
        if (typeof from === 'string') {
          removeLinesBelow(lines, path)
          notes.push(`Not allowed here, since nothing tells it apart: ${caller.party.name}.`)
          continue
        }
      }
      rules.push({
        ...(typeof from === 'string' ? {} : { from: [{ source: from.source }] }),
        ...(to.length === 0 ? {} : { to }),
      })
    }
    notes.push(
      'Only recorded (istio.io/dry-run) until the annotation is taken away. Names of callers come from mutual TLS: callers without it are nobody.',
    )
    lines.push(...selectorLines(subject, ['spec', 'selector']))
    return [
      {
        document: {
          apiVersion: 'security.istio.io/v1',
          kind: 'AuthorizationPolicy',
          metadata: {
            ...observedMetadata(subject),
            annotations: { 'istio.io/dry-run': 'true' },
          },
          spec: { selector: { matchLabels: subject.labels ?? {} }, action: 'ALLOW', rules },
        },
        lines,
        notes,
      },
    ]
  },
}

interface Caller {
  readonly party: Party
  readonly asked: Asked[]
  readonly connections: Connection[]
}

/** Who asks or connects and is to go on, in the order of their names. */
function callers(evidence: Evidence): readonly Caller[] {
  const { asked, inbound } = evidence
  const found = new Map<string, Caller>()
  const ensure = (party: Party): Caller => {
    const key = party.node ?? party.kind
    const known = found.get(key)
    if (known !== undefined) return known
    const made: Caller = { party, asked: [], connections: [] }
    found.set(key, made)
    return made
  }
  for (const one of asked) if (one.seen.standing === 'kept') ensure(one.caller).asked.push(one)
  for (const one of inbound)
    if (one.seen.standing === 'kept' && !asksInVain(evidence, one.peer))
      ensure(one.peer).connections.push(one)
  return [...found.values()].sort((a, b) => (a.party.name < b.party.name ? -1 : 1))
}

/** A source, or why there can be none: then the rule is for everybody. */
function sourceOf(
  party: Party,
  { trustDomain, gateway }: PolicySettings,
): { readonly source: object; readonly whys: readonly string[] } | string {
  const named = party.kind === 'outside' && gateway !== undefined ? gateway : party
  if (named.kind === 'outside')
    return 'anybody: they come from outside, and what lets them in is not named; name its account to narrow this'
  if (named.kind === 'unnamed')
    return 'anybody: no sensor named the callers inside; mutual TLS tells their names'
  if (named.kind === 'host') {
    if (named.addresses === undefined || named.addresses.length === 0)
      return `anybody: ${named.name} has no account of the mesh and no known address`
    return {
      source: { ipBlocks: named.addresses },
      whys: [`${named.name} has no account of the mesh: its addresses`],
    }
  }
  if (named.namespace === undefined) return `anybody: the namespace of ${shortName(named)} is not known`
  if (named.serviceAccount === undefined)
    return {
      source: { namespaces: [named.namespace] },
      whys: [`the account of ${shortName(named)} is not known: all of its namespace is meant`],
    }
  return {
    source: { principals: [`${trustDomain}/ns/${named.namespace}/sa/${named.serviceAccount}`] },
    whys: [`the account of ${shortName(named)}`],
  }
}

/** One operation for each set of methods that some paths share. */
function operationsOf(
  asked: readonly Asked[],
  { options }: Evidence,
  notes: string[],
): readonly (readonly [operation: object, whys: readonly string[]])[] {
  const byPath = new Map<string, { methods: Set<string>; whys: string[] }>()
  for (const { endpoint, seen, principal } of asked) {
    const path = templateIstioPath(endpoint.template)
    const told = `${endpoint.method} ${endpoint.host}${endpoint.template}`
    if (path === undefined) {
      notes.push(`Not allowed here, since its path cannot be written: ${told}, ${howOften(seen, options)}.`)
      continue
    }
    const known = byPath.get(path) ?? { methods: new Set(), whys: [] }
    byPath.set(path, known)
    known.methods.add(endpoint.method)
    known.whys.push(
      `${told}${principal === undefined ? '' : ` as ${principal}`}: ${howOften(seen, options)}`,
      ...(widensSegment(endpoint.template)
        ? ['wider than what was seen: only whole segments can be any']
        : []),
    )
  }
  const byMethods = new Map<string, { methods: readonly string[]; paths: string[]; whys: string[] }>()
  for (const [path, { methods, whys }] of [...byPath].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const sorted = [...methods].sort()
    const key = sorted.join(' ')
    const known = byMethods.get(key) ?? { methods: sorted, paths: [], whys: [] }
    byMethods.set(key, known)
    known.paths.push(path)
    known.whys.push(...whys)
  }
  return [...byMethods]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { methods, paths, whys }]) => [{ methods, paths }, whys])
}

/** Connections that are no requests: by their ports. */
function plainly(
  { party, asked, connections: all }: Caller,
  { subject, options }: Evidence,
): readonly (readonly [operation: object, why: string])[] {
  const requests = new Set(asked.map(({ port }) => port))
  const others = all.filter(
    ({ port, protocols }) =>
      port !== undefined && !(asked.length > 0 && (requests.has(port) || protocols.includes('http'))),
  )
  return portsOf(others, []).map(({ port }) => [
    { ports: [String(port)] },
    connectionSentence(others.find(one => one.port === port)!, party, subject, options),
  ])
}

function removeLinesBelow(lines: ExplainedLine[], path: readonly (string | number)[]): void {
  const kept = lines.filter(line => !path.every((part, index) => line.path[index] === part))
  lines.splice(0, lines.length, ...kept)
}
