import { join } from 'node:path'
import { createFlowBuffer } from '../enforce/flow-memory.ts'
import type { SealedBundle } from '../enforce/sealed-bundle.ts'
import { createBucketBuffer } from '../enforce/throttle.ts'
import type { AddressRange } from '../identity/address-table.ts'
import type { SensorHealth } from '../sensors/sensor-health.ts'
import { backgroundFault } from './background-fault.ts'
import type { BundleKeeper } from './bundle-keeper.ts'
import type { Config } from './config.ts'
import type { CounterReports } from './counter-reports.ts'
import type { DecisionKeeper } from './decision-keeper.ts'
import { oneHealth } from './gateway-loops.ts'
import { LentLoop } from './lent-loop.ts'
import { bypassFileName } from './local-bypass.ts'
import type { TaughtKnowledge } from './policy-knowledge.ts'
import type { FromGuardLoop, GuardLoopData, ToGuardLoop } from './protocol.ts'
import type { RingMemory } from './ring.ts'
import { budgetsHealth } from './shared-budgets.ts'
import type { AnalysisSnapshot, ControlSnapshot } from './snapshot.ts'

/** A loop that decides, as control speaks to it. */
export interface GuardLoopAddress {
  post(message: ToGuardLoop): void
}

export interface GuardLoopsOptions {
  readonly config: Pick<Config, 'redaction' | 'budgets' | 'enforcement'>
  /** Of the installation: what fingerprints are keyed with. */
  readonly key: Uint8Array
  /** The data folder: absolute. */
  readonly directory: string
  readonly addresses: readonly AddressRange[]
  readonly bundles: BundleKeeper
  readonly counters: CounterReports
  readonly decisions: DecisionKeeper
  readonly log: (line: string) => void
  /** What they must obey at this moment. */
  readonly control: () => ControlSnapshot
  /** What they are told of endpoints and principals at this moment. */
  readonly taught: () => TaughtKnowledge
  /** One of them acts by the control of this version, or refused it. */
  readonly confirmed: (version: number) => void
}

/**
 * Every loop that decides, wherever it runs: what they start from and share, what they are told by control and analysis, and what they
 * report.
 */
export class GuardLoops {
  readonly #options: GuardLoopsOptions
  readonly #flow = createFlowBuffer()
  readonly #buckets = createBucketBuffer()
  readonly #loops: GuardLoopAddress[] = []
  readonly #health = new Map<string, readonly SensorHealth[]>()
  /** Whether shared budgets answer, by loop. */
  readonly #budgetsAnswer = new Map<string, boolean>()
  #snapshot: AnalysisSnapshot | undefined

  constructor(options: GuardLoopsOptions) {
    this.#options = options
  }

  /** What a loop starts from. @param instance names it in decision ids: short, letters and digits */
  data(instance: string, ring: RingMemory): GuardLoopData {
    const { config, key, directory, addresses, bundles } = this.#options
    const { redaction, budgets, enforcement } = config
    return {
      ...{ instance, key, ring, redaction, budgets },
      supply: {
        publicKey: bundles.publicKey,
        bundleFile: bundles.file,
        bypassFile: join(directory, bypassFileName),
      },
      routes: enforcement.routes,
      addresses,
      flow: this.#flow,
      buckets: this.#buckets,
    }
  }

  /** It is told everything from now on; what it missed it asks for itself. */
  add(loop: GuardLoopAddress): void {
    this.#loops.push(loop)
  }

  /** One that a thread besides ours runs: the application that all this is part of. Told everything from now on. */
  lend(ring: RingMemory): LentLoop {
    const lent = new LentLoop(this.data('a0', ring), (message, loop) =>
      this.take('application', loop, message),
    )
    this.add(lent)
    return lent
  }

  /** What analysis learned last; undefined before the first. */
  get snapshot(): AnalysisSnapshot | undefined {
    return this.#snapshot
  }

  /** Hands them what analysis learned. */
  brief(snapshot: AnalysisSnapshot): void {
    this.#snapshot = snapshot
    this.#post({ type: 'analysis', snapshot })
  }

  /** Hands them what policies read of endpoints and principals. */
  teach(taught: TaughtKnowledge): void {
    this.#post({ type: 'knowledge', taught })
  }

  /** Hands them what they must obey, sealed. @returns how many will confirm it */
  govern(control: ControlSnapshot): number {
    const told = this.#loops.length
    const bundle = this.#options.bundles.seal(control)
    this.#post({ type: 'control', bundle })
    this.#keep(bundle)
    return told
  }

  /** Something that a loop says. @param name of the loop, in logs and among the reports */
  take(name: string, loop: GuardLoopAddress, message: FromGuardLoop): void {
    const { log, counters, decisions, confirmed } = this.#options
    if (message.type === 'unbriefed') this.#begin(loop)
    else if (message.type === 'controlled') {
      if (message.refused !== undefined) log(`${name} refused what control handed out: ${message.refused}.`)
      confirmed(message.version)
    } else if (message.type === 'report') {
      this.#health.set(name, message.health)
      if (message.budgets !== undefined) this.#budgetsAnswer.set(name, message.budgets)
      counters.take(name, message.counters)
      decisions.take(message)
    }
  }

  /** How the sensors stand that they carry, those of several loops as one; and the budgets that they share with others. */
  health(): { readonly inline: readonly SensorHealth[]; readonly budgets: readonly SensorHealth[] } {
    const { url } = this.#options.config.budgets
    const byName = [...this.#health.entries()].sort(([a], [b]) => (a < b ? -1 : 1))
    return {
      inline: oneHealth(byName.flatMap(([, health]) => health)),
      budgets: url === undefined ? [] : [budgetsHealth(url, this.#budgetsAnswer)],
    }
  }

  #begin(loop: GuardLoopAddress): void {
    const { bundles, control, taught } = this.#options
    if (this.#snapshot !== undefined) loop.post({ type: 'analysis', snapshot: this.#snapshot })
    loop.post({ type: 'knowledge', taught: taught() })
    const bundle = bundles.seal(control())
    loop.post({ type: 'control', bundle })
    this.#keep(bundle)
  }

  /** The last good bundle on disk: what decision points begin with. */
  #keep(bundle: SealedBundle): void {
    const { bundles, counters, log } = this.#options
    const failed = backgroundFault(
      counters.own,
      log,
      'sallyport_state_keep_errors_total',
      'The bundle of policies could not be kept',
    )
    bundles.keep(bundle).catch(failed)
  }

  #post(message: ToGuardLoop): void {
    for (const loop of this.#loops) loop.post(message)
  }
}
