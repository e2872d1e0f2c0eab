import { join } from 'node:path'
import type { CatalogChange } from '../catalog/changes/catalog-change.ts'
import type { ClassRegistry } from '../catalog/data-classes/registry/class-registry.ts'
import type { MergeReview } from '../catalog/directions/merge-review.ts'
import type { TemplatePin } from '../catalog/directions/template-pin.ts'
import type { Endpoint } from '../catalog/endpoint.ts'
import { allDetectors } from '../detect/registry.ts'
import type { Clock } from '../kit/clock.ts'
import { version } from '../kit/version.ts'
import type { SensorHealth } from '../sensors/sensor-health.ts'
import type { CallStore } from '../store/ports/call-store.ts'
import type { CatalogFindingQuery, StoredFinding } from '../store/ports/catalog-state.ts'
import type { Page, StateStore } from '../store/ports/state-store.ts'
import { AnalysisReports } from './analysis-reports.ts'
import { AnalysisThread } from './analysis-thread.ts'
import { backgroundFault } from './background-fault.ts'
import { BundleKeeper } from './bundle-keeper.ts'
import { allRings, type CallRings, createCallRings } from './call-rings.ts'
import { storeHealth } from './call-stores.ts'
import { CatalogFindings } from './catalog-findings.ts'
import { CatalogReplica } from './catalog-replica.ts'
import { ChangesKeeper } from './changes-keeper.ts'
import type { Config } from './config.ts'
import { type ConfiguredFiles, readConfiguredFiles } from './configured-files.ts'
import { ControlDesk } from './control-desk.ts'
import { CounterReports } from './counter-reports.ts'
import { DecisionKeeper } from './decision-keeper.ts'
import { DecisionThread } from './decision-thread.ts'
import { DetectorDesk } from './detector-desk.ts'
import { FindingsKeeper } from './findings-keeper.ts'
import { GatewayThreads } from './gateway-threads.ts'
import type { GraphQuestionKind, GraphQuestions } from './graph-questions.ts'
import { GuardLoops } from './guard-loops.ts'
import { stateFileName } from './kept-state.ts'
import { KnowledgeDesk } from './knowledge-desk.ts'
import type { LentLoop } from './lent-loop.ts'
import { type LiveEvent, LiveEvents } from './live-events.ts'
import { bypassFileName, localBypass } from './local-bypass.ts'
import { type OpenStores, openStores } from './open-stores.ts'
import { PolicyDesk } from './policy-desk.ts'
import { applyPolicyFolder } from './policy-folder.ts'
import { describePolicy, policyCheck } from './policy-service.ts'
import type { EndpointFacts } from './protocol.ts'
import { reopenThoseGoingOn } from './reopen.ts'
import { SensorThread } from './sensor-thread.ts'
import type { AnalysisSnapshot } from './snapshot.ts'
import type { PrincipalFacts } from './usage.ts'

export interface SystemOptions {
  readonly config: Config
  readonly clock: Clock
  readonly demo?: boolean
  /** It serves an application that decides in a thread of its own: `lent` is its loop, and there is no other sensor. */
  readonly application?: boolean
  readonly log: (line: string) => void
}

const drainMs = 5_000
/** Decision points hear from control at least so often: how old a bundle is says whether control is there. */
const refreshEveryMs = 60_000
/** Decision points hear what the catalog learned at most so often. */
const knowledgeEveryMs = 2_000
const retentionEveryMs = 3_600_000
const findingsEveryMs = 250
const changesEveryMs = 60_000
/** What analysis may take at the end to write down what it learned. */
const keepingMs = 60_000
const dayMs = 86_400_000

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
  readonly policies: PolicyDesk
  readonly #log: (line: string) => void
  readonly #stores: OpenStores
  readonly #files: ConfiguredFiles
  readonly #counters: CounterReports
  readonly #live = new LiveEvents()
  readonly #findings: FindingsKeeper
  readonly #catalogFindings: CatalogFindings
  readonly #decided: DecisionKeeper
  readonly #bundles: BundleKeeper
  readonly #control: ControlDesk
  readonly #knowledge: KnowledgeDesk
  readonly #catalog: CatalogReplica
  readonly #reports: AnalysisReports
  readonly #detectors: DetectorDesk
  readonly #analysis: AnalysisThread
  readonly #rings: CallRings
  readonly #loops: GuardLoops
  readonly #gateways: GatewayThreads
  readonly #decisions: DecisionThread | undefined
  readonly #sensors: SensorThread | undefined
  #lent: LentLoop | undefined
  readonly #timers: NodeJS.Timeout[] = []

  private constructor(options: SystemOptions, stores: OpenStores) {
    const { config, clock, log } = options
    const { analysis, redaction, enforcement } = config
    const { state, directory, key } = stores
    const calls = stores.calls.store
    this.clock = clock
    this.config = config
    this.demo = options.demo === true
    this.startedAt = clock.now()
    this.state = state
    this.calls = calls
    this.#log = log
    this.#stores = stores
    this.#files = readConfiguredFiles(config)
    const { classes, addresses } = this.#files
    const counters = new CounterReports([state, calls])
    this.#counters = counters
    this.#findings = new FindingsKeeper(state, counters.own, log, async incidents => {
      for (const incident of await reopenThoseGoingOn(state, incidents, clock.now()))
        this.#live.tell({ type: 'incident', incident })
    })
    const save = (work: () => Promise<void>): Promise<boolean> => this.#findings.save(work)
    this.#catalogFindings = new CatalogFindings({ state, save, knows: id => this.#catalog.has(id) })
    this.#decided = new DecisionKeeper({
      ...{ state, save, counters: counters.own },
      quarantined: () => this.changed('quarantine'),
    })
    this.#bundles = new BundleKeeper(directory, clock)
    this.#control = new ControlDesk({
      ...{ state, clock, log },
      versionBefore: this.#bundles.keptVersion(),
      post: snapshot => {
        const told = this.#loops.govern(snapshot)
        this.#knowledge.govern(snapshot.policies)
        return told
      },
    })
    this.#knowledge = new KnowledgeDesk({
      ...{ classes, addresses },
      endpoints: () => this.#catalog.values(),
      risks: () => this.#reports.principals().map(({ id, risk }) => [id, risk] as const),
      post: taught => this.#loops.teach(taught),
    })
    this.policies = new PolicyDesk({
      ...{ state, calls, clock, log },
      rollout: enforcement.rollout,
      snapshot: () => this.#loops.snapshot,
      knowledge: (bundle, flow) => this.#knowledge.for(bundle, flow),
      rolesAt: (endpoint, but) => this.#reports.rolesAt(endpoint, but),
      principal: id => this.#reports.principal(id),
      automaticRollback: enforcement.rollout.automaticRollback,
      changed: () => this.changed('policies'),
    })
    this.#loops = new GuardLoops({
      ...{ config, key, directory, addresses, counters, log },
      bundles: this.#bundles,
      decisions: this.#decided,
      control: () => this.#control.current,
      taught: () => {
        this.#knowledge.tell()
        return this.#knowledge.current
      },
      confirmed: version => this.#control.confirm(version),
    })
    const rings = createCallRings(config, options.application === true)
    this.#rings = rings
    const store = stores.calls.address === undefined ? {} : { store: stores.calls.address }
    const dataClasses = this.#files.dataClasses === undefined ? {} : { dataClasses: this.#files.dataClasses }
    this.#analysis = new AnalysisThread({
      ...{ state, clock, log },
      counters: counters.own,
      catalogFile: this.#files.catalog,
      data: {
        ...{ analysis, redaction, addresses, key, ...dataClasses, ...store },
        rings: allRings(rings),
        gatewayRings: rings.gateways.length,
        stateFile: join(directory, stateFileName),
      },
      specified: specs => this.#knowledge.specify(specs),
      take: report => this.#reports.take(report),
    })
    this.#detectors = new DetectorDesk({
      ...{ config: analysis, calls },
      tuning: () => this.#analysis.tuning.current,
      backtest: { ...dataClasses, ...store },
    })
    this.#catalog = new CatalogReplica({
      ...{ live: this.#live, log },
      counters: counters.own,
      changes: new ChangesKeeper(join(directory, 'changes.state'), log),
      findings: this.#catalogFindings,
      directions: this.#analysis.directions,
      specifiedAt: () => this.#analysis.specs.updatedAt,
    })
    this.#reports = new AnalysisReports({
      ...{ clock, calls, live: this.#live, counters, log },
      catalog: this.#catalog,
      catalogFindings: this.#catalogFindings,
      findings: this.#findings,
      knowledge: this.#knowledge,
      loops: this.#loops,
      policies: this.policies,
    })
    const toLoops = { loops: this.#loops, counters: counters.own, log }
    this.#gateways = new GatewayThreads({ ...toLoops, config: config.gateway, rings: rings.gateways })
    if (rings.decisions !== undefined)
      this.#decisions = new DecisionThread({
        ...{ ...toLoops, directory },
        config: config.decisionPoints,
        ring: rings.decisions,
      })
    if (rings.sensors !== undefined)
      this.#sensors = new SensorThread({ counters, log, config: config.sensors, ring: rings.sensors })
  }

  /**
   * Starts every part that the configuration asks for. When one fails, those before it are closed again.
   * @throws SallyportError `store/locked`, `listen/in-use`, `store/…`, `config/invalid`
   */
  static async start(options: SystemOptions): Promise<System> {
    const stores = await openStores(options.config, options.log)
    let close = (): Promise<void> => stores.close()
    try {
      const system = new System(options, stores)
      close = () => system.close()
      await system.#start()
      return system
    } catch (thrown) {
      await close()
      throw thrown
    }
  }

  async #start(): Promise<void> {
    await this.#analysis.read()
    if (this.config.policies !== undefined) await applyPolicyFolder(this.config.policies, this)
    await this.#control.read()
    await this.#catalogFindings.read()
    await this.#catalog.changes.read()
    await this.#analysis.start()
    await this.#watch()
    await this.#gateways.start()
    if (this.#rings.application !== undefined) this.#lent = this.#loops.lend(this.#rings.application)
    await Promise.all([this.#decisions?.start(), this.#sensors?.start()])
    const flush = (): void => {
      void this.#findings.flush()
      void this.#catalogFindings.flush()
    }
    const failed = (counter: string, sentence: string): ((thrown: unknown) => void) =>
      backgroundFault(this.#counters.own, this.#log, counter, sentence)
    const unforgotten = failed('sallyport_store_retention_errors_total', 'Old calls could not be dropped')
    const untold = failed('sallyport_state_errors_total', 'Policies could not be handed out')
    this.#timers.push(
      setInterval(flush, findingsEveryMs),
      setInterval(() => void this.#catalog.changes.keep(), changesEveryMs),
      setInterval(() => this.#forgetOldCalls().catch(unforgotten), retentionEveryMs),
      setInterval(() => this.#refresh().catch(untold), refreshEveryMs),
      setInterval(() => this.#knowledge.tell(), knowledgeEveryMs),
    )
  }

  /**
   * Goes by another configuration of the gateway, without a restart: every loop takes it, or says why not and stays as it was. Where it
   * listens and how many loops there are takes effect at the next start.
   */
  reloadGateway(config: Config['gateway']): void {
    this.#gateways.reload(config)
  }

  /** The loop that the application's thread runs; undefined where the system serves none. */
  get lent(): LentLoop | undefined {
    return this.#lent
  }

  // — what the server asks —

  gatewayUrl(): string | undefined {
    return this.#gateways.url
  }

  endpoints(): readonly Endpoint[] {
    return [...this.#catalog.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  /** Also by an id it went by before words of its path were folded. */
  endpoint(id: string): (EndpointFacts & { readonly owners: AnalysisSnapshot['owners'] }) | undefined {
    const facts = this.#catalog.find(id)
    if (facts === undefined) return undefined
    const owners = this.snapshot?.owners.filter(({ endpoint }) => endpoint === facts.endpoint.id) ?? []
    return { ...facts, owners }
  }

  /** Specified operations without a call; their times are those of the specifications. */
  orphans(): readonly Endpoint[] {
    return this.#catalog.orphans()
  }

  mergeReviews(): readonly MergeReview[] {
    return this.#catalog.reviews
  }

  catalogFile(): { readonly file: string; readonly pins: readonly TemplatePin[] } | undefined {
    const { catalog } = this.#files
    return catalog === undefined || this.config.catalog === undefined
      ? undefined
      : { file: this.config.catalog, pins: catalog.pins }
  }

  dataClasses(): ClassRegistry {
    return this.#files.classes
  }

  detectorText(id: string): { readonly title: string; readonly whenNotAnAttack: string } | undefined {
    return allDetectors.find(detector => detector.id === id)
  }

  /** Every detector, and how it is set. */
  detectors() {
    return this.#detectors.all()
  }

  /** One detector over the recorded calls, as it is set and otherwise. Rejects as `DetectorDesk.backtest`. */
  backtest(asked: Parameters<DetectorDesk['backtest']>[0]) {
    return this.#detectors.backtest(asked)
  }

  checkPolicy(source: string) {
    return policyCheck(source, () => this.#knowledge.shapes())
  }

  describePolicy(source: string) {
    return describePolicy(source)
  }

  principals(): readonly PrincipalFacts[] {
    return this.#reports.principals().toSorted((a, b) => (a.id < b.id ? -1 : 1))
  }

  /** What the last analysis snapshot says; undefined before the first. */
  get snapshot(): AnalysisSnapshot | undefined {
    return this.#loops.snapshot
  }

  sensors(): readonly SensorHealth[] {
    const { inline, budgets } = this.#loops.health()
    const sensors = [...inline, ...(this.#sensors?.health ?? []), ...budgets]
    // Where the store fails, what the sensors see is not kept: then it is told among them.
    const { storeTrouble } = this.#reports
    return storeTrouble === undefined
      ? sensors
      : [...sensors, storeHealth(this.#stores.calls.driver, storeTrouble)]
  }

  stats() {
    return {
      ...this.#reports.traffic(),
      endpoints: this.#catalog.size,
      candidates: this.#counters.of('analysis', 'sallyport_state_entries{kind="candidate"}'),
      dropped: this.#counters.dropped(),
    }
  }

  /** Every thread's and store's counters by name: counts are summed, of gauges the highest is told. */
  counters(): Record<string, number> {
    return this.#counters.all()
  }

  catalogFindings(query: CatalogFindingQuery): Promise<Page<StoredFinding>> {
    return this.#catalogFindings.query(query)
  }

  /** Rejects with `server/busy` while analysis does not answer, and as `answerFrom` throws. */
  askGraph<Kind extends GraphQuestionKind>(
    kind: Kind,
    ask: GraphQuestions[Kind]['ask'],
  ): Promise<GraphQuestions[Kind]['answer']> {
    return this.#analysis.graph.ask(kind, ask)
  }

  catalogChanges(): readonly CatalogChange[] {
    return this.#catalog.changes.log.changes()
  }

  bypass(): boolean {
    return this.#control.current.bypass
  }

  bypassStatus() {
    const file = join(this.#stores.directory, bypassFileName)
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
    if (what === 'catalog') return await this.#analysis.directions.handOut()
    if (what === 'tuning') return await this.#analysis.tuning.handOut()
    if (what === 'specs') return await this.#analysis.specs.handOut()
    if (what === 'quarantine') this.#live.tell({ type: 'quarantine' })
    if (what !== 'resolutions') await this.#control.handOut()
    if (what === 'policies') await this.#watch()
  }

  subscribe(listener: (event: LiveEvent) => void): () => void {
    return this.#live.subscribe(listener)
  }

  /** Stops taking calls, finishes those under way, keeps what was found, closes the stores. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    this.#analysis.graph.close()
    await this.#detectors.close()
    await this.#gateways.close(drainMs)
    await this.#decisions?.close(drainMs)
    await this.#lent?.close({ type: 'close', drainMs }, drainMs * 2)
    await this.#sensors?.close(drainMs * 2)
    await this.#analysis.close(keepingMs)
    await this.#catalog.changes.keep()
    await this.#findings.flush()
    await this.#decided.flush()
    await this.#catalogFindings.close()
    await this.#bundles.settled()
    await this.#stores.close()
  }

  // — inside —

  /** Tells analysis which policies' effect it measures. */
  async #watch(): Promise<void> {
    this.#analysis.watch(await this.policies.watched())
  }

  async #refresh(): Promise<void> {
    await this.#control.handOut()
    await this.#watch()
  }

  async #forgetOldCalls(): Promise<void> {
    await this.calls.dropBefore(this.clock.now() - this.config.calls.retentionDays * dayMs)
  }
}
