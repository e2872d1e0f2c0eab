import type { ApiCall } from '../../../src/call/api-call.ts'
import type { Json } from '../../../src/call/content.ts'
import type { Identity } from '../../../src/identity/identity.ts'
import type { CallId, PrincipalId } from '../../../src/kit/id.ts'

/** Numbers that look random and are the same for the same seed: xorshift32, from 0 up to 1. */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1
  }

  roll(): number {
    let state = this.#state
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    this.#state = state >>> 0
    return this.#state / 4_294_967_296
  }

  below(bound: number): number {
    return Math.floor(this.roll() * bound)
  }

  of<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!
  }

  hex(length: number): string {
    let text = ''
    while (text.length < length) text += this.below(0x1_0000).toString(16).padStart(4, '0')
    return text.slice(0, length)
  }
}

const nouns =
  'account address agreement alert article asset audience balance basket batch booking branch budget campaign carrier catalogue channel charge claim cohort comment company contact container contract coupon course customer dataset delivery deployment deposit device discount dispute document domain driver employee estimate event exchange expense facility feature feedback folder forecast grant holiday import incident insight inspection invoice job journal label lead lease ledger lesson licence listing loan location machine manifest meeting member mention merchant message metric milestone mission module notice offer office order organisation package parcel partner passenger patient payment payout permit photo pipeline policy portfolio position prescription price product profile project promotion property proposal quote rating receipt referral refund region release rental report request reservation review reward role route rule salary sample schedule season segment sensor service session settlement shift shipment site snapshot statement station stock store stream student subscription supplier survey task tax team template tenant test theme ticket tour trade trail training transfer trial trip tutorial unit update upgrade user vacancy vehicle vendor venue visit voucher wallet warehouse warranty webhook workflow workshop zone'.split(
    ' ',
  )
const words = 'golden early quiet amber distant formal narrow rapid silent vivid ample blunt'.split(' ')

type FieldMaker = readonly [name: string, make: (dice: Dice) => Json]

/** What APIs send under which names: identifiers, times, words of closed sets, amounts, texts, personal data. */
const makers: readonly FieldMaker[] = [
  ['reference', dice => `ref-${dice.hex(10)}`],
  ['externalId', dice => uuid(dice)],
  ['createdAt', dice => time(dice)],
  ['updatedAt', dice => time(dice)],
  ['validFrom', dice => time(dice).slice(0, 10)],
  ['status', dice => dice.of(['open', 'pending', 'paid', 'closed'])],
  ['kind', dice => dice.of(['standard', 'express', 'partner'])],
  ['currency', dice => dice.of(['EUR', 'USD', 'GBP', 'JPY'])],
  ['amount', dice => dice.below(100_000) / 100],
  ['quantity', dice => dice.below(20)],
  ['version', dice => dice.below(9)],
  ['priority', dice => dice.below(5)],
  ['active', dice => dice.roll() < 0.7],
  ['archived', dice => dice.roll() < 0.1],
  ['title', dice => `${dice.of(words)} ${dice.of(nouns)} ${dice.below(900)}`],
  ['description', dice => Array.from({ length: 12 }, () => dice.of(nouns)).join(' ')],
  ['note', dice => (dice.roll() < 0.5 ? null : `${dice.of(words)} ${dice.of(nouns)}`)],
  ['email', dice => `${dice.of(words)}.${dice.below(90_000)}@post.example`],
  ['phone', dice => `+49 30 ${dice.below(9_000_000) + 1_000_000}`],
  ['ownerName', dice => `${dice.of(['Anna', 'Bruno', 'Carla', 'Dario'])} ${dice.of(['Berger', 'Costa'])}`],
  ['url', dice => `https://media.example/${dice.hex(8)}`],
  ['etag', dice => dice.hex(32)],
  ['latitude', dice => dice.below(1_800_000) / 10_000 - 90],
  ['longitude', dice => dice.below(3_600_000) / 10_000 - 180],
  ['weight', dice => dice.below(10_000) / 10],
  ['country', dice => dice.of(['DE', 'FR', 'US', 'JP', 'BR'])],
  ['locale', dice => dice.of(['de-DE', 'en-GB', 'fr-FR'])],
  ['score', dice => dice.roll()],
  ['total', dice => dice.below(1_000_000)],
  ['parentId', dice => dice.below(1_000_000)],
]

const uuid = (dice: Dice): string =>
  `${dice.hex(8)}-${dice.hex(4)}-4${dice.hex(3)}-a${dice.hex(3)}-${dice.hex(12)}`
const time = (dice: Dice): string =>
  new Date(1_780_000_000_000 + dice.below(1_000_000_000) * 10).toISOString()

const actions = ['list', 'create', 'read', 'replace', 'change'] as const

/** One operation of a made-up service. */
export interface Operation {
  readonly host: string
  readonly action: (typeof actions)[number]
  readonly path: string
  readonly fields: readonly FieldMaker[]
}

/**
 * Operations of made-up services: five of each of 40 resources of a service, whose objects have `fields` places each, places of its own
 * like the amounts nested in them included. The same for the same seed.
 */
export function operationsOf(count: number, fields: number, seed: number): readonly Operation[] {
  const dice = new Dice(seed)
  const operations: Operation[] = []
  for (let service = 0; operations.length < count; service += 1) {
    const host = `${nouns[service % nouns.length]}-${service}.internal.example`
    const offset = dice.below(nouns.length)
    for (let resource = 0; resource < 40 && operations.length < count; resource += 1) {
      const noun = nouns[(offset + resource * 4) % nouns.length]!
      const start = dice.below(makers.length)
      const own = Array.from({ length: fields }, (_, at) => makers[(start + at) % makers.length]!)
      for (const action of actions)
        if (operations.length < count)
          operations.push({ host, action, path: `/api/v1/${noun}s`, fields: own })
    }
  }
  return operations
}

const json = [['content-type', 'application/json']] as const
const callers = 8

/** The `turn`th call of an operation, with values of its own. */
export function callOf(operation: Operation, turn: number, dice: Dice): ApiCall {
  const { host, action, path, fields } = operation
  const one = action === 'list' || action === 'create' ? path : `${path}/${dice.below(900_000) + 1_000}`
  const method = { list: 'GET', create: 'POST', read: 'GET', replace: 'PUT', change: 'PATCH' }[action]
  const sends = action === 'create' || action === 'replace' || action === 'change'
  const answers =
    action === 'list'
      ? { items: [objectOf(fields, dice), objectOf(fields, dice)], next: dice.below(90) }
      : action === 'read'
        ? objectOf(fields, dice)
        : { id: dice.below(900_000), ok: true }
  return {
    type: 'call',
    id: `call-${turn}` as CallId,
    time: 1_790_000_000_000 + turn * 600_000,
    durationMs: 4,
    source: { ip: '192.0.2.7' },
    destination: { host },
    request: {
      method,
      target: one,
      path: one,
      query: [],
      httpVersion: '1.1',
      headers: sends ? json : [],
      content: sends ? { kind: 'json', value: objectOf(fields, dice) } : { kind: 'empty' },
      bodySize: 500,
      bodyTruncated: false,
    },
    response: {
      status: action === 'create' ? 201 : 200,
      headers: json,
      content: { kind: 'json', value: answers },
      bodySize: 500,
      bodyTruncated: false,
    },
    credentials: [],
    principal: { id: `user:${turn % callers}` },
  }
}

function objectOf(fields: readonly FieldMaker[], dice: Dice): Json {
  const object: { [key: string]: Json } = {}
  for (const [name, make] of fields) object[name] = make(dice)
  return object
}

/** Those who call, by turns. */
export const identities: readonly Identity[] = Array.from({ length: callers }, (_, at) => ({
  principal: `user:${at}` as PrincipalId,
  kind: 'user',
  name: String(at),
  roles: [],
  claims: {},
  confidence: 1,
  device: '',
  evidence: 'made up',
}))
