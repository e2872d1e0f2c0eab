import type { Control } from '../enforce/control.ts'
import { openBundle } from '../enforce/sealed-bundle.ts'
import type { Clock } from '../kit/clock.ts'
import type { CounterSet } from '../kit/counters.ts'
import { readBundle } from './bundle-keeper.ts'
import { type LocalBypass, localBypass } from './local-bypass.ts'

export interface PolicySupplyOptions {
  /** PEM. */
  readonly publicKey: string
  /** The last good bundle, kept by control. */
  readonly bundleFile: string
  readonly bypassFile: string
  /** `SALLYPORT_BYPASS`. */
  readonly environment: string | undefined
  readonly clock: Clock
  readonly counters: CounterSet
  /** Puts it in force. */
  readonly obey: (control: Control) => void
}

/**
 * What one decision point obeys: the last bundle that was whole, signed and not older than the one before, less what is set aside on this
 * machine. Until control speaks, the one on disk.
 */
export class PolicySupply {
  readonly #options: PolicySupplyOptions
  #control: Control | undefined
  #hash = ''
  #issuedAt = 0
  #bypass: LocalBypass = { all: false, policies: [] }

  constructor(options: PolicySupplyOptions) {
    this.#options = options
    const { bundleFile, publicKey } = options
    this.#bypass = this.#readBypass()
    const kept = readBundle(bundleFile, publicKey)
    if (kept !== undefined) this.#take(kept)
  }

  /** There is something to decide by. */
  get ready(): boolean {
    return this.#control !== undefined
  }

  /** @returns why it is refused; undefined where it is in force */
  receive(bundle: unknown): string | undefined {
    return this.#take(openBundle(bundle, this.#options.publicKey))
  }

  /** Looks whether something was set aside on this machine, or no longer is; and tells how old the bundle is. */
  look(): void {
    const { counters, clock } = this.#options
    if (this.#control !== undefined)
      counters.set(
        'sallyport_policy_bundle_age_seconds',
        Math.max(0, Math.round((clock.now() - this.#issuedAt) / 1000)),
      )
    const bypass = this.#readBypass()
    if (bypass.all === this.#bypass.all && String(bypass.policies) === String(this.#bypass.policies)) return
    this.#bypass = bypass
    this.#apply()
  }

  #take(opened: ReturnType<typeof openBundle>): string | undefined {
    const { counters } = this.#options
    const refused =
      'refused' in opened
        ? opened.refused
        : opened.control.version < (this.#control?.version ?? 0)
          ? `it is older than the one in force, ${opened.control.version} after ${this.#control?.version}`
          : undefined
    if (refused !== undefined || 'refused' in opened) {
      counters.add('sallyport_policy_bundles_refused_total')
      return refused
    }
    this.#issuedAt = opened.issuedAt
    counters.set('sallyport_policy_bundle_version', opened.control.version)
    counters.set('sallyport_policy_bundle_age_seconds', 0)
    const isSame = opened.hash === this.#hash && this.#control !== undefined
    this.#control = opened.control
    this.#hash = opened.hash
    if (!isSame) this.#apply()
    return undefined
  }

  #apply(): void {
    const control = this.#control
    const { all, policies } = this.#bypass
    this.#options.counters.set('sallyport_policy_bypass', all || policies.length > 0 ? 1 : 0)
    if (control === undefined) return
    this.#options.obey({
      ...control,
      bypass: control.bypass || all,
      policies:
        policies.length === 0
          ? control.policies
          : control.policies.filter(({ name }) => !policies.includes(name)),
    })
  }

  #readBypass(): LocalBypass {
    return localBypass(this.#options.bypassFile, this.#options.environment)
  }
}
