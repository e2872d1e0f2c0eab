import { BoundedMap } from '../../kit/bounded-map.ts'
import type { DecodeLimits } from '../content-limits.ts'
import type { PlacedHit } from '../inspection.ts'
import { type InspectedMessage, inspectMessage, isFileNameHeader } from './inspect-message.ts'

const remembered = 8_192
const longestRemembered = 256

type Clean = BoundedMap<string, true>

/** `inspectMessage` for a stream of messages: the same agents and referers come in every call, and once clean is always clean. */
export class MessageInspector {
  readonly #limits: DecodeLimits
  readonly #clean: Clean = new BoundedMap(remembered)
  /** Of the headers that are read otherwise than the rest, each by itself: what is clean in one may be none in another. */
  readonly #cleanAgents: Clean = new BoundedMap(remembered)
  readonly #cleanCookies: Clean = new BoundedMap(remembered)
  readonly #cleanAddresses: Clean = new BoundedMap(remembered)

  /** Headers of the message at hand that are not known to be clean. */
  #unknown = 0

  constructor(limits: DecodeLimits) {
    this.#limits = limits
  }

  /** Header values remembered. */
  get size(): number {
    return this.#clean.size + this.#cleanAgents.size + this.#cleanCookies.size + this.#cleanAddresses.size
  }

  inspect(message: InspectedMessage): PlacedHit | undefined {
    this.#unknown = 0
    const hit = inspectMessage(message, this.#limits, this.#isKnown)
    // Beside a hit a header may hold a lesser one: only a message without any vouches for its headers.
    if (hit === undefined && this.#unknown > 0)
      for (const [name, value] of message.headers)
        if (value.length <= longestRemembered && !this.#isKnown(name, value))
          this.#cleanOf(name)?.set(value, true)
    return hit
  }

  readonly #isKnown = (name: string, value: string): boolean => {
    const known = this.#cleanOf(name)?.has(value) === true
    if (!known) this.#unknown += 1
    return known
  }

  /** Where clean values of that header are remembered; names of files are short and hardly ever come twice. */
  #cleanOf(name: string): Clean | undefined {
    // The length tells most names apart without folding their case.
    switch (name.length) {
      case 6:
        return /^cookie$/i.test(name)
          ? this.#cleanCookies
          : /^origin$/i.test(name)
            ? this.#cleanAddresses
            : this.#clean
      case 7:
        return /^referer$/i.test(name) ? this.#cleanAddresses : this.#clean
      case 10:
      case 11:
        if (/^user-agent$/i.test(name)) return this.#cleanAgents
        return isFileNameHeader(name) ? undefined : this.#clean
      default:
        return this.#clean
    }
  }
}
