import { BoundedMap } from '../../kit/bounded-map.ts'
import { keptWhole } from '../../kit/snapshot.ts'
import { byFixedHost, type HostPattern, hostValues, parseHostPattern } from './host-pattern.ts'

/** What a host is called in the catalog, and its values at the pattern's placeholders. */
export interface HostName {
  readonly host: string
  readonly params: readonly (readonly [name: string, value: string])[]
}

/** A pattern that traffic showed, and the hosts that it fits and does not take. */
export interface LearnedHosts {
  readonly pattern: string
  readonly apart: readonly string[]
}

/** Hosts whose pattern is remembered; further ones are matched again. */
const maxRemembered = 4_096

/** Patterns that count, given and learned each. */
export const maxHostPatterns = 256

/**
 * Which hosts are one API under many names. Given patterns stand before learned ones, what has more fixed text before what has less; a
 * given name without a placeholder stays by itself, as an exception from the patterns it fits.
 */
export class HostDirectory {
  private given: readonly HostPattern[] = []
  private readonly _learned: HostPattern[] = []
  private readonly families = new Map<string, LearnedHosts>()
  /** Hosts that a learned pattern does not take. */
  private readonly exceptions = new Set<string>()
  private readonly remembered = new BoundedMap<string, HostName | 'itself'>(maxRemembered)
  private kept: (host: string) => boolean = () => false
  /** Given patterns that cannot be read, or are beyond the bound. */
  ignored = 0
  version = 0

  /** Replaces the given patterns. */
  give(patterns: readonly string[]): void {
    const readable = new Map<string, HostPattern>()
    for (const text of patterns) {
      const pattern = parseHostPattern(text.trim())
      if (pattern !== undefined) readable.set(pattern.text, pattern)
    }
    const sorted = [...readable.values()].sort(byFixedHost)
    this.given = sorted.slice(0, maxHostPatterns)
    this.ignored = patterns.length - this.given.length
    this.changed()
  }

  /**
   * Adds a pattern that traffic showed; false where it is known or beyond the bound. `apart` are hosts that it fits and that are something
   * else.
   */
  learn(text: string, apart: readonly string[]): boolean {
    const pattern = parseHostPattern(text)
    if (pattern === undefined || this._learned.length >= maxHostPatterns) return false
    if (this._learned.some(known => known.text === pattern.text)) return false
    this._learned.push(pattern)
    this._learned.sort(byFixedHost)
    this.families.set(pattern.text, { pattern: pattern.text, apart })
    for (const host of apart) this.exceptions.add(host)
    this.changed()
    return true
  }

  /** Hosts that learned patterns do not take because a person says so, in place of those given before. */
  keep(hosts: (host: string) => boolean): void {
    this.kept = hosts
    this.changed()
  }

  /** What was learned, in the order of the patterns. */
  get learned(): readonly LearnedHosts[] {
    return this._learned.map(({ text }) => this.families.get(text) ?? { pattern: text, apart: [] })
  }

  private changed(): void {
    this.remembered.clear()
    this.version += 1
  }

  get isEmpty(): boolean {
    return this.given.length === 0 && this._learned.length === 0
  }

  /** True where a given pattern, or a given exception, takes the host. */
  isGiven(host: string): boolean {
    return this.given.some(pattern => hostValues(pattern, host) !== undefined)
  }

  /** True for the name of a pattern that counts now. */
  has(pattern: string): boolean {
    return [...this.given, ...this._learned].some(({ text }) => text === pattern)
  }

  /** The pattern a host goes by; undefined where it goes by its own name. */
  nameOf(host: string): HostName | undefined {
    if (this.isEmpty) return undefined
    const known = this.remembered.get(host)
    if (known !== undefined) return known === 'itself' ? undefined : known
    const found = this.find(host)
    this.remembered.set(host, found ?? 'itself')
    return found
  }

  private find(host: string): HostName | undefined {
    // What is a pattern already, and not a host.
    if (host.includes('{')) return undefined
    for (const pattern of this.given) {
      const values = hostValues(pattern, host)
      if (values === undefined) continue
      return pattern.names.length === 0 ? undefined : named(pattern, values)
    }
    if (this.exceptions.has(host) || this.kept(host)) return undefined
    for (const pattern of this._learned) {
      const values = hostValues(pattern, host)
      if (values !== undefined && !values.some(isService)) return named(pattern, values)
    }
    return undefined
  }

  static {
    keptWhole(HostDirectory, 'catalog/host-directory', 1, { without: ['kept'] })
  }
}

const named = (pattern: HostPattern, values: readonly string[]): HostName => ({
  host: pattern.text,
  params: pattern.names.map((name, index) => [name, values[index] ?? ''] as const),
})

const services = new Set(
  (
    'api apis www web admin app apps auth login sso id accounts account static assets cdn img images media files mail smtp imap mx ftp ' +
    'docs developer developers status blog help support m mobile internal gateway gw proxy ws grpc graphql db redis kafka grafana ' +
    'prometheus metrics monitor vpn git gitlab jenkins ci staging stage dev test qa uat prod production beta alpha demo sandbox'
  ).split(' '),
)

/** First labels that name what a host is for: such hosts are never one of many tenants by evidence alone. */
export const isService = (label: string): boolean => services.has(label.replace(/[-_]?\d{1,4}$/, ''))
