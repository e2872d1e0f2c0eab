import { BoundedMap } from '../kit/bounded-map.ts'
import type { EndpointId, PrincipalId } from '../kit/id.ts'
import { keptWhole } from '../kit/snapshot.ts'
import { wilsonLower } from '../kit/wilson.ts'
import type { OwnerBinding } from './owner-binding.ts'
import { crossesByName } from './privilege.ts'

/** So many others who cross contradict what is taken over from elsewhere. */
const mostCrossing = 32

/** What one principal's answers said: how often the field was theirs, how often somebody else's. */
interface Votes {
  agree: number
  cross: number
  /** Crossings in settled history, and how many different owners they led to (counted to 16). */
  settled: number
  owners: string[]
  value: string
  roles: readonly string[]
  kind: string
}

export interface CandidateLimits {
  readonly principals: number
  /** Votes one principal may cast: a mass of calls by one principal is one principal's word. */
  readonly votes: number
  readonly hintedSeen: number
  readonly hintedPrincipals: number
  readonly hintedAgreement: number
  readonly plainSeen: number
  readonly plainPrincipals: number
  readonly plainAgreement: number
  /** Highest share of agreement that would also come about under another principal's claim. */
  readonly shuffled: number
}

/** "The field `field` of this endpoint's answer is the caller's `claim`", as a hypothesis with its evidence. */
export class OwnerCandidate {
  readonly field: string
  readonly claim: string
  readonly scope: 'user' | 'tenant'
  readonly hinted: boolean
  private readonly limits: CandidateLimits
  private readonly _votes: BoundedMap<PrincipalId, Votes>
  private _seen = 0
  /** Votes within the bound of their principals: what evidence there really is. */
  private counted = 0
  private nextCheck = 1
  private sinceCheck = 0
  private learned: Omit<OwnerBinding, 'endpoint'> | undefined

  constructor(
    field: string,
    claim: string,
    scope: 'user' | 'tenant',
    hinted: boolean,
    limits: CandidateLimits,
  ) {
    this.field = field
    this.claim = claim
    this.scope = scope
    this.hinted = hinted
    this.limits = limits
    this._votes = new BoundedMap(limits.principals)
  }

  get size(): number {
    return this._votes.size
  }

  get seen(): number {
    return this._seen
  }

  /** @returns true when what is learned changed. */
  vote(
    principal: PrincipalId,
    kind: string,
    roles: readonly string[],
    own: string,
    foreign: string | undefined,
    settled: boolean,
  ): boolean {
    const votes = this._votes.ensure(principal, () => ({
      agree: 0,
      cross: 0,
      settled: 0,
      owners: [],
      value: own,
      roles,
      kind,
    }))
    votes.roles = roles
    votes.value = own
    this._seen += 1
    if (foreign === undefined) votes.agree += 1
    else {
      votes.cross += 1
      if (settled) {
        votes.settled += 1
        if (votes.owners.length < 16 && !votes.owners.includes(foreign)) votes.owners.push(foreign)
      }
    }
    if (votes.agree + votes.cross <= this.limits.votes) this.counted += 1
    this.sinceCheck += 1
    // Every vote that counts while evidence is thin, every tenth part more later on; and now and then in any case: a look costs as much as
    // there are principals.
    if (this.counted < this.nextCheck && this.sinceCheck < Math.max(256, 4 * this._votes.size)) return false
    this.nextCheck = this.counted < 64 ? this.counted + 1 : Math.ceil(this.counted * 1.1)
    this.sinceCheck = 0
    return this.check()
  }

  binding(endpoint: EndpointId): OwnerBinding | undefined {
    return this.learned === undefined ? undefined : { endpoint, ...this.learned }
  }

  /**
   * What its votes say of a meaning learned elsewhere: who is seen to cross here in settled history, and whether more of the others cross
   * than not, 32 at least: several attackers at an endpoint that hardly anybody uses are not what it is for.
   */
  standing(exempt: ReadonlySet<string>): {
    readonly crossing: ReadonlySet<string>
    readonly contradicted: boolean
  } {
    const crossing = new Set<string>()
    let cross = 0
    let agree = 0
    for (const [principal, votes] of this._votes.entries()) {
      const may =
        exempt.has(`principal:${principal}`) ||
        exempt.has(`kind:${votes.kind}`) ||
        votes.roles.some(role => exempt.has(role))
      if (may) continue
      if (votes.settled > 0) {
        if (crossing.size < 256) crossing.add(`principal:${principal}`)
        for (const role of votes.roles) if (crossing.size < 256) crossing.add(role)
      } else if (votes.cross > votes.agree) cross += 1
      else agree += 1
    }
    return { crossing, contradicted: cross >= mostCrossing && cross > agree }
  }

  /** Takes over the votes of the same hypothesis at a folded endpoint. */
  absorb(other: OwnerCandidate): void {
    for (const [principal, votes] of other._votes.entries()) {
      const mine = this._votes.get(principal)
      if (mine === undefined) this._votes.set(principal, { ...votes, owners: [...votes.owners] })
      else {
        mine.agree += votes.agree
        mine.cross += votes.cross
        mine.settled += votes.settled
        for (const owner of votes.owners)
          if (mine.owners.length < 16 && !mine.owners.includes(owner)) mine.owners.push(owner)
      }
    }
    this._seen += other._seen
    this.check()
  }

  private check(): boolean {
    const exemptRoles = this.exempt()
    const limits = this.limits
    const shares: { share: number; weight: number }[] = []
    const values = new Map<string, number>()
    let agreeing = 0
    for (const [principal, votes] of this._votes.entries()) {
      if (
        exemptRoles.has(`principal:${principal}`) ||
        exemptRoles.has(`kind:${votes.kind}`) ||
        votes.roles.some(role => exemptRoles.has(role))
      )
        continue
      const total = votes.agree + votes.cross
      const weight = Math.min(total, limits.votes)
      shares.push({ share: votes.agree / total, weight })
      if (votes.agree > 0 && votes.agree >= votes.cross) {
        agreeing += 1
        values.set(votes.value, (values.get(votes.value) ?? 0) + 1)
      }
    }
    const before = this.learned
    // One principal, or one in ten, may be anything at all: an attacker must not be able to teach or unteach.
    shares.sort((a, b) => a.share - b.share)
    const trimmed = shares.length < 4 ? 0 : Math.max(1, Math.floor(shares.length / 10))
    let agreed = 0
    let weighed = 0
    for (const { share, weight } of shares.slice(trimmed)) {
      agreed += share * weight
      weighed += weight
    }
    const agreement = (agreed + 1) / (weighed + 2)
    let same = 0
    for (const count of values.values()) same += count * (count - 1)
    const shuffled = agreeing < 2 ? 1 : same / (agreeing * (agreeing - 1))
    const hysteresis = before === undefined ? 0 : 0.1
    const constant = this.scope === 'tenant' ? values.size < 2 : shuffled > limits.shuffled
    const learned = this.hinted
      ? weighed >= limits.hintedSeen &&
        agreeing >= limits.hintedPrincipals &&
        !constant &&
        agreement >= limits.hintedAgreement - hysteresis
      : this._seen >= limits.plainSeen &&
        agreeing >= limits.plainPrincipals &&
        !constant &&
        wilsonLower(agreed, weighed) >= limits.plainAgreement - hysteresis
    if (!learned) {
      this.learned = undefined
      return before !== undefined
    }
    this.learned = {
      scope: this.scope,
      field: this.field,
      claim: this.claim,
      seen: this._seen,
      agreement: Math.round(agreement * 10_000) / 10_000,
      principals: shares.length,
      exemptRoles: [...exemptRoles].sort(),
    }
    return before === undefined || before.exemptRoles.length !== exemptRoles.size
  }

  /**
   * Who may cross: roles whose name says so, roles most of whose principals (three or more) cross in 5 % of their
   * calls, service accounts, and single principals who crossed to five or more owners in settled history.
   */
  private exempt(): Set<string> {
    const exempt = new Set<string>()
    const roles = new Map<string, { principals: number; crossing: number }>()
    for (const [principal, votes] of this._votes.entries()) {
      const crossing = votes.cross > 0 && votes.cross >= 0.05 * (votes.agree + votes.cross)
      for (const role of votes.roles) {
        const entry = roles.get(role)
        if (entry !== undefined) {
          entry.principals += 1
          if (crossing) entry.crossing += 1
        } else if (roles.size < 64) roles.set(role, { principals: 1, crossing: crossing ? 1 : 0 })
      }
      if (votes.kind === 'service' && this.scope === 'user') exempt.add('kind:service')
      if (votes.settled >= 5 && votes.owners.length >= 5 && votes.cross > votes.agree && exempt.size < 256)
        exempt.add(`principal:${principal}`)
    }
    for (const [role, { principals, crossing }] of roles) {
      if (
        crossesByName(role, this.scope) ||
        (crossing >= 3 && crossing >= 0.6 * principals && roles.size > 1)
      )
        exempt.add(role)
    }
    return exempt
  }

  static {
    keptWhole(OwnerCandidate, 'baseline/owner-candidate', 1)
  }
}
