import { BoundedMap } from '../../kit/bounded-map.ts'
import type { DecodeLimits } from '../content-limits.ts'
import type { PlacedHit } from '../inspection.ts'
import {
  type InspectedMessage,
  inspectMessage,
  isFileNameHeader,
  isRead,
  type SeenClean,
} from './inspect-message.ts'

const remembered = 8_192
const longestRemembered = 256
/** Tokens and cookies are longer. */
const rememberedLong = 4_096
const longestOfLong = 2_048
const longestKey = 64

/** Values that are clean, the short ones apart from the long: less than 11 million characters. */
class CleanValues {
  readonly #short = new BoundedMap<string, true>(remembered)
  readonly #long = new BoundedMap<string, true>(rememberedLong)

  get size(): number {
    return this.#short.size + this.#long.size
  }

  has(value: string): boolean {
    return value.length <= longestRemembered
      ? this.#short.get(value) === true
      : value.length <= longestOfLong && this.#long.get(value) === true
  }

  add(value: string): void {
    if (value.length <= longestRemembered) this.#short.set(value, true)
    else if (value.length <= longestOfLong) this.#long.set(value, true)
  }
}

/** `inspectMessage` for a stream of messages: the same agents, tokens and field names come in every call, and once clean is always clean. */
export class MessageInspector implements SeenClean {
  readonly #limits: DecodeLimits
  readonly #clean = new CleanValues()
  /** Of the headers that are read otherwise than the rest, each by itself: what is clean in one may be none in another. */
  readonly #cleanAgents = new CleanValues()
  readonly #cleanCookies = new CleanValues()
  readonly #cleanAddresses = new CleanValues()
  readonly #cleanKeys = new Set<string>()
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
    const hit = inspectMessage(message, this.#limits, this)
    // Beside a hit a header may hold a lesser one: only a message without any vouches for its headers.
    if (hit === undefined && this.#unknown > 0)
      for (const [given, value] of message.headers) {
        const name = given.toLowerCase()
        const clean = isRead(name) ? this.#cleanOf(name) : undefined
        if (clean?.has(value) === false) clean.add(value)
      }
    return hit
  }

  header(name: string, value: string): boolean {
    const known = this.#cleanOf(name)?.has(value) === true
    if (!known) this.#unknown += 1
    return known
  }

  readonly key = (key: string): boolean => this.#cleanKeys.has(key)

  cleanKey(key: string): void {
    if (key.length > longestKey) return
    // Emptied where it is full: names come again at once, those that do not are gone.
    if (this.#cleanKeys.size >= remembered) this.#cleanKeys.clear()
    this.#cleanKeys.add(key)
  }

  /** Where clean values of that header are remembered; names of files are short and hardly ever come twice. */
  #cleanOf(name: string): CleanValues | undefined {
    switch (name) {
      case 'cookie':
        return this.#cleanCookies
      case 'origin':
      case 'referer':
        return this.#cleanAddresses
      case 'user-agent':
        return this.#cleanAgents
      default:
        return isFileNameHeader(name) ? undefined : this.#clean
    }
  }
}
