import type { RolloutReading } from '../enforce/rollout-watch.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import type { Clock } from '../kit/clock.ts'
import type { PrincipalId } from '../kit/id.ts'
import type { CallStore } from '../store/ports/call-store.ts'
import type { AnalysisReport } from './analysis-thread.ts'
import { backgroundFault } from './background-fault.ts'
import type { CatalogFindings } from './catalog-findings.ts'
import type { CatalogReplica } from './catalog-replica.ts'
import type { CounterReports } from './counter-reports.ts'
import type { FindingsKeeper } from './findings-keeper.ts'
import type { GuardLoops } from './guard-loops.ts'
import type { KnowledgeDesk } from './knowledge-desk.ts'
import type { LiveEvents } from './live-events.ts'
import type { PolicyDesk } from './policy-desk.ts'
import { Rate } from './rate.ts'
import type { PrincipalFacts } from './usage.ts'

/** Principals that are known here; who was told of longest ago is forgotten first. */
const mostPrincipals = 50_000

export interface AnalysisReportsOptions {
  readonly clock: Clock
  readonly calls: Pick<CallStore, 'append'>
  readonly catalog: CatalogReplica
  readonly catalogFindings: Pick<CatalogFindings, 'begun' | 'take'>
  readonly findings: Pick<FindingsKeeper, 'add'>
  readonly knowledge: Pick<KnowledgeDesk, 'touch'>
  readonly loops: Pick<GuardLoops, 'brief'>
  readonly policies: Pick<PolicyDesk, 'take'>
  readonly live: LiveEvents
  readonly counters: CounterReports
  readonly log: (line: string) => void
}

/** Brings what analysis reports to whom it concerns, and keeps what it says of principals and of traffic as a whole. */
export class AnalysisReports {
  readonly #options: AnalysisReportsOptions
  readonly #principals = new BoundedMap<PrincipalId, PrincipalFacts>(mostPrincipals)
  readonly #rate = new Rate()
  #observed = 0
  #storeTrouble: string | undefined

  constructor(options: AnalysisReportsOptions) {
    this.#options = options
  }

  /** Why the calls store takes nothing, while it does not. */
  get storeTrouble(): string | undefined {
    return this.#storeTrouble
  }

  /** In the order in which they were told of, longest ago first. */
  principals(): readonly PrincipalFacts[] {
    return [...this.#principals.values()]
  }

  principal(id: string): PrincipalFacts | undefined {
    return this.#principals.peek(id as PrincipalId)
  }

  /** Roles of those who call the endpoint and were mostly let in, but these principals. */
  rolesAt(endpoint: string, but: ReadonlySet<string>): readonly string[] {
    return this.#options.catalog
      .callers(endpoint)
      .flatMap(({ principal, calls, refused }) =>
        but.has(principal) || refused * 2 >= calls ? [] : (this.#principals.peek(principal)?.roles ?? []),
      )
  }

  /** Calls that were learned from since the start, how many a second lately, and of how many principals. */
  traffic(): { readonly calls: number; readonly callsPerSecond: number; readonly principals: number } {
    return {
      calls: this.#observed,
      callsPerSecond: this.#rate.perSecond(this.#options.clock.now()),
      principals: this.#principals.size,
    }
  }

  take(message: AnalysisReport): void {
    const { catalog, catalogFindings, calls, loops, log } = this.#options
    switch (message.type) {
      case 'ready':
        catalogFindings.begun(message.resumed || message.warmedUp > 0)
        if (message.warmedUp > 0) log(`Learned again from ${message.warmedUp} recorded calls.`)
        return
      case 'snapshot':
        loops.brief(message.snapshot)
        return
      case 'calls':
        // Only the memory driver takes calls here; it cannot fail.
        void calls.append(message.batch, message.token)
        return
      case 'store':
        this.#storeTrouble = message.trouble
        log(
          message.trouble === undefined
            ? 'Calls are being stored again.'
            : `Calls cannot be stored and are held in memory: ${message.trouble}`,
        )
        return
      case 'catalog':
        catalog.take(message)
        return
      case 'report':
        this.#takeReport(message)
    }
  }

  #takeReport(report: Extract<AnalysisReport, { type: 'report' }>): void {
    const { catalog, catalogFindings, findings, knowledge, counters, live, clock } = this.#options
    if (report.endpoints.length > 0 || report.gone.length > 0 || report.principals.length > 0)
      knowledge.touch()
    counters.take('analysis', report.counters)
    catalog.review(report)
    this.#observed += report.observed
    this.#rate.add(report.observed, clock.now())
    catalog.take(report)
    if (report.findings !== undefined) catalogFindings.take(report.findings, report.findingsAt ?? clock.now())
    if (report.rollouts !== undefined) this.#judge(report.rollouts)
    for (const principal of report.principals) this.#principals.set(principal.id, principal)
    findings.add(report.signals, report.incidents, report.folded)
    for (const signal of report.signals) live.tell({ type: 'signal', signal })
    for (const incident of report.incidents) live.tell({ type: 'incident', incident })
    if (report.calls.length > 0) live.tell({ type: 'calls', items: report.calls })
  }

  /** Policies are judged by what was measured of them, and by what went wrong while deciding. */
  #judge(rollouts: readonly RolloutReading[]): void {
    const { policies, counters, log } = this.#options
    const { sallyport_decision_errors_total: errors = 0, sallyport_policy_faults_total: faults = 0 } =
      counters.all()
    const failed = backgroundFault(
      counters.own,
      log,
      'sallyport_state_errors_total',
      'Policies could not be judged',
    )
    policies.take(rollouts, errors + faults).catch(failed)
  }
}
