import { SallyportError } from '../../kit/error.ts'
import type { DetectorFacts } from '../detector.ts'
import type { DetectorSetting } from './tuning.ts'

type Values = ReadonlyMap<string, number>

/**
 * Which detectors run and with what options: their own defaults, the configuration over them, people's settings over that. A detector
 * asks for an option whenever it needs it, so that a change counts from the next call on; bounds on memory count from the next start.
 */
export class DetectorSettings {
  readonly #configured = new Map<string, Values>()
  readonly #disabled: ReadonlySet<string>
  #set = new Map<string, DetectorSetting>()
  /** Detector → its options as they are now; detectors hold on to the maps. */
  readonly #values = new Map<string, Map<string, number>>()

  constructor(
    detectors: readonly DetectorFacts[],
    configured: {
      readonly options?: Readonly<Record<string, Readonly<Record<string, number>>>>
      readonly disabled?: readonly string[]
    },
  ) {
    this.#disabled = new Set(configured.disabled)
    for (const { id, options } of detectors) {
      const own = Object.entries(options).map(([name, option]) => [name, option.default] as const)
      this.#configured.set(id, new Map([...own, ...Object.entries(configured.options?.[id] ?? {})]))
    }
  }

  /** In place of those before. Of detectors and options that there are not, nothing is taken. */
  set(settings: readonly DetectorSetting[]): void {
    this.#set = new Map(settings.map(setting => [setting.detector, setting]))
    for (const [detector, values] of this.#values) this.#fill(detector, values)
  }

  runs(detector: string): boolean {
    return this.#set.get(detector)?.enabled ?? !this.#disabled.has(detector)
  }

  /** The detector's options, each as it is when asked for. */
  of(detector: string): (name: string) => number {
    const values = new Map<string, number>()
    this.#values.set(detector, values)
    this.#fill(detector, values)
    return name => {
      const value = values.get(name)
      if (value === undefined)
        throw new SallyportError('internal/defect', `Detector ${detector} has no option ${name}.`)
      return value
    }
  }

  #fill(detector: string, values: Map<string, number>): void {
    const set = this.#set.get(detector)?.options
    for (const [name, value] of this.#configured.get(detector) ?? [])
      values.set(name, set !== undefined && Object.hasOwn(set, name) ? (set[name] ?? value) : value)
  }
}
