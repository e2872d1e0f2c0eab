import { distance, type Place } from '../../identity/place.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { fnv1a } from '../../kit/hash.ts'
import type { CallId, PrincipalId } from '../../kit/id.ts'
import type { Component } from '../../kit/snapshot.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import type { TokenUse } from '../tokens/token-book.ts'
import { isProgram, tokenFinding } from '../tokens/token-finding.ts'
import { span } from '../words.ts'

const hour = 3_600_000

/** Where somebody was last. */
interface Traveller {
  place: Place
  time: number
  call: CallId
  software: string
  /** Hashes of places, in cells of about a hundred kilometres, where it was answered with success on earlier days. */
  readonly cells: Map<number, number>
  /** Ended at: the cell it is being followed in. */
  stolen: number | undefined
}

/** One account at two places that nobody can travel between in the time. */
class ImpossibleTravelRun implements DetectorRun, Component {
  readonly #context: DetectContext
  #travellers: BoundedMap<PrincipalId, Traveller>

  constructor(context: DetectContext) {
    this.#context = context
    this.#travellers = new BoundedMap(context.option('principals'))
  }

  use(use: TokenUse): readonly Finding[] {
    const { observation: o, place, client } = use
    if (place === undefined || isProgram(use) || o.outcome !== 'success') return []
    // Who comes through these may be anywhere.
    if (place.kind === 'vpn' || place.kind === 'hosting' || place.kind === 'mobile') return []
    const cell = cellOf(place)
    if (cell === undefined) return []
    const { time } = o.call
    const known = this.#travellers.get(o.identity.principal)
    const software = client?.software ?? ''
    if (known === undefined) {
      this.#travellers.set(o.identity.principal, {
        place,
        time,
        call: o.call.id,
        software,
        cells: new Map([[cell, time]]),
        stolen: undefined,
      })
      return []
    }
    if (known.stolen === cell) return o.learning ? [] : [this.#finding(use, known, 0, 0, 'again')]
    const travelled = distance(known.place, place) ?? 0
    const took = Math.max(time - known.time, 60_000)
    const speed = travelled / (took / hour)
    const far =
      travelled >= this.#context.option('leastKilometres') && speed > this.#context.option('fastest')
    const usual = known.cells.has(cell)
    // In settled history whoever moved so fast was its owner, by whatever way.
    if (far && !usual && !o.learning) {
      const finding = this.#finding(
        use,
        known,
        travelled,
        took,
        software === known.software ? 'same' : 'other',
      )
      known.stolen = cell
      return [finding]
    }
    known.place = place
    known.time = time
    known.call = o.call.id
    known.software = software
    known.cells.delete(cell)
    known.cells.set(cell, time)
    if (known.cells.size > 12) {
      const [oldest] = known.cells.keys()
      if (oldest !== undefined) known.cells.delete(oldest)
    }
    return []
  }

  size(): number {
    return this.#travellers.size
  }

  save(): unknown {
    return this.#travellers
  }

  load(saved: unknown): void {
    this.#travellers = saved as BoundedMap<PrincipalId, Traveller>
  }

  #finding(
    use: TokenUse,
    from: Traveller,
    travelled: number,
    took: number,
    how: 'same' | 'other' | 'again',
  ): Finding {
    const { observation: o, place, client, token } = use
    const kilometres = Math.round(travelled)
    // One and the same token in both places was carried there by wire.
    const carried = token.clients.length > 1
    return tokenFinding(use, {
      message: 'travelled',
      attempt: false,
      confidence:
        how === 'again' ? 0.5 : how === 'other' && carried ? 0.87 : how === 'other' || carried ? 0.75 : 0.6,
      severity: how === 'same' && !carried ? 'medium' : 'high',
      evidence: how === 'again' ? [o.call.id] : [from.call, o.call.id],
      observed: {
        from: nameOf(from.place),
        to: nameOf(place),
        kilometres,
        took: span(took),
        client: client?.family ?? '',
      },
      expected: { speed: `at most ${this.#context.option('fastest')} km/h between two places` },
      actor: `device:${o.identity.device}`,
    })
  }
}

const nameOf = (place: Place | undefined): string =>
  place?.name ??
  place?.country ??
  (place?.latitude === undefined ? 'an unknown place' : `${place.latitude}, ${place.longitude}`)

/** Cells of one degree; undefined without coordinates. */
const cellOf = ({ latitude, longitude }: Place): number | undefined =>
  latitude === undefined || longitude === undefined
    ? undefined
    : fnv1a(`${Math.round(latitude)}/${Math.round(longitude)}`)

export const impossibleTravel = defineDetector({
  id: 'impossible-travel',
  title: 'Impossible travel',
  summary:
    'One account is used at two places that nobody can travel between in the time, the second of them new to it. Only where the edge in front or a table of addresses tells where calls come from; not for networks whose users may be anywhere.',
  family: 'token',
  severity: 'medium',
  owasp: ['API2:2023'],
  attack: ['T1078', 'T1550.001'],
  options: {
    principals: { default: 50_000, reason: 'Principals whose last place is known, about 400 bytes each.' },
    fastest: { default: 900, reason: 'Kilometres an hour: an airliner at its fastest.' },
    leastKilometres: { default: 500, reason: 'Locations of addresses are wrong by some hundred kilometres.' },
  },
  messages: {
    travelled: '{principal} was in {from} and {took} later in {to}, {kilometres} km away, with {client}.',
  },
  whenNotAnAttack: 'The owner came through another country’s VPN, or the table of addresses is wrong.',
  examples: {
    fires: [
      `alice sends.cf-ipcountry=DE sends.cf-iplatitude=52.5 sends.cf-iplongitude=13.4 GET /me every 30s x 60 -> 200 {"name":"alice"}
alice token=t2 ip=203.0.113.9 agent=curl sends.cf-ipcountry=SG sends.cf-iplatitude=1.35 sends.cf-iplongitude=103.8 GET /me every 10s x 3 -> 200 {"name":"alice"}`,
    ],
    quiet: [
      `alice sends.cf-ipcountry=DE sends.cf-iplatitude=52.5 sends.cf-iplongitude=13.4 GET /me every 30s x 60 -> 200 {"name":"alice"}
wait 14h
alice ip=203.0.113.9 sends.cf-ipcountry=SG sends.cf-iplatitude=1.35 sends.cf-iplongitude=103.8 GET /me every 10s x 3 -> 200 {"name":"alice"}`,
      `alice GET /me every 30s x 60 -> 200 {"name":"alice"}
alice sends.cf-ipcountry=DE sends.cf-iplatitude=52.5 sends.cf-iplongitude=13.4 GET /me -> 200 {"name":"alice"}
alice sends.cf-ipcountry=SG sends.cf-iplatitude=1.35 sends.cf-iplongitude=103.8 GET /me -> 200 {"name":"alice"}`,
    ],
  },
  create: context => new ImpossibleTravelRun(context),
})
