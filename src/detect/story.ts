import type { Graph } from '../graph/graph.ts'
import { type CallId, type TenantId, tenantId } from '../kit/id.ts'
import { maxSeverity, type Severity } from '../kit/severity.ts'
import { type Group, weightOf } from './correlate.ts'
import { dataOn, pathOf } from './graph/incident-path.ts'
import { stageOf, tactics } from './graph/tactics.ts'
import type { Incident, IncidentReach, ProposedAction, StoryStep } from './incident.ts'
import type { Signal } from './signal.ts'
import { isNode, type SignalRecord } from './signal-ledger.ts'
import { counted, minuteOf } from './words.ts'

const stepEvidence = 20
const incidentEvidence = 500
const objectsShown = 200
const quarantineSeconds = 3_600

/** An incident in words: the sentence, the steps, what can be done, what is unsure. */
export function tell(group: Group, risk: number, graph: Graph | undefined): Incident {
  const records = inOrder([...group.signals.values()])
  const signals = records.map(({ signal }) => signal)
  const evidence = new Set<CallId>()
  const objects = new Set<string>()
  const all = new Set<string>()
  let severity: Severity = 'info'
  for (const signal of signals) {
    for (const call of signal.evidence) if (evidence.size < incidentEvidence) evidence.add(call)
    for (const object of signal.objects) {
      if (objects.size < objectsShown) objects.add(object)
      if (all.size < 100_000) all.add(object)
    }
    severity = maxSeverity(severity, signal.attempt ? lower(signal.severity) : signal.severity)
  }
  const [main] = [...signals].sort(
    (a, b) => weightOf(b) - weightOf(a) || a.time - b.time || (a.id < b.id ? -1 : 1),
  )
  if (main === undefined) throw new RangeError('an incident has at least one signal')
  const from = Math.min(...signals.map(({ time }) => time))
  const sentence = main.message.endsWith('.') ? main.message.slice(0, -1) : main.message
  // The objects count of a signal may exceed what it lists.
  const counts = signals.map(({ observed, attempt }) =>
    !attempt && typeof observed.objects === 'number' ? observed.objects : 0,
  )
  const objectCount = Math.max(all.size, ...counts)
  const ways = records.flatMap(({ place }) => (place === undefined ? [] : [place.way]))
  const stake = [...group.stakes].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))[0]
  const path = graph === undefined || ways.length === 0 ? [] : pathOf(graph, ways)
  const passed = graph === undefined ? [] : dataOn(graph, path)
  return {
    id: group.id,
    title: `${sentence} (${period(from, group.updated)})`,
    severity,
    risk,
    opened: group.opened ?? from,
    updated: group.updated,
    status: 'open',
    principals: unique(signals.map(({ principal }) => principal)).filter(principal => !isNode(principal)),
    tenants: unique(signals.flatMap(({ tenant }) => (tenant === undefined ? [] : [tenant]))),
    endpoints: unique(signals.flatMap(({ endpoint }) => (endpoint === undefined ? [] : [endpoint]))),
    workloads: unique([
      ...group.workloads,
      ...path.flatMap(({ kind, name }) => (kind === 'workload' ? [name] : [])),
    ]).sort(),
    dataClasses: unique([...signals.flatMap(({ dataClasses }) => dataClasses), ...passed]).sort(),
    signals: signals.map(({ id }) => id),
    detectors: unique(signals.map(({ detector }) => detector)).sort(),
    objects: [...objects],
    objectCount,
    blastRadius: reachOf(signals, objectCount),
    ...(stake === undefined ? {} : { atStake: { amount: round(stake[1]), currency: stake[0] } }),
    changed: { revision: group.revision, at: group.changed, worseAt: group.worse },
    ...(path.length === 0 ? {} : { path }),
    story: steps(group, records),
    evidence: [...evidence],
    actions: actions(group, records),
    unsure: doubts(group, signals),
  }
}

/** In order of time; what goes through the graph in the order of its stages, and of time within each. */
function inOrder(records: readonly SignalRecord[]): readonly SignalRecord[] {
  const staged = records.some(({ place }) => place !== undefined)
  const rank = ({ signal }: SignalRecord): number => {
    const stage = stageOf(signal.attack)
    return stage === undefined ? 0 : tactics.indexOf(stage)
  }
  return [...records].sort(
    (a, b) =>
      (staged ? rank(a) - rank(b) : 0) ||
      a.signal.time - b.signal.time ||
      (a.signal.id < b.signal.id ? -1 : 1),
  )
}

/** What came back in what succeeded. @param objectCount Of attempts, too: with nothing but attempts none was reached. */
function reachOf(signals: readonly Signal[], objectCount: number): IncidentReach {
  const successes = signals.filter(({ attempt }) => !attempt)
  const listed = new Set(successes.flatMap(({ objects }) => objects)).size
  const isAll = successes.length === signals.length
  const said = successes.map(({ observed }) => (typeof observed.objects === 'number' ? observed.objects : 0))
  const objects = successes.length === 0 ? 0 : isAll ? objectCount : Math.max(listed, ...said)
  const records = successes.map(({ observed: { records, rows, value, unit } }) =>
    typeof records === 'number'
      ? records
      : typeof rows === 'number'
        ? rows
        : unit === 'records' && typeof value === 'number'
          ? value
          : 0,
  )
  return {
    objects,
    records: Math.max(objects, ...records),
    dataClasses: unique(successes.flatMap(({ dataClasses }) => dataClasses)).sort(),
    tenants: unique(successes.flatMap(tenantsOf)),
    endpoints: unique(successes.flatMap(({ endpoint }) => (endpoint === undefined ? [] : [endpoint]))),
  }
}

/** The tenants whose data it was: those that were crossed into, otherwise the caller's own. */
function tenantsOf({ observed: { otherTenants }, tenant }: Signal): readonly TenantId[] {
  if (Array.isArray(otherTenants)) return otherTenants.map(String).map(tenantId)
  return tenant === undefined ? [] : [tenant]
}

const round = (amount: number): number => Math.round(100 * amount) / 100

const unique = <Item>(items: readonly Item[]): Item[] => [...new Set(items)]

const lower = (severity: Severity): Severity =>
  severity === 'critical' ? 'high' : severity === 'high' ? 'medium' : severity

function period(from: number, to: number): string {
  const start = minuteOf(from)
  const end = minuteOf(to)
  if (start === end) return `${start} UTC`
  return start.slice(0, 10) === end.slice(0, 10)
    ? `${start} to ${end.slice(11)} UTC`
    : `${start} to ${end} UTC`
}

function steps(group: Group, records: readonly SignalRecord[]): readonly StoryStep[] {
  const told: StoryStep[] = []
  for (const { signal } of records) {
    const stage = stageOf(signal.attack)
    told.push({
      time: signal.time,
      text: signal.message,
      evidence: signal.evidence.slice(0, stepEvidence),
      ...(stage === undefined ? {} : { stage }),
    })
  }
  const [first] = told
  const [known] = group.presence
  if (first !== undefined && known !== undefined && group.presence.size === 1) {
    const [principal, { first: seen, calls }] = known
    const text =
      seen >= first.time
        ? `${principal} was seen for the first time.`
        : `${principal} was first seen; ${counted(calls, 'call')} so far.`
    told.unshift({ time: Math.min(seen, first.time), text, evidence: [] })
  }
  return told
}

/** What a person can do: stop the caller, or only the token where the caller is its victim. Never an address. */
function actions(group: Group, records: readonly SignalRecord[]): readonly ProposedAction[] {
  const proposed: ProposedAction[] = []
  const tokensOnly = records.some(({ actors }) => actors.some(actor => actor.startsWith('device:')))
  for (const [principal, { calls }] of group.presence) {
    if (proposed.length >= 8) break
    if (principal.startsWith('anonymous:') || tokensOnly) continue
    proposed.push({
      kind: 'quarantine-principal',
      title: `Stop ${principal} for an hour`,
      target: principal,
      ttlSeconds: quarantineSeconds,
      effect: { principals: 1, calls, others: 0 },
    })
  }
  // Stopping a caller stops its tokens; of a stolen identity only the tokens are to be stopped.
  const tokens = [...group.tokens].slice(tokensOnly ? -8 : -1)
  for (const [token, calls] of tokens) {
    proposed.push({
      kind: 'quarantine-token',
      title: `Stop the token ${token.slice(0, 12)} for an hour`,
      target: token,
      ttlSeconds: quarantineSeconds,
      effect: { principals: 1, calls, others: 0 },
    })
  }
  return proposed
}

function doubts(group: Group, signals: readonly Signal[]): readonly string[] {
  const said: string[] = []
  if (signals.every(({ attempt }) => attempt))
    said.push('Everything was refused: nothing is known to have been taken.')
  if (group.unverified) said.push('Who it was rests on a credential whose signature was not checked here.')
  if (
    group.presence.size > 0 &&
    [...group.presence.keys()].every(principal => principal.startsWith('anonymous:'))
  ) {
    said.push(
      'The caller did not log in: client software and network are known, not a person. Others may share them.',
    )
  }
  const weakest = Math.min(...signals.map(({ confidence }) => confidence))
  if (weakest < 0.7) said.push(`The weakest of the signals is ${Math.round(100 * weakest)} % sure.`)
  if (group.dropped > 0)
    said.push(
      `${counted(group.dropped, 'further signal')} of the same actor ${group.dropped === 1 ? 'is' : 'are'} not listed here.`,
    )
  return said
}
