import { renameSync } from 'node:fs'
import { setPriority } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { Redactor } from '../call/redactor.ts'
import { sealCall } from '../call/seal-call.ts'
import { readCustomClasses } from '../catalog/data-classes/custom.ts'
import { classesWith } from '../catalog/data-classes/registry/standard.ts'
import type { MergeReview } from '../catalog/directions/merge-review.ts'
import type { Endpoint } from '../catalog/endpoint.ts'
import type { RouteTable } from '../catalog/route-table.ts'
import { parseStored } from '../catalog/spec/stored-specification.ts'
import type { Signal } from '../detect/signal.ts'
import type { Tuning } from '../detect/tuning/tuning.ts'
import { RolloutWatch } from '../enforce/rollout-watch.ts'
import { AddressTable } from '../identity/address-table.ts'
import { CounterSet } from '../kit/counters.ts'
import { SallyportError } from '../kit/error.ts'
import type { EndpointId, IncidentId, SignalId } from '../kit/id.ts'
import { inSlices, type Sliced } from '../kit/sliced.ts'
import { inlineSensors } from '../sensors/sensor-id.ts'
import { ClickHouseCallStore } from '../store/clickhouse/call-store.ts'
import type { CallStore, StoredCall } from '../store/ports/call-store.ts'
import { Analysis, type AnalysisResult } from './analysis.ts'
import { CallSources } from './call-sources.ts'
import { CallWriter } from './call-writer.ts'
import { Changed } from './changed.ts'
import type { Directions } from './directions.ts'
import { answerInSlices, type GraphQuestion } from './graph-questions.ts'
import { conditionsOf, type KeptState, keptBytes, specsOf } from './kept-state.ts'
import { learnRecordings } from './learn-recordings.ts'
import type {
  AnalysisWorkerData,
  CatalogNews,
  EndpointFacts,
  FromAnalysis,
  SpecSource,
  ToAnalysis,
} from './protocol.ts'
import { redactorOptions } from './redaction.ts'
import { RingReader } from './ring.ts'
import { RingMerge, type Seen } from './ring-merge.ts'
import { readStateFile, writeStateFile } from './state-file.ts'

/** The analysis loop: reads the rings, observes, writes calls, reports and hands out snapshots. Never in the request path. */
const data = workerData as AnalysisWorkerData
const port = parentPort
if (port === null) throw new Error('analysis runs as a worker thread')
const tell = (message: FromAnalysis): void => port.postMessage(message)

/** Nice value: a third of the weight of a loop of requests. More would starve it beside other programs, and measured no better. */
const belowRequests = 5
yieldToRequests(belowRequests)

const batchSize = 10_000
const backlog = 200_000
const reportEveryMs = 250
const flushEveryMs = 1_000
const liveSample = 50
const settleEveryMs = 2_000
const leastFindingsMs = 2_000
/** Events of one moment come within this time: spans wait for their other side, and are sent in batches. */
const lateMs = 15_000
/** Between two looks at empty rings: what a finding may come later by. */
const restMs = 10

const counters = new CounterSet()
const redactor = new Redactor(redactorOptions(data.redaction, data.key))
const { dataClasses } = data
const analysis = new Analysis({
  detectors: data.analysis.detectors,
  disabled: data.analysis.disabled,
  exceptions: data.analysis.exceptions,
  ...(data.addresses.length === 0 ? {} : { addresses: new AddressTable(data.addresses) }),
  ...(dataClasses === undefined
    ? {}
    : { catalog: { classes: classesWith(readCustomClasses(dataClasses.source, dataClasses.file)) } }),
})
const rings = data.rings.map(memory => new RingReader(memory))
/** What the loops of the gateway saw is one stream. */
const sources = new CallSources(
  [rings.slice(0, data.gatewayRings), ...rings.slice(data.gatewayRings).map(ring => [ring])].flatMap(group =>
    group.length === 0 ? [] : [new RingMerge(group, Date.now)],
  ),
)
const held = new Int32Array(data.held)

let store: CallStore | undefined
const openStore = async (at: { url: string; username: string; password: string }): Promise<void> => {
  const before = store
  store = await ClickHouseCallStore.open(at)
  await before?.close()
}

const writer = new CallWriter(
  async (batch, token) => {
    if (store === undefined) tell({ type: 'calls', batch, token })
    else await store.append(batch, token)
  },
  {
    batchSize,
    backlog,
    instance: data.instance,
    onTrouble: trouble =>
      tell(trouble === undefined ? { type: 'store' } : { type: 'store', trouble: trouble.toDisplayString() }),
  },
  counters,
)

/** The effect of policies that are being rolled out. */
const watch = new RolloutWatch()
function watchCall({ call, principal }: StoredCall): void {
  if (call.sensor === undefined || !inlineSensors.has(call.sensor)) return
  const { time, durationMs, response, verdict } = call
  watch.observe({
    principal,
    time,
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(response === undefined ? {} : { status: response.status }),
    ...(verdict === undefined ? {} : { verdict }),
  })
}

const signals = new Map<SignalId, Signal>()
const incidents = new Set<IncidentId>()
let lastCounted = ''
let sample: StoredCall[] = []
let observed = 0

/** False while it learns again from recorded calls: what is not found yet is not gone. */
let settled = false
let findingsDueAt = 0
let findingsOf = -1
const reviews = new Changed<readonly MergeReview[]>()
const orphans = new Changed<readonly Endpoint[]>()

type Report = Extract<FromAnalysis, { readonly type: 'report' }>
/** What should be mended or looked at, at most once in a while: it looks at every endpoint. */
function newFindings(): Pick<Report, 'findings' | 'findingsAt' | 'reviews' | 'orphans'> {
  const now = performance.now()
  if (!settled || now < findingsDueAt || findingsOf === analysis.calls) return {}
  findingsOf = analysis.calls
  const findings = analysis.findings()
  const reviewed = reviews.told(analysis.catalog.reviews())
  const orphaned = orphans.told(analysis.orphans())
  // At most a fiftieth of the time.
  findingsDueAt = performance.now() + Math.max(leastFindingsMs, 50 * (performance.now() - now))
  const at = analysis.span?.to
  return {
    findings,
    ...(at === undefined ? {} : { findingsAt: at }),
    ...(reviewed === undefined ? {} : { reviews: reviewed }),
    ...(orphaned === undefined ? {} : { orphans: orphaned }),
  }
}

function lookAnew(): void {
  findingsDueAt = 0
  findingsOf = -1
}

function specify(specs: readonly SpecSource[]): void {
  specified = specsOf(specs)
  analysis.specify(parseStored(specs))
  lookAnew()
}

/** Tells the catalog by it at once: whoever gave the word waits for it. */
function direct(directions: Directions): void {
  analysis.direct(directions)
  analysis.catalog.settle()
  lookAnew()
  report()
  tell({ type: 'directed', version: directions.version })
}

function tune(tuning: Tuning): void {
  analysis.detection.tune(tuning)
  tell({ type: 'tuned', version: tuning.version })
}

/** What takes long is done a slice at a time, one after the other, while calls go on being observed. */
const sliceMs = 10
let slicing: Promise<unknown> = Promise.resolve()
function inTurn<Found>(steps: Sliced<Found>): Promise<Found> {
  const found = slicing.then(() => inSlices(steps, sliceMs))
  slicing = found.catch(() => undefined)
  return found
}

/** Answers from the graph as it is now; a question that cannot be answered gets the reason. */
async function answer(id: number, { kind, ask }: GraphQuestion): Promise<void> {
  try {
    const steps = answerInSlices(analysis.graphNow(), kind, ask, analysis.beside)
    const first = steps.next()
    tell({ type: 'answer', id, answer: first.done === true ? first.value : await inTurn(steps) })
  } catch (thrown) {
    tell({ type: 'answer', id, refusal: SallyportError.from(thrown).toPlain() })
  }
}

/** Requests go first where loops and analysis share a core. Only Linux has priorities of single threads. */
function yieldToRequests(nice: number): void {
  if (process.platform !== 'linux') return
  try {
    setPriority(nice)
  } catch {
    // A sandbox may forbid it; then analysis competes as before.
  }
}

function note(result: AnalysisResult): void {
  for (const signal of result.signals) {
    signals.set(signal.id, signal)
    analysis.graph.recent.keep(signal.evidence)
  }
  for (const incident of result.incidents) incidents.add(incident)
}

function take(seen: Seen): void {
  Atomics.store(held, 0, writer.waiting + sources.held + 1)
  try {
    const result = analysis.observe('type' in seen ? seen : sealCall(seen, redactor))
    note(result)
    if (result.stored === undefined) return
    observed += 1
    writer.add(result.stored)
    if (watch.active) watchCall(result.stored)
    if (sample.length < liveSample) sample.push(result.stored)
  } catch {
    // One call that analysis cannot take must not stop the others; the counter is on the Sensors page.
    counters.add('sallyport_analysis_errors_total')
  }
}

function catalogNews(): CatalogNews {
  const endpoints: EndpointFacts[] = []
  const gone: EndpointId[] = []
  const merged: (readonly [EndpointId, EndpointId])[] = []
  for (const { id, endpoint, into } of analysis.drainEndpoints()) {
    if (endpoint === undefined) gone.push(id)
    else endpoints.push({ endpoint, callers: analysis.usage.callersOf(id) })
    if (into !== undefined) merged.push([id, into])
  }
  return { endpoints, gone, merged }
}

let hostsOf: RouteTable | undefined
let hosts = 0
/** Hosts that have an endpoint. */
function hostCount(): number {
  const table = analysis.catalog.routes()
  if (table === hostsOf) return hosts
  hostsOf = table
  hosts = new Set(table.routes.map(({ host }) => host)).size
  return hosts
}

function report(): void {
  const news = catalogNews()
  const { endpoints, gone } = news
  const stats = analysis.catalog.stats
  counters.set('sallyport_state_entries{kind="endpoint"}', stats.endpoints)
  counters.set('sallyport_state_entries{kind="candidate"}', stats.candidates)
  counters.set('sallyport_state_entries{kind="principal"}', analysis.usage.size)
  counters.set('sallyport_state_entries{kind="path_node"}', stats.nodes)
  const { operations, overflowed } = analysis.catalog.operations.stats
  counters.set('sallyport_state_entries{kind="host"}', hostCount())
  counters.set('sallyport_state_entries{kind="operation"}', operations)
  counters.set('sallyport_state_entries{kind="field"}', stats.fields)
  counters.set('sallyport_state_entries{kind="word"}', stats.words)
  counters.set('sallyport_state_entries{kind="drift_place"}', analysis.drift.size())
  counters.set('sallyport_state_entries{kind="finding_place"}', analysis.conditions.size)
  counters.set('sallyport_state_refused_total{kind="operation"}', overflowed)
  counters.set('sallyport_state_refused_total{kind="field"}', stats.fieldsRefused)
  counters.set('sallyport_state_refused_total{kind="word"}', stats.wordsRefused)
  for (const [kind, evicted] of Object.entries(analysis.detection.stats.evicted))
    counters.set(`sallyport_state_evictions_total{kind="${kind}"}`, evicted)
  for (const [detector, refused] of Object.entries(analysis.detection.stats.refused))
    counters.set(`sallyport_state_refused_total{kind="${detector}"}`, refused)
  counters.set('sallyport_state_refused_total{kind="drift_place"}', analysis.drift.dropped)
  counters.set('sallyport_state_refused_total{kind="finding_place"}', analysis.conditions.dropped)
  counters.set('sallyport_state_evictions_total{kind="schema"}', stats.schemasForgotten)
  counters.set('sallyport_state_evictions_total{kind="principal"}', analysis.usage.evicted)
  counters.set('sallyport_state_evictions_total{kind="path_node"}', stats.evicted)
  const { graph } = analysis.graph
  counters.set('sallyport_state_entries{kind="graph_node"}', graph.nodes.size)
  counters.set('sallyport_state_entries{kind="graph_edge"}', graph.edges.length)
  counters.set('sallyport_state_entries{kind="recent_event"}', analysis.graph.recent.size)
  counters.set('sallyport_state_evictions_total{kind="graph_node"}', graph.evictedNodes)
  counters.set('sallyport_state_evictions_total{kind="graph_edge"}', graph.evictedEdges)
  counters.set('sallyport_requests_observed_total{source="gateway"}', analysis.calls)
  counters.set(
    'sallyport_ring_dropped_total',
    rings.reduce((sum, ring) => sum + ring.dropped, 0),
  )
  counters.set('sallyport_store_waiting_calls', writer.waiting)
  const principals = analysis.drainPrincipals()
  const counted = JSON.stringify(counters)
  const fresh = newFindings()
  const told =
    (fresh.findings === undefined ? 0 : 1) +
    observed +
    endpoints.length +
    gone.length +
    signals.size +
    incidents.size +
    principals.length
  if (told > 0 || counted !== lastCounted) {
    lastCounted = counted
    tell({
      type: 'report',
      signals: [...signals.values()],
      incidents: [...incidents].flatMap(id => analysis.incident(id) ?? []),
      folded: analysis.detection.drainFolded(),
      ...news,
      principals,
      calls: sample,
      observed,
      counters: counters.toJSON(),
      ...(watch.active ? { rollouts: watch.readings() } : {}),
      ...fresh,
    })
  }
  signals.clear()
  incidents.clear()
  sample = []
  observed = 0
}

let version = 0
let handedOut = ''
let nextSnapshotAt = 0
let nextSettleAt = 0
/** Lets the catalog decide what it left open while calls came fast; like snapshots, at most 5 % of the time. */
function settleCatalog(now: number): void {
  if (now < nextSettleAt) return
  analysis.catalog.settle()
  nextSettleAt = now + Math.max(settleEveryMs, 20 * (performance.now() - now))
}

/** Hands the gateways what was learned, when it changed; the more it costs, the less often: at most 5 % of the time. */
function handOutSnapshot(): void {
  const began = performance.now()
  if (began < nextSnapshotAt) return
  const state = analysis.snapshotState()
  if (state === handedOut) return
  handedOut = state
  version += 1
  tell({ type: 'snapshot', snapshot: analysis.snapshot(version) })
  const ended = performance.now()
  nextSnapshotAt = ended + 20 * (ended - began)
}

/** Of the recorded calls' time: how often they tell the catalog again. */
const retellEveryMs = 3_600_000
/** What that may take at the start, besides a tenth of the time. */
const retellAtOnceMs = 2_000
let retoldAt: number | undefined
let retellingMs = 0
const startedAt = performance.now()
/** Tells the catalog as it was, so that what changed between is known again. Where it takes too long, less often. */
function retell(time: number): void {
  retoldAt ??= time
  if (time - retoldAt < retellEveryMs) return
  const began = performance.now()
  if (retellingMs > retellAtOnceMs + (began - startedAt) / 10) return
  retoldAt = time
  analysis.catalog.settle()
  tell({ type: 'catalog', ...catalogNews() })
  retellingMs += performance.now() - began
}

let closing = false
port.on('message', (message: ToAnalysis) => {
  if (message.type === 'close') closing = true
  else if (message.type === 'specify') specify(message.specs)
  else if (message.type === 'ask') void answer(message.id, message.question)
  else if (message.type === 'direct') direct(message.directions)
  else if (message.type === 'tune') tune(message.tuning)
  else if (message.type === 'watch') watch.watch(message.policies)
  else void openStore(message).catch(() => counters.add('sallyport_store_append_errors_total'))
})

const conditions = conditionsOf(dataClasses)
let specified = specsOf([])

const read = await readStateFile(data.stateFile, analysis.externals())
let resumed = false
let resumedFrom = Number.NEGATIVE_INFINITY
if (read !== undefined && 'trouble' in read) tell({ type: 'said', line: read.trouble })
else if (read !== undefined) {
  const kept = read.state as KeptState
  resumed = kept.conditions === conditions
  if (resumed) {
    try {
      analysis.resume(kept.analysis, kept.counted)
    } catch (thrown) {
      // This thread is started again, and must not meet the file again.
      renameSync(data.stateFile, `${data.stateFile}.unreadable`)
      throw thrown
    }
    specified = kept.specs
    resumedFrom = kept.counted.upTo
    for (const { id } of analysis.incidents()) incidents.add(id)
    for (const signal of analysis.signals()) signals.set(signal.id, signal)
  } else
    tell({
      type: 'said',
      line: 'What was learned is of another version, and is learned anew from the recorded calls.',
    })
}

analysis.direct(data.directions)
analysis.detection.tune(data.tuning)
if (specsOf(data.specs) !== specified) specify(data.specs)

const keepEveryMs = 60_000
/** What keeping may take while calls wait; where it took longer it is done at the end only. */
const longestKeepMs = 2_000
let keptAt = ''
let keepAt = performance.now() + keepEveryMs
let keeping: Promise<void> | undefined
let keepTrouble: string | undefined
/** Keeps what was learned where it changed; the more that costs, the less often: at most 2 % of the time. */
function keep(): Promise<void> {
  const began = performance.now()
  keepAt = began + keepEveryMs
  const now = `${analysis.calls} ${analysis.graph.changes} ${specified}`
  if (now === keptAt) return Promise.resolve()
  const bytes = keptBytes(analysis, conditions, specified, Date.now())
  const took = performance.now() - began
  counters.set('sallyport_state_bytes', bytes.length)
  keepAt = took > longestKeepMs ? Number.POSITIVE_INFINITY : began + Math.max(keepEveryMs, 50 * took)
  return writeStateFile(data.stateFile, bytes).then(
    () => {
      keptAt = now
      keepTrouble = undefined
    },
    thrown => {
      counters.add('sallyport_state_keep_errors_total')
      const trouble = String(thrown)
      if (trouble !== keepTrouble)
        tell({ type: 'said', line: `What was learned could not be kept: ${trouble}` })
      keepTrouble = trouble
    },
  )
}

// Whoever has learned anything begins with that.
if (data.analysis.learn.length > 0 && analysis.calls === 0)
  tell({ type: 'said', line: await learnRecordings(analysis, data.analysis.learn, redactor) })

let warmedUp = 0
if (data.store !== undefined) {
  await openStore(data.store)
  for await (const { call } of (store as CallStore | undefined)?.replay(
    data.analysis.warmUpCalls,
    resumedFrom,
  ) ?? []) {
    const before = analysis.calls
    note(analysis.observe(call))
    if (analysis.calls === before) continue
    warmedUp += 1
    retell(call.time)
  }
}
analysis.warmedUp()
handOutSnapshot()
report()
tell({ type: 'ready', warmedUp, resumed })
settled = true

let reportedAt = performance.now()
let flushedAt = reportedAt
while (!closing) {
  const more = sources.turn(take)
  Atomics.store(held, 0, writer.waiting + sources.held)
  const now = performance.now()
  if (now - reportedAt >= reportEveryMs) {
    reportedAt = now
    settleCatalog(now)
    note(analysis.settle(Date.now() - lateMs))
    report()
    handOutSnapshot()
  }
  if (now - flushedAt >= flushEveryMs) {
    flushedAt = now
    void writer.flush()
  }
  if (now >= keepAt && keeping === undefined)
    keeping = keep().finally(() => {
      keeping = undefined
    })
  if (more) await new Promise<void>(resolve => setImmediate(resolve))
  else await pause(restMs)
}
while (sources.turn(take)) {}
await writer.flush()
await keeping
await keep()
report()
await store?.close()
tell({ type: 'closed' })
port.close()
