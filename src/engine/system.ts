import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { CatalogChange } from '../catalog/changes/catalog-change.ts'
import { readCustomClasses } from '../catalog/data-classes/custom.ts'
import type { ClassRegistry } from '../catalog/data-classes/registry/class-registry.ts'
import { classesWith } from '../catalog/data-classes/registry/standard.ts'
import type { MergeReview } from '../catalog/directions/merge-review.ts'
import type { TemplatePin } from '../catalog/directions/template-pin.ts'
import type { Endpoint } from '../catalog/endpoint.ts'
import { readStored, specsSetting } from '../catalog/spec/stored-specification.ts'
import type { Incident } from '../detect/incident.ts'
import { allDetectors } from '../detect/registry.ts'
import type { Signal } from '../detect/signal.ts'
import { createFlowBuffer } from '../enforce/flow-memory.ts'
import type { RolloutReading } from '../enforce/rollout-watch.ts'
import type { SealedBundle } from '../enforce/sealed-bundle.ts'
import type { AddressRange } from '../identity/address-table.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import type { Clock } from '../kit/clock.ts'
import { CounterSet } from '../kit/counters.ts'
import { type ErrorCode, SallyportError } from '../kit/error.ts'
import type { EndpointId, PrincipalId } from '../kit/id.ts'
import { version } from '../kit/version.ts'
import type { SensorHealth } from '../sensors/sensor-health.ts'
import { openDataDirectory } from '../store/data-directory.ts'
import type { CallStore, StoredCall } from '../store/ports/call-store.ts'
import type { CatalogFindingQuery, StoredFinding } from '../store/ports/catalog-state.ts'
import type { DecisionRecord, Page, QuarantineEntry, StateStore } from '../store/ports/state-store.ts'
import { SqliteStateStore } from '../store/sqlite/state-store.ts'
import { readAddresses } from './address-file.ts'
import { BacktestDesk } from './backtest-desk.ts'
import { BundleKeeper } from './bundle-keeper.ts'
import { type OpenCallStore, openCallStore } from './call-stores.ts'
import { CatalogDesk } from './catalog-desk.ts'
import { readCatalogFile } from './catalog-file.ts'
import { CatalogFindings } from './catalog-findings.ts'
import { ChangesKeeper } from './changes-keeper.ts'
import type { Config } from './config.ts'
import { ControlDesk } from './control-desk.ts'
import { type DataClassFile, readDataClassFile } from './data-class-file.ts'
import { wantsDecisions } from './decision-points.ts'
import { decisionToken, decisionTokenFileName } from './decision-token.ts'
import { FindingsKeeper } from './findings-keeper.ts'
import { GraphDesk } from './graph-desk.ts'
import type { GraphQuestionKind, GraphQuestions } from './graph-questions.ts'
import { stateFileName } from './kept-state.ts'
import { KnowledgeDesk } from './knowledge-desk.ts'
import { LentLoop } from './lent-loop.ts'
import { bypassFileName, localBypass } from './local-bypass.ts'
import { PolicyDesk } from './policy-desk.ts'
import { readPolicyFolder } from './policy-folder.ts'
import { describePolicy, policyCheck } from './policy-service.ts'
import type {
  AnalysisWorkerData,
  CatalogNews,
  DecisionWorkerData,
  EndpointFacts,
  FromAnalysis,
  FromDecisions,
  FromGateway,
  FromGuardLoop,
  FromSensors,
  GatewayWorkerData,
  GuardLoopData,
  SensorWorkerData,
  SpecSource,
  ToAnalysis,
  ToGateway,
  ToGuardLoop,
  ToSensors,
} from './protocol.ts'
import { Rate } from './rate.ts'
import { reopenThoseGoingOn } from './reopen.ts'
import { createRing, type RingMemory } from './ring.ts'
import { wantsSensors } from './sensor-starters.ts'
import { budgetsHealth } from './shared-budgets.ts'
import type { AnalysisSnapshot } from './snapshot.ts'
import { Thread } from './thread.ts'
import { TuningDesk } from './tuning-desk.ts'
import type { PrincipalFacts } from './usage.ts'
import { WaitingRecords } from './waiting-records.ts'

export type LiveEvent =
  | { readonly type: 'calls'; readonly items: readonly StoredCall[] }
  | { readonly type: 'signal'; readonly signal: Signal }
  | { readonly type: 'incident'; readonly incident: Incident }
  | { readonly type: 'endpoint'; readonly endpoint: Endpoint }
  | { readonly type: 'quarantine' }

export interface SystemOptions {
  readonly config: Config
  readonly clock: Clock
  readonly demo?: boolean
  /** It serves an application that decides in a thread of its own: `lent` is its loop, and there is no other sensor. */
  readonly application?: boolean
  readonly log: (line: string) => void
}

/** A loop that decides, as it is spoken to. */
type Addressee = Pick<Thread<ToGuardLoop, FromGuardLoop>, 'post'>

const drainMs = 5_000
/** What brought a version about that a file of the configuration's folder says. */
const fromFolder = 'folder'
/** Decision points hear from control at least so often: how old a bundle is says whether control is there. */
const refreshEveryMs = 60_000
/** Decision points hear what the catalog learned at most so often. */
const knowledgeEveryMs = 2_000
const retentionEveryMs = 3_600_000
const findingsEveryMs = 250
/** Decisions, and quarantines that policies began, that wait while the store takes nothing. */
const mostWaiting = 20_000
const changesEveryMs = 60_000
/** What analysis may take at the end to write down what it learned. */
const keepingMs = 60_000
const dayMs = 86_400_000

const schemeOf = ({ tls }: Config['gateway']): string => (tls === undefined ? 'http' : 'https')

/**
 * The control loop: owns the stores, starts the gateway loops and analysis, passes snapshots between them, keeps what
 * they found, and is what the server asks. Light work only.
 */
export class System {
  readonly clock: Clock
  readonly config: Config
  readonly demo: boolean
  readonly startedAt: number
  readonly state: StateStore
  readonly calls: CallStore
  readonly version = version
  readonly #own = new CounterSet()
  readonly #log: (line: string) => void
  readonly #callStore: OpenCallStore
  readonly #directory: string
  readonly #closeDirectory: () => void | Promise<void>
  readonly #endpoints = new Map<string, EndpointFacts>()
  readonly #changes: ChangesKeeper
  /** Ids that endpoints went by before words of their paths were folded; the oldest are forgotten first. */
  readonly #renamed = new BoundedMap<string, EndpointId>(10_000)
  #specs: readonly SpecSource[] = []
  #specsAt = 0
  #orphans: readonly Endpoint[] = []
  #reviews: readonly MergeReview[] = []
  readonly #principals = new BoundedMap<PrincipalId, PrincipalFacts>(50_000)
  /** The graph is in the analysis thread; here are only questions to it. */
  readonly #graph = new GraphDesk(message => {
    this.#analysis?.post(message)
    return this.#analysis !== undefined
  })
  readonly #listeners = new Set<(event: LiveEvent) => void>()
  readonly #reports = new Map<string, Readonly<Record<string, number>>>()
  /** Of what the loops that decide carry, by loop. */
  readonly #health = new Map<string, readonly SensorHealth[]>()
  /** Whether shared budgets answer the loops that decide, by loop. */
  readonly #budgetsAnswer = new Map<string, boolean>()
  readonly #rate = new Rate()
  readonly #timers: NodeJS.Timeout[] = []
  readonly #control: ControlDesk
  readonly #bundles: BundleKeeper
  readonly policies: PolicyDesk
  readonly #knowledge: KnowledgeDesk
  readonly #flow = createFlowBuffer()
  readonly #catalog: CatalogDesk
  readonly #tuning: TuningDesk
  readonly #backtests: BacktestDesk
  readonly #catalogFindings: CatalogFindings
  readonly #dataClassFile: DataClassFile | undefined
  readonly #addresses: readonly AddressRange[]
  readonly #classes: ClassRegistry
  readonly #findings: FindingsKeeper
  readonly #decided: WaitingRecords<DecisionRecord>
  readonly #quarantined: WaitingRecords<QuarantineEntry>
  readonly #rings: readonly RingMemory[]
  /** Of the sensors beside the request path; absent where there are none. */
  readonly #sensorRing: RingMemory | undefined
  /** Calls that analysis took and the store has not acknowledged. */
  readonly #held = new SharedArrayBuffer(4)
  /** Of the decision points besides the gateway; absent where there are none. */
  readonly #decisionRing: RingMemory | undefined
  /** Of the application that it is part of; absent where it is not. */
  readonly #lentRing: RingMemory | undefined
  #analysis: Thread<ToAnalysis, FromAnalysis> | undefined
  #gateways: readonly Thread<ToGateway, FromGateway>[] = []
  #decisions: Thread<ToGuardLoop, FromDecisions> | undefined
  #lent: LentLoop | undefined
  #sensors: Thread<ToSensors, FromSensors> | undefined
  #sensorHealth: readonly SensorHealth[] = []
  #snapshot: AnalysisSnapshot | undefined
  #gatewayUrl: string | undefined
  /** In force, with the port that was found. */
  #gatewayConfig: Config['gateway']
  /** Of the last reload. */
  #gatewayAsked: Config['gateway'] | undefined
  #observed = 0
  /** Why the calls store takes nothing, while it does not. */
  #storeTrouble: string | undefined

  private constructor(
    options: SystemOptions,
    parts: {
      state: StateStore
      callStore: OpenCallStore
      directory: string
      closeDirectory: () => void | Promise<void>
    },
  ) {
    this.clock = options.clock
    this.config = options.config
    this.#gatewayConfig = options.config.gateway
    this.demo = options.demo === true
    this.startedAt = options.clock.now()
    this.#log = options.log
    this.state = parts.state
    this.#callStore = parts.callStore
    this.calls = parts.callStore.store
    this.#directory = parts.directory
    this.#closeDirectory = parts.closeDirectory
    this.#changes = new ChangesKeeper(join(parts.directory, 'changes.state'), options.log)
    this.#findings = new FindingsKeeper(parts.state, this.#own, options.log, async incidents => {
      for (const incident of await reopenThoseGoingOn(parts.state, incidents, this.clock.now()))
        this.#tell({ type: 'incident', incident })
    })
    const waiting = {
      save: (work: () => Promise<void>) => this.#findings.save(work),
      most: mostWaiting,
      lost: (count: number) => this.#own.add('sallyport_decisions_dropped_total', count),
    }
    this.#decided = new WaitingRecords({ ...waiting, write: records => parts.state.putDecisions(records) })
    this.#quarantined = new WaitingRecords({ ...waiting, write: entries => this.#takeQuarantines(entries) })
    this.#bundles = new BundleKeeper(parts.directory, options.clock)
    this.#control = new ControlDesk({
      state: parts.state,
      versionBefore: this.#bundles.keptVersion(),
      clock: options.clock,
      log: options.log,
      post: snapshot => {
        const loops = this.#guardLoops()
        const bundle = this.#bundles.seal(snapshot)
        for (const loop of loops) loop.post({ type: 'control', bundle })
        this.#keepBundle(bundle)
        this.#knowledge.govern(snapshot.policies)
        return loops.length
      },
    })
    this.#knowledge = new KnowledgeDesk({
      classes: () => this.#classes,
      addresses: () => this.#addresses,
      endpoints: () => this.#endpoints.values().map(({ endpoint }) => endpoint),
      risks: () => [...this.#principals.values()].map(({ id, risk }) => [id, risk] as const),
      post: taught => {
        for (const loop of this.#guardLoops()) loop.post({ type: 'knowledge', taught })
      },
    })
    this.policies = new PolicyDesk({
      state: parts.state,
      calls: parts.callStore.store,
      clock: options.clock,
      rollout: options.config.enforcement.rollout,
      snapshot: () => this.#snapshot,
      knowledge: (bundle, flow) => this.#knowledge.for(bundle, flow),
      rolesAt: (endpoint, but) => this.#rolesAt(endpoint, but),
      principal: id => this.#principals.peek(id as PrincipalId),
      automaticRollback: options.config.enforcement.rollout.automaticRollback,
      log: options.log,
      changed: () => this.changed('policies'),
    })
    const { catalog, dataClasses } = options.config
    this.#dataClassFile = dataClasses === undefined ? undefined : readDataClassFile(dataClasses)
    this.#addresses = readAddresses(options.config.analysis)
    this.#classes = classesWith(
      this.#dataClassFile === undefined
        ? []
        : readCustomClasses(this.#dataClassFile.source, this.#dataClassFile.file),
    )
    this.#catalog = new CatalogDesk({
      state: parts.state,
      clock: options.clock,
      log: options.log,
      file: catalog === undefined ? undefined : readCatalogFile(catalog),
      post: directions => {
        this.#analysis?.post({ type: 'direct', directions })
        return this.#analysis !== undefined
      },
    })
    this.#tuning = new TuningDesk({
      state: parts.state,
      log: options.log,
      post: tuning => {
        this.#analysis?.post({ type: 'tune', tuning })
        return this.#analysis !== undefined
      },
    })
    this.#backtests = new BacktestDesk(parts.callStore.store)
    this.#catalogFindings = new CatalogFindings({
      state: parts.state,
      save: work => this.#findings.save(work),
      knows: endpoint => this.#endpoints.has(endpoint),
    })
    const { sensors, decisionPoints, analysis, gateway } = options.config
    const alone = options.application !== true
    const loops = alone && gateway.upstream !== undefined ? gateway.workers : 0
    this.#rings = Array.from({ length: loops }, () => createRing(analysis.ringBytes))
    this.#lentRing = alone ? undefined : createRing(analysis.ringBytes)
    this.#decisionRing = alone && wantsDecisions(decisionPoints) ? createRing(analysis.ringBytes) : undefined
    this.#sensorRing = alone && wantsSensors(sensors) ? createRing(sensors.ringBytes) : undefined
  }

  /**
   * Starts every part that the configuration asks for. When one fails, those before it are closed again.
   * @throws SallyportError `store/locked`, `listen/in-use`, `store/…`, `config/invalid`
   */
  static async start(options: SystemOptions): Promise<System> {
    const directory = openDataDirectory(options.config.dataDir)
    const opened: (() => unknown)[] = [() => directory.close()]
    try {
      const state = await SqliteStateStore.open({ file: join(directory.path, 'state.db') })
      opened.push(() => state.close())
      const callStore = await openCallStore(options.config, directory.path, options.log)
      opened.push(() => callStore.close())
      const system = new System(options, {
        state,
        callStore,
        directory: directory.path,
        closeDirectory: () => directory.close(),
      })
      opened.length = 0
      try {
        await system.#start(directory.key)
      } catch (thrown) {
        await system.close()
        throw thrown
      }
      return system
    } catch (thrown) {
      for (const close of opened.reverse()) await close()
      throw thrown
    }
  }

  async #start(key: Uint8Array): Promise<void> {
    await this.#readSpecs()
    await this.#applyPolicyFolder()
    await this.#control.read()
    await this.#catalog.read()
    await this.#tuning.read()
    await this.#catalogFindings.read()
    await this.#changes.read()
    await this.#startAnalysis(key)
    await this.#watch()
    await this.#startGateways(key)
    this.#lend(key)
    await Promise.all([this.#startDecisions(key), this.#startSensors()])
    const flush = (): void => {
      void this.#findings.flush()
      void this.#catalogFindings.flush()
    }
    this.#timers.push(setInterval(flush, findingsEveryMs))
    this.#timers.push(setInterval(() => void this.#changes.keep(), changesEveryMs))
    this.#timers.push(setInterval(() => void this.#forgetOldCalls(), retentionEveryMs))
    this.#timers.push(setInterval(() => void this.#refresh(), refreshEveryMs))
    this.#timers.push(setInterval(() => this.#knowledge.tell(), knowledgeEveryMs))
  }

  #startAnalysis(key: Uint8Array): Promise<void> {
    const ready = Promise.withResolvers<void>()
    const { address } = this.#callStore
    const classes = this.#dataClassFile
    const data = (): AnalysisWorkerData => ({
      specs: this.#specs,
      directions: this.#catalog.current,
      tuning: this.#tuning.current,
      analysis: this.config.analysis,
      ...(classes === undefined ? {} : { dataClasses: classes }),
      addresses: this.#addresses,
      redaction: this.config.redaction,
      key,
      rings: [...this.#rings, this.#lentRing, this.#decisionRing, this.#sensorRing].filter(
        ring => ring !== undefined,
      ),
      held: this.#held,
      stateFile: join(this.#directory, stateFileName),
      instance: randomBytes(6).toString('hex'),
      ...(address === undefined ? {} : { store: address }),
    })
    this.#analysis = new Thread<ToAnalysis, FromAnalysis>({
      name: 'analysis',
      module: new URL('./analysis-worker.ts', import.meta.url),
      data,
      onMessage: message => {
        if (message.type === 'ready') {
          this.#analysis?.healthy()
          this.#catalogFindings.begun(message.resumed || message.warmedUp > 0)
          if (message.warmedUp > 0) this.#log(`Learned again from ${message.warmedUp} recorded calls.`)
          ready.resolve()
        } else this.#fromAnalysis(message)
      },
      onFault: (fault, retryInMs) => {
        this.#own.add('sallyport_thread_restarts_total{thread="analysis"}')
        const lost = Atomics.exchange(new Int32Array(this.#held), 0, 0)
        if (lost > 0) this.#own.add('sallyport_ingest_dropped_total{reason="analysis_stopped"}', lost)
        this.#log(
          `Analysis stopped (${fault?.message ?? 'no reason given'}); starting it again in ${retryInMs} ms.`,
        )
      },
    })
    return ready.promise
  }

  #fromAnalysis(message: FromAnalysis): void {
    switch (message.type) {
      case 'snapshot':
        this.#snapshot = message.snapshot
        for (const loop of this.#guardLoops()) loop.post({ type: 'analysis', snapshot: message.snapshot })
        return
      case 'calls':
        // Only the memory driver takes calls here; it cannot fail.
        void this.calls.append(message.batch, message.token)
        return
      case 'store':
        this.#storeTrouble = message.trouble
        this.#log(
          message.trouble === undefined
            ? 'Calls are being stored again.'
            : `Calls cannot be stored and are held in memory: ${message.trouble}`,
        )
        return
      case 'catalog':
        this.#takeCatalog(message)
        return
      case 'said':
        this.#log(message.line)
        return
      case 'answer':
        this.#graph.take(message)
        return
      case 'tuned':
        this.#tuning.confirm(message.version)
        return
      case 'directed':
        this.#catalog.confirm(message.version)
        return
      case 'report':
        this.#takeReport(message)
    }
  }

  #takeReport(report: Extract<FromAnalysis, { type: 'report' }>): void {
    if (report.endpoints.length > 0 || report.gone.length > 0 || report.principals.length > 0)
      this.#knowledge.touch()
    this.#reports.set('analysis', report.counters)
    if (report.reviews !== undefined) this.#reviews = report.reviews
    if (report.orphans !== undefined) this.#orphans = report.orphans
    this.#observed += report.observed
    this.#rate.add(report.observed, this.clock.now())
    this.#takeCatalog(report)
    if (report.findings !== undefined)
      this.#catalogFindings.take(report.findings, report.findingsAt ?? this.clock.now())
    if (report.rollouts !== undefined) this.#judgeRollouts(report.rollouts)
    for (const principal of report.principals) this.#principals.set(principal.id, principal)
    this.#findings.add(report.signals, report.incidents, report.folded)
    for (const signal of report.signals) this.#tell({ type: 'signal', signal })
    for (const incident of report.incidents) this.#tell({ type: 'incident', incident })
    if (report.calls.length > 0) this.#tell({ type: 'calls', items: report.calls })
  }

  #takeCatalog({ endpoints, gone, merged }: CatalogNews): void {
    for (const id of gone) this.#endpoints.delete(id)
    for (const facts of endpoints) {
      const isNew = !this.#endpoints.has(facts.endpoint.id)
      this.#endpoints.set(facts.endpoint.id, facts)
      this.#renamed.delete(facts.endpoint.id)
      if (isNew) this.#tell({ type: 'endpoint', endpoint: facts.endpoint })
    }
    for (const [from, to] of merged)
      if (from !== to && !this.#endpoints.has(from)) this.#renamed.set(from, to)
    // A merged id is not forgotten by the changes: they go on under its new name.
    const renamed = new Set(merged.map(([from]) => from))
    this.#changes.take({
      endpoints: endpoints.map(({ endpoint }) => endpoint),
      gone: gone.filter(id => !renamed.has(id)),
      merged,
    })
    this.#catalogFindings.merged(merged)
    void this.#catalog.follow(merged).catch(thrown => {
      this.#own.add('sallyport_state_errors_total')
      this.#log(`A label could not follow its endpoint: ${SallyportError.from(thrown).toDisplayString()}`)
    })
    this.#own.set('sallyport_state_entries{kind="change"}', this.#changes.log.size)
    this.#own.set('sallyport_state_evictions_total{kind="change"}', this.#changes.log.dropped)
  }

  async #startGateways(key: Uint8Array): Promise<void> {
    if (this.#rings.length === 0) return
    const gateways: Thread<ToGateway, FromGateway>[] = []
    this.#gateways = gateways
    for (const [index, ring] of this.#rings.entries()) {
      const listening = Promise.withResolvers<{ host: string; port: number }>()
      const gateway: Thread<ToGateway, FromGateway> = new Thread<ToGateway, FromGateway>({
        name: `gateway-${index}`,
        module: new URL('./gateway-worker.ts', import.meta.url),
        data: (): GatewayWorkerData => ({
          ...this.#loopData(`g${index}`, key, ring),
          config: this.#gatewayConfig,
          upstream: this.#gatewayConfig.upstream!,
        }),
        onMessage: message => {
          if (message.type === 'listening') {
            gateway.healthy()
            listening.resolve(message)
          } else if (message.type === 'failed') {
            const { code, type: _, message: sentence, ...detail } = message
            listening.reject(new SallyportError(code as ErrorCode, sentence, detail))
          } else if (message.type === 'reloaded') this.#onReloaded(index, message)
          else this.#fromGuardLoop(`gateway-${index}`, gateway, message)
        },
        onFault: (fault, retryInMs) => {
          this.#own.add('sallyport_thread_restarts_total{thread="gateway"}')
          this.#log(
            `A gateway loop stopped (${fault?.message ?? 'no reason given'}); again in ${retryInMs} ms.`,
          )
        },
      })
      gateways.push(gateway)
      const { host, port } = await listening.promise
      // With port 0 the first loop finds one and the others share it.
      this.#gatewayConfig = { ...this.#gatewayConfig, port }
      this.#gatewayUrl = `${schemeOf(this.#gatewayConfig)}://${host.includes(':') ? `[${host}]` : host}:${port}`
    }
  }

  /**
   * Goes by another configuration of the gateway, without a restart: every loop takes it, or says why not and stays as it was. Where it
   * listens and how many loops there are takes effect at the next start.
   */
  reloadGateway(config: Config['gateway']): void {
    const { upstream } = config
    if (this.#gateways.length === 0 || upstream === undefined) {
      this.#log('The gateway begins or ends with a start: this configuration waits for the next one.')
      return
    }
    const { host, port, workers } = this.#gatewayConfig
    const asked = { ...config, host, port, workers }
    this.#gatewayAsked = asked
    for (const gateway of this.#gateways) gateway.post({ type: 'reload', config: asked, upstream })
  }

  /** Said once, by the first loop: all read the same. A loop that starts again goes by what was in force. */
  #onReloaded(index: number, message: Extract<FromGateway, { type: 'reloaded' }>): void {
    if (index !== 0) return
    const { what, trouble } = message
    if (what === 'options' && trouble === undefined && this.#gatewayAsked !== undefined) {
      this.#gatewayConfig = this.#gatewayAsked
      this.#gatewayUrl = this.#gatewayUrl?.replace(/^https?/, schemeOf(this.#gatewayConfig))
    }
    const subject = what === 'options' ? "The gateway's configuration" : "The gateway's certificates"
    this.#log(trouble === undefined ? `${subject} took effect.` : `${subject} stayed as before: ${trouble}`)
  }

  /** With a token of the data folder for the decision API, where none is configured. Without any the API is off. */
  #decisionConfig(): Config['decisionPoints'] {
    const { decisionPoints } = this.config
    const { forwardAuth } = decisionPoints
    if (forwardAuth.token !== undefined || forwardAuth.enabled === false) return decisionPoints
    try {
      const { token, made } = decisionToken(this.#directory)
      if (made) this.#log(`Decision API, its token:  ${join(this.#directory, decisionTokenFileName)}`)
      return { ...decisionPoints, forwardAuth: { ...forwardAuth, token } }
    } catch (thrown) {
      this.#log(`The decision API is off: ${SallyportError.from(thrown).toDisplayString()}`)
      return decisionPoints
    }
  }

  /** A decision point that cannot start stops nothing else: it is told, and tried again where it was asked for. */
  async #startDecisions(key: Uint8Array): Promise<void> {
    const ring = this.#decisionRing
    if (ring === undefined) return
    const config = this.#decisionConfig()
    const ready = Promise.withResolvers<void>()
    const decisions: Thread<ToGuardLoop, FromDecisions> = new Thread<ToGuardLoop, FromDecisions>({
      name: 'decisions',
      module: new URL('./decision-worker.ts', import.meta.url),
      data: (): DecisionWorkerData => ({ ...this.#loopData('d0', key, ring), config }),
      onMessage: message => {
        if (message.type === 'ready') {
          decisions.healthy()
          ready.resolve()
        } else if (message.type === 'started' || message.type === 'failed')
          this.#logStart('Decision point', message)
        else this.#fromGuardLoop('points', decisions, message)
      },
      onFault: (fault, retryInMs) => {
        this.#own.add('sallyport_thread_restarts_total{thread="decisions"}')
        this.#log(
          `The decision points stopped (${fault?.message ?? 'no reason given'}); again in ${retryInMs} ms.`,
        )
      },
    })
    this.#decisions = decisions
    await ready.promise
  }

  /** A sensor that cannot start stops nothing else: it is told, and tried again where it was asked for. */
  async #startSensors(): Promise<void> {
    const ring = this.#sensorRing
    if (ring === undefined) return
    const ready = Promise.withResolvers<void>()
    this.#sensors = new Thread<ToSensors, FromSensors>({
      name: 'sensors',
      module: new URL('./sensor-worker.ts', import.meta.url),
      data: (): SensorWorkerData => ({ config: this.config.sensors, ring }),
      onMessage: message => {
        if (message.type === 'ready') {
          this.#sensors?.healthy()
          ready.resolve()
        } else if (message.type === 'report') {
          this.#sensorHealth = message.health
          this.#reports.set('sensors', message.counters)
        } else if (message.type === 'started' || message.type === 'failed') this.#logStart('Sensor', message)
      },
      onFault: (fault, retryInMs) => {
        this.#own.add('sallyport_thread_restarts_total{thread="sensors"}')
        this.#log(`The sensors stopped (${fault?.message ?? 'no reason given'}); again in ${retryInMs} ms.`)
      },
    })
    await ready.promise
  }

  #logStart(what: string, message: Extract<FromDecisions, { type: 'started' | 'failed' }>): void {
    const { id } = message
    if (message.type === 'started') {
      if (message.address !== undefined) this.#log(`${what} ${id}:  ${message.address}`)
    } else
      this.#log(
        message.asked
          ? `${what} ${id} does not run, and is tried again: ${message.trouble}`
          : `${what} ${id} is left out: ${message.trouble}`,
      )
  }

  /** What the loop of this name starts from. */
  #loopData(instance: string, key: Uint8Array, ring: RingMemory): GuardLoopData {
    const { publicKey, file } = this.#bundles
    const { redaction, budgets, enforcement } = this.config
    return {
      ...{ instance, key, ring, redaction, budgets },
      supply: { publicKey, bundleFile: file, bypassFile: join(this.#directory, bypassFileName) },
      routes: enforcement.routes,
      addresses: this.#addresses,
      flow: this.#flow,
    }
  }

  #lend(key: Uint8Array): void {
    const ring = this.#lentRing
    if (ring === undefined) return
    this.#lent = new LentLoop(this.#loopData('a0', key, ring), (message, loop) =>
      this.#fromGuardLoop('application', loop, message),
    )
  }

  /** The loop that the application's thread runs; undefined where the system serves none. */
  get lent(): LentLoop | undefined {
    return this.#lent
  }

  /** The last good bundle on disk: what decision points begin with. */
  #keepBundle(bundle: SealedBundle): void {
    this.#bundles.keep(bundle).catch(thrown => {
      this.#own.add('sallyport_state_keep_errors_total')
      this.#log(`The bundle of policies could not be kept: ${SallyportError.from(thrown).toDisplayString()}`)
    })
  }

  #guardLoops(): readonly Addressee[] {
    return [...this.#gateways, this.#decisions, this.#lent].filter(loop => loop !== undefined)
  }

  #fromGuardLoop(name: string, loop: Addressee, message: FromGuardLoop): void {
    if (message.type === 'unbriefed') {
      if (this.#snapshot !== undefined) loop.post({ type: 'analysis', snapshot: this.#snapshot })
      this.#knowledge.tell()
      loop.post({ type: 'knowledge', taught: this.#knowledge.current })
      const bundle = this.#bundles.seal(this.#control.current)
      loop.post({ type: 'control', bundle })
      this.#keepBundle(bundle)
    } else if (message.type === 'controlled') {
      if (message.refused !== undefined)
        this.#log(`${name} refused what control handed out: ${message.refused}.`)
      this.#control.confirm(message.version)
    } else if (message.type === 'report') {
      this.#health.set(name, message.health)
      if (message.budgets !== undefined) this.#budgetsAnswer.set(name, message.budgets)
      this.#reports.set(name, message.counters)
      this.#decided.add(message.decisions)
      this.#quarantined.add(message.quarantines)
      void this.#decided.flush()
      void this.#quarantined.flush()
    }
  }

  /** Quarantines that a policy asked for: kept, audited and handed to every gateway. */
  async #takeQuarantines(entries: readonly QuarantineEntry[]): Promise<void> {
    for (const entry of entries) {
      await this.state.putQuarantine(entry)
      await this.state.audit({
        time: entry.createdAt,
        actor: entry.createdBy,
        action: 'quarantine.add',
        target: entry.target,
        detail: { id: entry.id, reason: entry.reason, expiresAt: entry.expiresAt },
      })
    }
    await this.changed('quarantine')
  }

  // — what the server asks —

  gatewayUrl(): string | undefined {
    return this.#gatewayUrl
  }

  endpoints(): readonly Endpoint[] {
    return [...this.#endpoints.values()].map(facts => facts.endpoint).sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  /** Also by an id it went by before words of its path were folded. */
  endpoint(id: string): (EndpointFacts & { readonly owners: AnalysisSnapshot['owners'] }) | undefined {
    const facts = this.#endpoints.get(this.#nameNow(id))
    if (facts === undefined) {
      const orphan = this.orphans().find(one => one.id === id)
      return orphan === undefined ? undefined : { endpoint: orphan, callers: [], owners: [] }
    }
    const owners = this.#snapshot?.owners.filter(({ endpoint }) => endpoint === facts.endpoint.id) ?? []
    return { ...facts, owners }
  }

  #nameNow(id: string): string {
    let at = id
    for (let hops = 0; hops < 16 && !this.#endpoints.has(at); hops += 1) {
      const next = this.#renamed.peek(at)
      if (next === undefined) return id
      at = next
    }
    return at
  }

  /** Specified operations without a call; their times are those of the specifications. */
  orphans(): readonly Endpoint[] {
    return this.#orphans.flatMap(orphan =>
      this.#endpoints.has(orphan.id)
        ? []
        : [{ ...orphan, firstSeen: this.#specsAt, lastSeen: this.#specsAt }],
    )
  }

  mergeReviews(): readonly MergeReview[] {
    return this.#reviews
  }

  catalogFile(): { readonly file: string; readonly pins: readonly TemplatePin[] } | undefined {
    const { file } = this.#catalog.current
    return file === undefined || this.config.catalog === undefined
      ? undefined
      : { file: this.config.catalog, pins: file.pins }
  }

  dataClasses(): ClassRegistry {
    return this.#classes
  }

  detectorText(id: string): { readonly title: string; readonly whenNotAnAttack: string } | undefined {
    return allDetectors.find(detector => detector.id === id)
  }

  /** Every detector, and how it is set: its own defaults, the configuration over them, people's settings over that. */
  detectors() {
    const set = new Map(this.#tuning.current.settings.map(setting => [setting.detector, setting]))
    const { detectors: configured, disabled } = this.config.analysis
    return allDetectors.map(facts => {
      const own = Object.entries(facts.options).map(([name, option]) => [name, option.default] as const)
      const given = configured[facts.id] ?? {}
      const setting = set.get(facts.id)
      return {
        facts,
        enabled: setting?.enabled ?? !disabled.includes(facts.id),
        options: { ...Object.fromEntries(own), ...given, ...setting?.options },
        configured: given,
      }
    })
  }

  /** One detector over the recorded calls, as it is set and with `options` in place of that. Rejects as `BacktestDesk.run`. */
  async backtest(asked: {
    readonly detector: string
    readonly since?: number
    readonly options: Readonly<Record<string, number>>
  }) {
    const before = this.detectors().find(({ facts }) => facts.id === asked.detector)?.options ?? {}
    const { address } = this.#callStore
    return await this.#backtests.run({
      detector: asked.detector,
      before,
      after: { ...before, ...asked.options },
      ...(asked.since === undefined ? {} : { since: asked.since }),
      exceptions: this.config.analysis.exceptions,
      ...(this.#dataClassFile === undefined ? {} : { dataClasses: this.#dataClassFile }),
      ...(address === undefined ? {} : { store: address }),
    })
  }

  checkPolicy(source: string) {
    return policyCheck(source, () => this.#knowledge.shapes())
  }

  describePolicy(source: string) {
    return describePolicy(source)
  }

  principals(): readonly PrincipalFacts[] {
    return [...this.#principals.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  /** What the last analysis snapshot says; undefined before the first. */
  get snapshot(): AnalysisSnapshot | undefined {
    return this.#snapshot
  }

  sensors(): readonly SensorHealth[] {
    const inline = [...this.#health.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([, health]) => health)
    const { url } = this.config.budgets
    const budgets = url === undefined ? [] : [budgetsHealth(url, this.#budgetsAnswer)]
    const sensors = [...inline, ...this.#sensorHealth, ...budgets]
    // Where the store fails, what the sensors see is not kept: then it is told among them.
    return this.#storeTrouble === undefined
      ? sensors
      : [...sensors, storeHealth(this.#callStore.driver, this.#storeTrouble)]
  }

  stats() {
    const reported = this.#reports.get('analysis') ?? {}
    const candidates = reported['sallyport_state_entries{kind="candidate"}'] ?? 0
    return {
      callsPerSecond: this.#rate.perSecond(this.clock.now()),
      calls: this.#observed,
      endpoints: this.#endpoints.size,
      candidates,
      principals: this.#principals.size,
      dropped: Object.entries(this.counters())
        .filter(([name]) => name.startsWith('sallyport_ingest_dropped_total'))
        .reduce((sum, [, count]) => sum + count, 0),
    }
  }

  /** Every thread's and store's counters by name: counts are summed, of gauges the highest is told. */
  counters(): Record<string, number> {
    const sum: Record<string, number> = {}
    const stores = [this.state.counters, this.calls.counters].map(one => one?.toJSON() ?? {})
    for (const report of [this.#own.toJSON(), ...stores, ...this.#reports.values()]) {
      for (const [name, value] of Object.entries(report)) {
        const known = sum[name] ?? 0
        sum[name] = /_total(\{|$)/.test(name) ? known + value : Math.max(known, value)
      }
    }
    return sum
  }

  catalogFindings(query: CatalogFindingQuery): Promise<Page<StoredFinding>> {
    return this.#catalogFindings.query(query)
  }

  /** Rejects with `server/busy` while analysis does not answer, and as `answerFrom` throws. */
  askGraph<Kind extends GraphQuestionKind>(
    kind: Kind,
    ask: GraphQuestions[Kind]['ask'],
  ): Promise<GraphQuestions[Kind]['answer']> {
    return this.#graph.ask(kind, ask)
  }

  catalogChanges(): readonly CatalogChange[] {
    return this.#changes.log.changes()
  }

  bypass(): boolean {
    return this.#control.current.bypass
  }

  bypassStatus() {
    const file = join(this.#directory, bypassFileName)
    const local = localBypass(file, process.env.SALLYPORT_BYPASS)
    return { policies: this.#control.bypassed, local: { ...local, file } }
  }

  setBypass(on: boolean, policy?: string): Promise<void> {
    return this.#control.setBypass(on, policy)
  }

  /** Call after a change in the state store. Resolves when every gateway acts by it, or has been given up on. */
  async changed(
    what: 'policies' | 'quarantine' | 'resolutions' | 'specs' | 'catalog' | 'tuning',
  ): Promise<void> {
    if (what === 'catalog') return await this.#catalog.handOut()
    if (what === 'tuning') return await this.#tuning.handOut()
    if (what === 'specs') {
      await this.#readSpecs()
      this.#analysis?.post({ type: 'specify', specs: this.#specs })
      return
    }
    if (what === 'quarantine') this.#tell({ type: 'quarantine' })
    if (what !== 'resolutions') await this.#control.handOut()
    if (what === 'policies') await this.#watch()
  }

  subscribe(listener: (event: LiveEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Stops taking calls, finishes those under way, keeps what was found, closes the stores. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    this.#graph.close()
    await this.#backtests.close()
    await Promise.all(this.#gateways.map(gateway => gateway.close({ type: 'close', drainMs }, drainMs * 2)))
    await this.#decisions?.close({ type: 'close', drainMs }, drainMs * 2)
    await this.#lent?.close({ type: 'close', drainMs }, drainMs * 2)
    await this.#sensors?.close({ type: 'close' }, drainMs * 2)
    await this.#analysis?.close({ type: 'close' }, keepingMs)
    await this.#changes.keep()
    await this.#findings.flush()
    await this.#decided.flush()
    await this.#quarantined.flush()
    await this.#catalogFindings.close()
    await this.#bundles.settled()
    await this.#callStore.close()
    await this.state.close()
    await this.#closeDirectory()
  }

  // — inside —

  /** Roles of those who call it and were mostly let in, but these principals. */
  #rolesAt(endpoint: string, but: ReadonlySet<string>): readonly string[] {
    const callers = this.#endpoints.get(endpoint)?.callers ?? []
    return callers.flatMap(({ principal, calls, refused }) =>
      but.has(principal) || refused * 2 >= calls ? [] : (this.#principals.peek(principal)?.roles ?? []),
    )
  }

  async #readSpecs(): Promise<void> {
    const stored = readStored(await this.state.getSetting(specsSetting))
    this.#specs = stored.map(({ name, source }) => ({ name, source }))
    this.#knowledge.specify(this.#specs)
    this.#specsAt = Math.max(0, ...stored.map(({ updatedAt }) => updatedAt))
  }

  async #applyPolicyFolder(): Promise<void> {
    if (this.config.policies === undefined) return
    const stored = new Map((await this.state.policies()).map(policy => [policy.name, policy]))
    for (const { name, source } of readPolicyFolder(this.config.policies)) {
      const now = stored.get(name)?.source
      // What was promoted or rolled back since the file was taken stays, until the file says something else.
      const taken = (await this.policies.history(name)).find(({ change }) => change === fromFolder)
      if (now === source || (now !== undefined && taken?.source === source)) continue
      const override = 'It stands in the folder of the configuration.'
      const { policy, stage } = await this.policies.put(name, source, { by: 'system', override }, fromFolder)
      await this.state.audit({
        time: this.clock.now(),
        actor: 'system',
        action: 'policy.put',
        target: name,
        detail: { version: policy.version, ...stage, from: this.config.policies, override },
      })
    }
  }

  #judgeRollouts(rollouts: readonly RolloutReading[]): void {
    const { sallyport_decision_errors_total: errors = 0, sallyport_policy_faults_total: faults = 0 } =
      this.counters()
    this.policies.take(rollouts, errors + faults).catch(thrown => {
      this.#own.add('sallyport_state_errors_total')
      this.#log(`Policies could not be judged: ${SallyportError.from(thrown).toDisplayString()}`)
    })
  }

  /** Tells analysis which policies' effect it measures. */
  async #watch(): Promise<void> {
    this.#analysis?.post({ type: 'watch', policies: await this.policies.watched() })
  }

  async #refresh(): Promise<void> {
    try {
      await this.#control.handOut()
      await this.#watch()
    } catch (thrown) {
      this.#own.add('sallyport_state_errors_total')
      this.#log(`Policies could not be handed out: ${SallyportError.from(thrown).toDisplayString()}`)
    }
  }

  async #forgetOldCalls(): Promise<void> {
    try {
      await this.calls.dropBefore(this.clock.now() - this.config.calls.retentionDays * dayMs)
    } catch (thrown) {
      this.#own.add('sallyport_store_retention_errors_total')
      this.#log(`Old calls could not be dropped: ${SallyportError.from(thrown).toDisplayString()}`)
    }
  }

  #tell(event: LiveEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}

const storeHealth = (kind: string, detail: string): SensorHealth => ({
  id: 'calls-store',
  kind,
  state: 'degraded',
  events: 0,
  dropped: 0,
  rejected: 0,
  detail,
})
