import { BoundedMap } from '../../kit/bounded-map.ts'
import type { DecodeLimits } from '../content-limits.ts'
import type { PlacedHit } from '../inspection.ts'
import { type InspectedMessage, inspectMessage } from './inspect-message.ts'

const remembered = 8_192
const longestRemembered = 256

/** `inspectMessage` for a stream of messages: the same agents and referers come in every call, and once clean is always clean. */
export class MessageInspector {
  readonly #limits: DecodeLimits
  readonly #clean = new BoundedMap<string, true>(remembered)

  constructor(limits: DecodeLimits) {
    this.#limits = limits
  }

  /** Header values remembered. */
  get size(): number {
    return this.#clean.size
  }

  inspect(message: InspectedMessage): PlacedHit | undefined {
    const fresh = message.headers.filter(([, value]) => !this.#clean.has(value))
    const hit = inspectMessage(
      fresh.length === message.headers.length ? message : { ...message, headers: fresh },
      this.#limits,
    )
    // Beside a hit a header may hold a lesser one: only a message without any vouches for its headers.
    if (hit === undefined)
      for (const [, value] of fresh) if (value.length <= longestRemembered) this.#clean.set(value, true)
    return hit
  }
}
