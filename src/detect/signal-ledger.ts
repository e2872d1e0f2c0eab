import { type NodeId, nodeId } from '../graph/node.ts'
import type { Identity } from '../identity/identity.ts'
import { BoundedList } from '../kit/bounded-list.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import { stableHash } from '../kit/hash.ts'
import type { CallId, EndpointId, Fingerprint, PrincipalId, SignalId } from '../kit/id.ts'
import { maxSeverity } from '../kit/severity.ts'
import { keptWhole } from '../kit/snapshot.ts'
import type { DetectorFacts, Finding } from './detector.ts'
import type { DetectorFamily } from './detector-family.ts'
import type { GraphFinding } from './graph/graph-detector.ts'
import type { Facts, Signal } from './signal.ts'

/** A signal with what correlation needs besides: never shown. */
export interface SignalRecord {
  readonly signal: Signal
  readonly family: DetectorFamily
  /** When it last grew. */
  readonly updated: number
  /** Strong keys that tie signals of one actor: principal, token, or the detector's own key for a hidden actor. */
  readonly actors: readonly string[]
  readonly token?: Fingerprint
  /** Of graph detectors. */
  readonly place?: SignalPlace
}

/** Where in the graph a signal stands. */
export interface SignalPlace {
  readonly subjects: readonly NodeId[]
  readonly reached: readonly NodeId[]
  readonly traces: readonly string[]
  readonly way: readonly NodeId[]
}

interface Entry {
  record: SignalRecord
  /** The id before any dismissal. */
  readonly base: SignalId
  readonly evidence: BoundedList<CallId>
  readonly recent: Set<CallId>
  readonly objects: Set<string>
  readonly dataClasses: Set<string>
}

/** What people's words and the noise budget make of a finding. */
export interface Judged {
  readonly held?: { readonly score: number; readonly threshold: number }
  calibrate?(raw: number): { readonly confidence: number; readonly n: number } | undefined
}

export interface SignalLedgerOptions {
  /** Signals kept; the longest without growth goes first. */
  readonly signals: number
  readonly evidence: number
  /** Bound for payload signals, whose evidence names every call that carried one. */
  readonly payloadEvidence: number
  readonly objects: number
}

export const defaultSignalLedgerOptions: SignalLedgerOptions = {
  signals: 20_000,
  evidence: 200,
  payloadEvidence: 2_000,
  objects: 200,
}

/** Turns findings into signals: one per detector and key, growing with every finding of that key. */
export class SignalLedger {
  private readonly options: SignalLedgerOptions
  private readonly entries: BoundedMap<SignalId, Entry>
  private readonly byEndpoint: BoundedMap<EndpointId, Set<SignalId>>
  /** How often what goes by this id was dismissed: what comes after is another signal. */
  private readonly dismissals: BoundedMap<SignalId, number>

  constructor(options: Partial<SignalLedgerOptions> = {}) {
    this.options = { ...defaultSignalLedgerOptions, ...options }
    this.entries = new BoundedMap(this.options.signals)
    this.byEndpoint = new BoundedMap(this.options.signals)
    this.dismissals = new BoundedMap(this.options.signals)
  }

  get size(): number {
    return this.entries.size
  }

  signal(id: SignalId): Signal | undefined {
    return this.entries.peek(id)?.record.signal
  }

  get evicted(): number {
    return this.entries.evicted
  }

  /**
   * @param time of the call or event that decided the finding
   * @param identity of its caller; undefined where there was none
   * @param judged what people's words and the noise budget make of it
   */
  apply(
    definition: DetectorFacts,
    finding: Finding | GraphFinding,
    time: number,
    identity: Identity | undefined,
    judged: Judged = {},
  ): SignalRecord {
    const base = stableHash([definition.id, finding.key]) as SignalId
    const dismissals = this.dismissals.peek(base)
    const id =
      dismissals === undefined
        ? base
        : (stableHash([definition.id, finding.key, String(dismissals)]) as SignalId)
    const known = this.entries.get(id)
    const bound = definition.family === 'injection' ? this.options.payloadEvidence : this.options.evidence
    const entry: Entry = known ?? {
      record: undefined as unknown as SignalRecord,
      base,
      evidence: new BoundedList<CallId>(bound),
      recent: new Set<CallId>(),
      objects: new Set<string>(),
      dataClasses: new Set<string>(),
    }
    for (const call of finding.evidence) {
      if (entry.recent.has(call)) continue
      if (entry.recent.size >= 4 * bound) entry.recent.clear()
      entry.recent.add(call)
      entry.evidence.add(call)
    }
    for (const object of finding.objects ?? [])
      if (entry.objects.size < this.options.objects) entry.objects.add(object)
    for (const dataClass of finding.dataClasses ?? [])
      if (entry.dataClasses.size < 50) entry.dataClasses.add(dataClass)
    const before = known?.record
    const severity = finding.severity ?? definition.severity
    const raw = Math.max(before?.signal.calibrated?.raw ?? before?.signal.confidence ?? 0, finding.confidence)
    const corrected = judged.calibrate?.(raw)
    // Once it was raised it stays raised.
    const held = before === undefined || before.signal.held !== undefined ? judged.held : undefined
    const signal: Signal = {
      id,
      detector: definition.id,
      time: before?.signal.time ?? time,
      severity: before === undefined ? severity : maxSeverity(before.signal.severity, severity),
      confidence: round(corrected?.confidence ?? raw),
      principal: finding.principal,
      ...(finding.tenant === undefined ? {} : { tenant: finding.tenant }),
      ...(finding.endpoint === undefined ? {} : { endpoint: finding.endpoint }),
      message: fill(
        definition.messages[finding.message] ?? finding.message,
        finding.observed,
        finding.expected,
      ),
      observed: finding.observed,
      expected: finding.expected,
      attempt: before === undefined ? finding.attempt : before.signal.attempt && finding.attempt,
      owasp: ('owasp' in finding ? finding.owasp : undefined) ?? definition.owasp,
      attack: ('attack' in finding ? finding.attack : undefined) ?? definition.attack,
      evidence: entry.evidence.toArray(),
      objects: [...entry.objects],
      dataClasses: [...entry.dataClasses].sort(),
      ...(finding.actor === undefined || finding.actor === finding.principal ? {} : { actor: finding.actor }),
      ...(corrected === undefined ? {} : { calibrated: { raw: round(raw), n: corrected.n } }),
      ...(held === undefined ? {} : { held }),
    }
    const actors = new Set<string>(before?.actors ?? [])
    for (const actor of actorsOf(finding, identity)) if (actors.size < 32) actors.add(actor)
    const token =
      identity !== undefined && identity.principal === finding.principal ? identity.token : before?.token
    const place = 'subjects' in finding ? placeOf(finding, before?.place) : undefined
    entry.record = {
      signal,
      family: definition.family,
      updated: time,
      actors: [...actors],
      ...(token === undefined ? {} : { token }),
      ...(place === undefined ? {} : { place }),
    }
    this.entries.set(id, entry)
    if (finding.endpoint !== undefined && known === undefined) this.noteEndpoint(finding.endpoint, id)
    return entry.record
  }

  get(id: SignalId): SignalRecord | undefined {
    return this.entries.peek(id)?.record
  }

  /** What continues this signal is another one from now on: its incident was dismissed. */
  dismiss(id: SignalId): void {
    const entry = this.entries.peek(id)
    if (entry !== undefined) this.dismissals.set(entry.base, (this.dismissals.peek(entry.base) ?? 0) + 1)
  }

  /** Signals about `from` are about `to` from now on. @returns their records as they now are */
  merged(from: EndpointId, to: EndpointId): readonly SignalRecord[] {
    const ids = this.byEndpoint.peek(from)
    if (ids === undefined) return []
    this.byEndpoint.delete(from)
    const moved: SignalRecord[] = []
    for (const id of ids) {
      const entry = this.entries.peek(id)
      if (entry === undefined || entry.record.signal.endpoint !== from) continue
      const { signal } = entry.record
      entry.record = {
        ...entry.record,
        ...(entry.record.place === undefined ? {} : { place: renamed(entry.record.place, from, to) }),
        signal: { ...signal, endpoint: to, message: signal.message.replaceAll(from, to) },
      }
      this.noteEndpoint(to, id)
      moved.push(entry.record)
    }
    return moved
  }

  private noteEndpoint(endpoint: EndpointId, id: SignalId): void {
    const ids = this.byEndpoint.ensure(endpoint, () => new Set())
    if (ids.size < 1_000) ids.add(id)
  }

  /** In order of time, then id. */
  signals(): readonly Signal[] {
    return [...this.entries.values()]
      .map(({ record }) => record.signal)
      .sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1))
  }

  static {
    keptWhole(SignalLedger, 'detect/signal-ledger', 2)
  }
}

/** What was said before comes first; each list bounded. */
function placeOf(finding: GraphFinding, before: SignalPlace | undefined): SignalPlace {
  const joined = <Item>(a: readonly Item[] = [], b: readonly Item[] = []): readonly Item[] =>
    [...new Set([...a, ...b])].slice(0, 32)
  return {
    subjects: joined(before?.subjects, finding.subjects),
    reached: joined(before?.reached, finding.reached),
    traces: joined(before?.traces, finding.traces),
    way: joined(before?.way, finding.way),
  }
}

const renamed = (place: SignalPlace, from: EndpointId, to: EndpointId): SignalPlace => ({
  ...place,
  way: place.way.map(node => (node === nodeId('endpoint', from) ? nodeId('endpoint', to) : node)),
})

function actorsOf(finding: Finding, identity: Identity | undefined): readonly string[] {
  // A stolen identity is the victim's: only the detector's own key says who used it.
  if (finding.actor !== undefined) return [finding.actor]
  const principal: PrincipalId = finding.principal
  // A workload is known by its node, which correlation weighs itself.
  if (isNode(principal)) return []
  return identity !== undefined &&
    identity.principal === principal &&
    identity.token !== undefined &&
    identity.kind !== 'anonymous'
    ? [principal, `token:${identity.token}`]
    : [principal]
}

/** Whether a signal is about what a workload or an identity did, and no caller is known. */
export const isNode = (principal: PrincipalId): boolean => /^(?:workload|identity):/.test(principal)

/** Fills `{name}` from the facts; an unknown name stays visible. Lists are cut at five. */
export function fill(sentence: string, observed: Facts, expected: Facts): string {
  return sentence.replace(/\{([A-Za-z][A-Za-z0-9]{0,39})\}/g, (whole, name: string, at: number) => {
    const value = observed[name] ?? expected[name]
    if (value === undefined) return whole
    if (name === 'who' && at > 0 && String(value).startsWith('An ')) return `an ${String(value).slice(3)}`
    if (Array.isArray(value))
      return value.length <= 5
        ? value.join(', ')
        : `${value.slice(0, 5).join(', ')} and ${value.length - 5} more`
    return String(value)
  })
}

const round = (value: number): number => Math.round(value * 1_000) / 1_000
