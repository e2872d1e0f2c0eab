import type { Identity } from '../identity/identity.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import { DistinctCount } from '../kit/distinct-count.ts'
import { hash32 } from '../kit/hash.ts'
import type { EndpointId, PrincipalId } from '../kit/id.ts'
import { memo, memoLast, memoOf } from '../kit/memo.ts'
import { pairKeys } from '../kit/pair-key.ts'
import type { Observation } from './observation.ts'
import { crossesByName, saysPrivileged } from './privilege.ts'

/** Days on which the principals of one group used one endpoint: a principal counts once a day. Plain data. */
interface Cell {
  readonly first: number
  days: number
  day: number
  /** Hashes of the day's principals, the first few. */
  today: number[]
  /** Hashes of the principals ever, the first few. */
  readonly who: number[]
  /** Days in settled history. */
  settled: number
}

interface Group {
  /** Days on which its principals were active. */
  days: number
  /** Of these, days on which they changed something. */
  writes: number
  /** Calls of functions whose path is for administrators, in settled history. */
  admin: number
  readonly principals: DistinctCount
  readonly endpoints: Set<EndpointId>
}

/** How a call stands to what its caller's group does. */
export interface Standing {
  readonly group: string
  /** Active days of the group's principals. */
  readonly days: number
  /** Of these, days with this endpoint; 0 while only single principals went there, who may have no business there. */
  readonly used: number
  /** Different principals of the group ever, about. */
  readonly principals: number
  /** How likely a principal of the group uses the endpoint on a day. */
  readonly chance: number
  /** Groups above that use the endpoint, and on how many days. */
  readonly above: readonly string[]
  readonly aboveDays: number
  /** When a group above first used it; undefined where none did. */
  readonly since: number | undefined
  /** Days on which the group changed anything. */
  readonly writes: number
  /** The group's own functions are for administrators by their path. */
  readonly admin: boolean
  /** Days on which anybody used it. */
  readonly anybody: number
}

export interface RoleMatrixOptions {
  /** Pairs of group and endpoint remembered. */
  readonly cells: number
  readonly groups: number
  /** Principals whose last active day is remembered. */
  readonly principals: number
  /** Weight of what all groups do, against what the own group does. */
  readonly alpha: number
  /** Share of a group's endpoints that a group above uses as well. */
  readonly within: number
  /** A group is above one that is so many times as active: what few do is not for all. */
  readonly fewer: number
  /** Principals, and share of a group, who must do something before the group does, outside settled history. */
  readonly takers: number
  readonly takersShare: number
}

export const defaultRoleMatrixOptions: RoleMatrixOptions = {
  cells: 50_000,
  groups: 256,
  principals: 50_000,
  alpha: 5,
  within: 0.95,
  fewer: 4,
  takers: 5,
  takersShare: 0.02,
}

const dayMs = 86_400_000
const mostToday = 64
const mostWho = 64
const mostEndpoints = 2_000
/** Words of a path that are for administrators whatever the application; a word that is a value's (`/users/admin`) is no such word. */
const adminWords =
  /(?:^|[/._-])(?:admin|administrator|administration|superadmin|superuser|sysadmin|backoffice|back-office|impersonate|impersonation|actuator|heapdump|createdb|dropdb|resetdb|debug|phpinfo|jolokia|pprof|_internal|_debug|_admin)(?:$|[/._-])/i

/** The same as the first word of several: `/adminInfo`. */
const adminFirst = /(?:^|[/._-])(?:admin|superadmin|superAdmin|sysadmin|sysAdmin|backoffice|debug)[A-Z]/
const documentName = /\.(?:txt|md|html?|pdf|css|js|png|jpe?g|gif|svg|webp|ico)$/i

/** Whether the words of a path say that it is for administrators; one of many in the name of a document (`ssl-debug-last-request.txt`) says nothing. */
export const isAdminPath = memo((template): boolean => {
  if (!adminWords.test(template) && !adminFirst.test(template)) return false
  const name = template.lastIndexOf('/') + 1
  const titled = documentName.test(template) && /[-_]/.test(template.slice(name))
  const path = titled ? template.slice(0, name) : template
  return adminWords.test(path) || adminFirst.test(path)
})

const admitted = 'administrators by their profile'

const readMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** Whether a call changes something, as far as its method or operation says. */
export const isWrite = ({ match, call }: Observation): boolean =>
  match.operation?.kind === undefined || match.operation.kind === 'unknown'
    ? !readMethods.has(call.request.method)
    : match.operation.kind === 'write'

/**
 * Which groups of principals use which endpoints, counted by principals and days: `P(e|r) = (N[r,e] + α·P(e)) / (N[r] + α)`. A group
 * is a set of roles; where tokens carry none, the kind of principal, and those whom the application's own profile calls administrators.
 */
export class RoleMatrix {
  readonly #options: RoleMatrixOptions
  readonly #cells: BoundedMap<string, Cell>
  readonly #groups: BoundedMap<string, Group>
  readonly #active: BoundedMap<PrincipalId, { day: number; wrote: number }>
  readonly #admitted: BoundedMap<PrincipalId, true>
  #days = 0

  constructor(options: Partial<RoleMatrixOptions> = {}) {
    this.#options = { ...defaultRoleMatrixOptions, ...options }
    this.#cells = new BoundedMap(this.#options.cells)
    this.#groups = new BoundedMap(this.#options.groups)
    this.#active = new BoundedMap(this.#options.principals)
    this.#admitted = new BoundedMap(this.#options.principals)
  }

  /** Successful calls only: what is refused teaches no rights. */
  observe(o: Observation): void {
    if (o.outcome !== 'success') return
    const { identity, match, call } = o
    const content = call.response?.content
    if (identity.kind === 'user' && content?.kind === 'json' && saysPrivileged(content.value, identity.name))
      this.#admitted.set(identity.principal, true)
    const day = Math.floor(call.time / dayMs)
    const name = this.groupOf(o)
    const group = this.#groups.ensure(name, () => ({
      days: 0,
      writes: 0,
      admin: 0,
      principals: new DistinctCount({ exact: 64, precision: 8 }),
      endpoints: new Set(),
    }))
    group.principals.add(identity.principal)
    if (o.learning && isAdminPath(match.template)) group.admin += 1
    const active = this.#active.ensure(identity.principal, () => ({ day: -1, wrote: -1 }))
    if (active.day !== day) {
      active.day = day
      group.days += 1
      this.#days += 1
    }
    if (active.wrote !== day && isWrite(o)) {
      active.wrote = day
      group.writes += 1
    }
    if (group.endpoints.size < mostEndpoints) group.endpoints.add(match.endpoint)
    const cell = this.#cells.ensure(keyOf(name, match.endpoint), () => ({
      first: call.time,
      days: 0,
      day,
      today: [],
      who: [],
      settled: 0,
    }))
    const principal = hash32(identity.principal)
    if (cell.day !== day) {
      cell.day = day
      cell.today = []
    }
    if (cell.today.length < mostToday && !cell.today.includes(principal)) {
      cell.today.push(principal)
      cell.days += 1
      if (o.learning) cell.settled += 1
    }
    if (cell.who.length < mostWho && !cell.who.includes(principal)) cell.who.push(principal)
  }

  /** The group a caller belongs to: its roles in order, without numbers, which name things and not rights. */
  groupOf({ identity }: Observation): string {
    const roles = rolesOf(identity)
    if (roles !== '') return roles
    return this.#admitted.has(identity.principal) ? admitted : groupOfKind(identity.kind)
  }

  /** How a call stands, before it is learned. */
  standingOf(o: Observation): Standing {
    const { endpoint } = o.match
    const name = this.groupOf(o)
    const group = this.#groups.peek(name)
    const own = this.#cells.peek(keyOf(name, endpoint))
    const principals = group?.principals.count ?? 0
    const { takers, takersShare } = this.#options
    const taken =
      own !== undefined &&
      (own.settled > 0 || own.who.length >= Math.min(mostWho, Math.max(takers, takersShare * principals)))
    const used = taken ? own.days : 0
    const above: string[] = []
    let common = false
    let anybody = 0
    let aboveDays = 0
    let since: number | undefined
    for (const [other, { endpoints }] of this.#groups.entries()) {
      if (!endpoints.has(endpoint)) continue
      const cell = this.#cells.peek(keyOf(other, endpoint))
      if (cell === undefined) continue
      anybody += cell.days
      if (other === name) continue
      common ||= this.#isCommon(other, cell, principals)
      if (!this.#isAbove(other, name)) continue
      above.push(other)
      aboveDays += cell.days
      since = Math.min(since ?? cell.first, cell.first)
    }
    const { alpha } = this.#options
    const days = group?.days ?? 0
    return {
      group: name,
      days,
      used,
      principals,
      chance: (used + (alpha * anybody) / Math.max(1, this.#days)) / (days + alpha),
      above: common ? [] : above,
      aboveDays,
      since,
      writes: group?.writes ?? 0,
      admin: (group?.admin ?? 0) > 0,
      anybody,
    }
  }

  /**
   * Whether other methods that change things at the same path belong to groups above alone: `DELETE` where only they `PUT`.
   * @returns these groups; empty where the own group, or nobody, changes anything there
   */
  changersAbove(o: Observation): readonly string[] {
    const own = this.groupOf(o)
    const { endpoint } = o.match
    const place = endpoint.slice(endpoint.indexOf(' '))
    const above = new Set<string>()
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const sibling = `${method}${place}` as EndpointId
      if (sibling === endpoint) continue
      for (const [name, { endpoints }] of this.#groups.entries()) {
        if (!endpoints.has(sibling)) continue
        if (name === own && (this.#cells.peek(keyOf(name, sibling))?.settled ?? 0) > 0) return []
        if (name !== own && this.#isAbove(name, own)) above.add(name)
      }
    }
    return [...above]
  }

  /** What a larger group of ordinary people does is no function of a higher one. */
  #isCommon(group: string, cell: Cell, than: number): boolean {
    const { takers, takersShare } = this.#options
    const principals = this.#groups.peek(group)?.principals.count ?? 0
    return (
      !isPrivileged(group) &&
      principals > than &&
      cell.who.length >= Math.min(mostWho, Math.max(takers, takersShare * principals))
    )
  }

  /** Named so, called so by the application, much smaller, or uses (nearly) all that the lower group uses and more. */
  #isAbove(high: string, low: string): boolean {
    const [upper, lower] = [isPrivileged(high), isPrivileged(low)]
    if (upper !== lower) return upper
    const [mine, theirs] = [this.#groups.peek(low), this.#groups.peek(high)]
    if (mine === undefined || theirs === undefined) return false
    if (low !== 'kind:anonymous' && mine.days >= this.#options.fewer * theirs.days) return true
    if (theirs.endpoints.size <= mine.endpoints.size) return false
    let shared = 0
    for (const endpoint of mine.endpoints) if (theirs.endpoints.has(endpoint)) shared += 1
    return shared >= this.#options.within * mine.endpoints.size
  }

  merged(from: EndpointId, to: EndpointId): void {
    if (from === to) return
    for (const [name, { endpoints }] of this.#groups.entries()) {
      if (!endpoints.delete(from)) continue
      endpoints.add(to)
      const moved = this.#cells.peek(keyOf(name, from))
      if (moved === undefined) continue
      this.#cells.delete(keyOf(name, from))
      const mine = this.#cells.get(keyOf(name, to))
      if (mine === undefined) this.#cells.set(keyOf(name, to), moved)
      else {
        mine.days += moved.days
        mine.settled += moved.settled
        for (const principal of moved.who)
          if (mine.who.length < mostWho && !mine.who.includes(principal)) mine.who.push(principal)
      }
    }
  }

  get size(): number {
    return this.#cells.size
  }

  save(): unknown {
    return [this.#cells, this.#groups, this.#active, this.#admitted, this.#days]
  }

  load(saved: unknown): void {
    const [cells, groups, active, known, days] = saved as readonly [
      BoundedMap<string, Cell>,
      BoundedMap<string, Group>,
      BoundedMap<PrincipalId, { day: number; wrote: number }>,
      BoundedMap<PrincipalId, true>,
      number,
    ]
    this.#cells.adopt(cells)
    this.#groups.adopt(groups)
    this.#active.adopt(active)
    this.#admitted.adopt(known)
    this.#days = days
  }
}

const keyOf = pairKeys()

/** The name of a caller's roles together; empty of one who has none. */
const rolesOf = memoLast(
  memoOf(({ roles }: Identity): string => {
    let named = ''
    for (const role of roles) if (!role.startsWith('scope:')) named += named === '' ? role : `\0${role}`
    if (named === '')
      for (const role of roles) if (isRoleScope(role)) named += named === '' ? role : `\0${role}`
    return named === '' ? '' : nameOf(named)
  }),
)

/** Scopes of OpenID Connect Core, section 5.4 and 11. */
const standardScopes = new Set(['openid', 'profile', 'email', 'address', 'phone', 'offline_access'])

/** Whether a scope is a role by another name: one bare word, where rights are `orders:read`. */
const isRoleScope = memo(
  role => /^scope:[a-z][a-z_-]{0,39}$/i.test(role) && !standardScopes.has(role.slice(6).toLowerCase()),
)

const groupOfKind = memo(kind => `kind:${kind}`)

const nameOf = memo(roles =>
  [...new Set(roles.split('\0').map(role => role.replace(/\d+/g, '#')))].sort().join('+').slice(0, 200),
)

/** Whether a group's name says that it stands above ordinary ones. */
export const isPrivileged: (group: string) => boolean = memo(
  group => group === admitted || group.split('+').some(role => crossesByName(role, 'user')),
)
