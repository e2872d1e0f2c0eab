import type { Identity } from '../identity/identity.ts'
import type { PrincipalKind } from '../kit/id.ts'
import type { Component } from '../kit/snapshot.ts'
import { PeerMetric } from './peer-metric.ts'

/** Principals that are alike: whom one of them is compared with. */
export interface PeerGroup {
  readonly id: number
  /** In plain words, with its size: `49 users with the role customer`. */
  readonly name: string
  /** Principals that belong to it now. */
  readonly members: number
  /** The distribution of a measure over the members; undefined before the first member's window ended. */
  metric(name: string): PeerMetric | undefined
}

/** Peers with enough values of one measure. */
export interface MeasuredPeers {
  readonly group: PeerGroup
  readonly metric: PeerMetric
  /** It is the narrowest group: the same kind, roles and client. A wider one tells less of its members. */
  readonly own: boolean
}

export interface PeerGroupsOptions {
  /** Fewer members than this are no measure for one of them: the wider group is. */
  readonly members: number
  /** Groups at most; who would need another one belongs to the wider one. */
  readonly groups: number
}

export const defaultPeerGroupsOptions: PeerGroupsOptions = { members: 10, groups: 2_000 }

const nouns: Readonly<Record<PrincipalKind, string>> = {
  user: 'users',
  service: 'services',
  apikey: 'API keys',
  agent: 'agents',
  session: 'sessions',
  token: 'token holders',
  anonymous: 'clients without a login',
}

class Group implements PeerGroup {
  readonly id: number
  readonly words: string
  readonly parent: Group | undefined
  members = 0
  readonly metrics = new Map<string, PeerMetric>()

  constructor(id: number, words: string, parent: Group | undefined) {
    this.id = id
    this.words = words
    this.parent = parent
  }

  get name(): string {
    return `${this.members.toLocaleString('en-US')} ${this.words}`
  }

  metric(name: string): PeerMetric | undefined {
    return this.metrics.get(name)
  }
}

const clientClaims = ['azp', 'client_id', 'clientId', 'cid'] as const

/** The client software by the token's own word, `azp` (OpenID Connect Core) or `client_id` (RFC 9068). */
export function clientOf(identity: Identity): string | undefined {
  for (const claim of clientClaims) {
    const value = identity.claims[claim]
    if (typeof value === 'string' && value !== '' && value.length <= 128) return value
  }
  return undefined
}

/** Roles, or the scopes where there are none; sorted, at most eight. */
function rightsOf(identity: Identity): { readonly roles: readonly string[]; readonly scopes: boolean } {
  if (identity.roles.length > 0) return { roles: [...identity.roles].sort().slice(0, 8), scopes: false }
  const scope = identity.claims.scope ?? identity.claims.scp
  const scopes = typeof scope === 'string' ? scope.split(' ').filter(part => part !== '') : []
  return { roles: scopes.sort().slice(0, 8), scopes: true }
}

/** Groups in a tree: everybody, a kind of principal, the same roles (or scopes), the same client software. */
export class PeerGroups implements Component {
  readonly #options: PeerGroupsOptions
  #groups: Group[] = [new Group(0, 'callers', undefined)]
  #byKey = new Map<string, Group>([['', this.#groups[0] as Group]])
  /** Groups that could not be made for room. */
  refused = 0

  constructor(options: Partial<PeerGroupsOptions> = {}) {
    this.#options = { ...defaultPeerGroupsOptions, ...options }
  }

  get size(): number {
    return this.#groups.length
  }

  /** The narrowest group the identity belongs to; made where it is new. `cluster` tells apart who has no roles. */
  leafOf(identity: Identity, cluster?: { readonly key: string; readonly words: string }): number {
    const kind = this.#make(identity.kind, nouns[identity.kind], 0)
    const { roles, scopes } = rightsOf(identity)
    let group = kind
    if (roles.length > 0) {
      const what = scopes ? 'scope' : 'role'
      group = this.#make(
        `${identity.kind}|${what}|${roles.join(' ')}`,
        `${nouns[identity.kind]} with the ${roles.length === 1 ? what : `${what}s`} ${roles.join(', ').slice(0, 120)}`,
        kind,
      )
    } else if (cluster !== undefined)
      group = this.#make(
        `${identity.kind}|like|${cluster.key}`,
        `${nouns[identity.kind]} ${cluster.words}`,
        kind,
      )
    const client = clientOf(identity)
    if (client === undefined) return group
    const words = this.#groups[group]?.words ?? ''
    return this.#make(`${group}|client|${client}`, `${words} through ${client}`, group)
  }

  /** The group, or the nearest wider one with enough members. */
  enough(id: number): PeerGroup {
    let group = this.#groups[id] ?? (this.#groups[0] as Group)
    while (group.members < this.#options.members && group.parent !== undefined) group = group.parent
    return group
  }

  /**
   * The same, and with `windows` member windows of a measure.
   * @returns undefined where nobody has so many yet
   */
  measured(id: number, metric: string, windows: number): MeasuredPeers | undefined {
    for (let group = this.#groups[id]; group !== undefined; group = group.parent) {
      const found = group.metrics.get(metric)
      if (found !== undefined && found.n >= windows && group.members >= this.#options.members)
        return { group, metric: found, own: group.id === id }
    }
    return undefined
  }

  /** A principal joined a group or left it. */
  move(from: number | undefined, to: number | undefined): void {
    if (from !== undefined) this.#count(from, -1)
    if (to !== undefined) this.#count(to, 1)
  }

  /** One member's value of a window, for its group and all wider ones. */
  add(id: number, metric: string, unit: string, value: number, day: number): void {
    for (let group = this.#groups[id]; group !== undefined; group = group.parent) {
      let found = group.metrics.get(metric)
      if (found === undefined) {
        found = new PeerMetric(metric, unit)
        group.metrics.set(metric, found)
      }
      found.add(value, day)
    }
  }

  #count(id: number, by: number): void {
    for (let group = this.#groups[id]; group !== undefined; group = group.parent) group.members += by
  }

  #make(key: string, words: string, parent: number): number {
    const known = this.#byKey.get(key)
    if (known !== undefined) return known.id
    if (this.#groups.length >= this.#options.groups) {
      this.refused += 1
      return parent
    }
    const group = new Group(this.#groups.length, words, this.#groups[parent])
    this.#groups.push(group)
    this.#byKey.set(key, group)
    return group.id
  }

  save(): unknown {
    return {
      groups: this.#groups.map(({ words, parent, members, metrics }) => ({
        words,
        parent: parent?.id,
        members,
        metrics,
      })),
      keys: [...this.#byKey].map(([key, { id }]) => [key, id]),
      refused: this.refused,
    }
  }

  load(saved: unknown): void {
    const { groups, keys, refused } = saved as {
      readonly groups: readonly {
        readonly words: string
        readonly parent: number | undefined
        readonly members: number
        readonly metrics: Map<string, PeerMetric>
      }[]
      readonly keys: readonly (readonly [string, number])[]
      readonly refused: number
    }
    this.#groups = []
    for (const { words, parent, members, metrics } of groups) {
      const group = new Group(
        this.#groups.length,
        words,
        parent === undefined ? undefined : this.#groups[parent],
      )
      group.members = members
      for (const [name, metric] of metrics) group.metrics.set(name, metric)
      this.#groups.push(group)
    }
    this.#byKey = new Map(keys.map(([key, id]) => [key, this.#groups[id] as Group]))
    this.refused = refused
  }
}
