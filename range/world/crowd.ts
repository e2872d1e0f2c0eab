import type { Account } from './accounts.ts'
import { day, dayOf, hour, minute, second } from './calendar.ts'
import { Client, type Held } from './client.ts'
import { type AppRelease, browser, type Device, phoneApp } from './device.ts'
import { type Ask, textOf } from './http.ts'
import { familyName, givenName, mailAddress, password, phone } from './names.ts'
import type { Network } from './network.ts'
import type { Person } from './person.ts'
import type { Stream } from './stream.ts'
import type { Script, Step } from './timeline.ts'
import type { World } from './world.ts'

/** One visit: somebody with a device, for a while. */
export interface Visit {
  readonly world: World
  readonly person: Person
  readonly client: Client
  /** Of this visit alone. */
  readonly stream: Stream
}

export interface PersonFacts {
  readonly role: string
  /** Visits on an ordinary day; people differ about this. */
  readonly visits: number
  readonly rhythm?: 'leisure' | 'office'
  readonly roles?: readonly string[]
  readonly tenant?: string
  readonly scope?: readonly string[]
  readonly home?: Network
  readonly office?: Network
  readonly extra?: Account['extra']
  readonly secondFactor?: boolean
  /** Share of people with the application's own app on a phone. */
  readonly phones?: number
}

/** The people of a world: who they are, when they come, how they sign in, and the troubles they have with it. */
export class Crowd {
  readonly world: World
  readonly #release: AppRelease
  readonly #jar = new Map<string, Held>()
  readonly #scripts = new Map<string, (visit: Visit) => Script>()
  readonly #counts = new Map<string, number>()
  /** Devices in somebody's hand. */
  readonly #busy = new Set<string>()
  readonly #households: Network[] = []
  readonly #travels = new Map<
    string,
    { readonly from: number; readonly to: number; readonly network: Network }
  >()
  /** People behind one office address. */
  readonly office: Network

  constructor(world: World) {
    this.world = world
    const stream = world.stream.fork('crowd')
    this.#release = { name: world.facts.app, day: dayOf(world.turn) + stream.int(1, 6) }
    this.office = world.networks.office(stream.fork('office'))
  }

  /** What people of a role do on a visit. */
  does(role: string, script: (visit: Visit) => Script): void {
    this.#scripts.set(role, script)
  }

  add(facts: PersonFacts): Person {
    const { world } = this
    const draft = this.#draft(facts)
    const account = world.accounts.create(
      {
        email: draft.email,
        name: draft.name,
        password: draft.password,
        phone: phone(draft.stream),
        ...(facts.roles === undefined ? {} : { roles: [...facts.roles] }),
        ...(facts.tenant === undefined ? {} : { tenant: facts.tenant }),
        ...(facts.scope === undefined ? {} : { scope: facts.scope }),
        ...(facts.secondFactor === undefined ? {} : { secondFactor: facts.secondFactor }),
        ...(facts.extra === undefined ? {} : { extra: facts.extra }),
      },
      world.now,
    )
    const person: Person = { ...draft, account }
    world.people.push(person)
    return person
  }

  /** Somebody finds the application, registers, and does `script`; from then on they are one of its people. */
  join(time: number, facts: PersonFacts, script: (visit: Visit) => Script): void {
    this.world.timeline.at(time, () =>
      this.world.timeline.play(this.world.now, this.#joining(this.#draft(facts), script)),
    )
  }

  *#joining(draft: Omit<Person, 'account'>, script: (visit: Visit) => Script): Script {
    const { world } = this
    const { accounts } = world
    const stream = draft.stream.fork('joining')
    const device = draft.devices[0]!
    const client = new Client(world, device, this.#networkOf(draft, device, stream), stream)
    const number = phone(stream)
    const register = (secret: string): Ask => ({
      method: 'POST',
      path: world.at(accounts.paths.register),
      body: { [accounts.loginName]: draft.email, password: secret, name: draft.name, phone: number },
    })
    if (stream.chance(0.1)) {
      yield* client.send(register(draft.password.slice(0, 4)))
      yield stream.between(6_000, 30_000)
    }
    const answer = yield* client.send(register(draft.password))
    const account = accounts.byEmail(draft.email)
    if (!answer.ok || account === undefined) return
    client.keep(answer, account.id)
    const person: Person = { ...draft, account }
    world.people.push(person)
    yield stream.between(1_000, 20_000)
    yield* script({ world, person, client, stream: stream.fork('first') })
    if (client.held !== undefined) this.#jar.set(device.id, client.held)
  }

  #draft(facts: PersonFacts): Omit<Person, 'account'> {
    const { world } = this
    const count = (this.#counts.get(facts.role) ?? 0) + 1
    this.#counts.set(facts.role, count)
    const id = `${facts.role}-${count}`
    const stream = world.stream.fork('person', id)
    const given = givenName(stream)
    const family = familyName(stream)
    let email = mailAddress(stream, given, family)
    while (world.accounts.byEmail(email) !== undefined) email = mailAddress(stream, given, family)
    const secret = password(stream)
    const devices: Device[] = []
    if (!stream.chance((facts.phones ?? 0) * 0.5))
      devices.push(browser(stream.fork('browser'), `${id}/browser`))
    if (devices.length === 0 || stream.chance(facts.phones ?? 0))
      devices.push(phoneApp(stream.fork('phone'), `${id}/phone`, this.#release))
    const rhythm = facts.rhythm ?? 'leisure'
    // Somebody is abroad for some days, with a phone that roams and a laptop in a hotel.
    if (rhythm === 'leisure' && stream.chance(0.05)) {
      const from = world.start + stream.int(2, 30) * day
      this.#travels.set(id, {
        from,
        to: from + stream.int(3, 8) * day,
        network: world.networks.abroad(stream.fork('travel')),
      })
    }
    return {
      id,
      role: facts.role,
      email,
      name: `${given} ${family}`,
      password: secret,
      devices,
      home: facts.home ?? this.#household(stream),
      office: facts.office,
      carrier: world.networks.mobile(stream),
      stream,
      visits: facts.visits * stream.about(1, 0.7),
      rhythm,
    }
  }

  /** People of a role. */
  of(role: string): readonly Person[] {
    return this.world.people.filter(person => person.role === role)
  }

  /** A client of somebody at this time, with what they are signed in with. */
  client(person: Person, stream: Stream, device: Device = stream.pick(person.devices)): Client {
    const client = new Client(this.world, device, this.#networkOf(person, device, stream), stream)
    const held = this.#jar.get(device.id)
    if (held !== undefined) client.held = held
    return client
  }

  /** Plans the visits of one day that starts at this midnight. */
  plan(midnight: number): void {
    const { world } = this
    for (const person of world.people) {
      const script = this.#scripts.get(person.role)
      if (script === undefined) continue
      const stream = person.stream.fork('day', dayOf(midnight))
      const visits = stream.poisson(person.visits * world.calendar.busyness(midnight, person.rhythm))
      for (let index = 0; index < visits; index += 1)
        this.visit(
          person,
          world.calendar.moment(stream, midnight, person.rhythm),
          script,
          stream.fork('visit', index),
        )
    }
  }

  visit(person: Person, time: number, script: (visit: Visit) => Script, stream: Stream): void {
    this.world.timeline.at(time, () => {
      const client = this.client(person, stream)
      this.world.timeline.play(
        this.world.now,
        this.#session({ world: this.world, person, client, stream }, script),
      )
    })
  }

  /** Signs in if need be: with what is still good, with a refresh token, with the password (now and then mistyped). */
  *signIn({ person, client, stream, world }: Visit): Step<boolean> {
    if (!person.account.active) return false
    if (client.held !== undefined) {
      if (client.held.until > world.now + minute) return true
      if (client.held.refresh !== undefined && (yield* client.renew())) return true
      client.held = undefined
    }
    let mistakes = stream.chance(0.06) ? stream.int(1, 2) : 0
    // Eight tries and then the mail: it happens to somebody every other day.
    const forgotten = stream.chance(0.004)
    if (forgotten) mistakes = stream.int(4, 8)
    for (; mistakes > 0; mistakes -= 1) {
      yield* this.login(client, person, mistyped(stream, person.password))
      yield stream.between(2_500, 14_000)
    }
    if (forgotten) yield* this.resetPassword(client, person, stream)
    return yield* this.login(client, person, person.password)
  }

  /** One login, with the one-time code where one is asked for. */
  *login(client: Client, person: Person, secret: string): Step<boolean> {
    const { accounts } = this.world
    const answer = yield* client.send({
      method: 'POST',
      path: this.world.at(accounts.paths.login),
      body: { [accounts.loginName]: person.email, password: secret },
    })
    if (!answer.ok) return false
    const challenge = textOf(answer.json.challengeId)
    if (challenge === undefined) {
      client.keep(answer, person.account.id)
      return true
    }
    yield client.stream.between(6_000, 40_000)
    const code = accounts.inbox.get(person.email)?.code ?? ''
    const typed = client.stream.chance(0.05) ? mistyped(client.stream, code) : code
    let verified = yield* client.send({
      method: 'POST',
      path: this.world.at(accounts.paths.code),
      body: { challengeId: challenge, code: typed },
    })
    if (!verified.ok && typed !== code) {
      yield client.stream.between(4_000, 15_000)
      verified = yield* client.send({
        method: 'POST',
        path: this.world.at(accounts.paths.code),
        body: { challengeId: challenge, code },
      })
    }
    if (verified.ok) client.keep(verified, person.account.id)
    return verified.ok
  }

  *resetPassword(client: Client, person: Person, stream: Stream): Step<void> {
    const { accounts } = this.world
    yield* client.send({
      method: 'POST',
      path: this.world.at(accounts.paths.forgot),
      body: { [accounts.loginName]: person.email },
    })
    yield stream.between(40_000, 6 * minute)
    const fresh = password(stream)
    const answer = yield* client.send({
      method: 'POST',
      path: this.world.at(accounts.paths.reset),
      body: { token: accounts.inbox.get(person.email)?.reset ?? '', password: fresh },
    })
    if (answer.ok) person.password = fresh
    yield stream.between(2_000, 9_000)
  }

  /** A device is used by one visit at a time. */
  *#session(visit: Visit, script: (visit: Visit) => Script): Script {
    const { id } = visit.client.device
    if (this.#busy.has(id)) return
    this.#busy.add(id)
    yield* this.#whole(visit, script)
    this.#busy.delete(id)
  }

  *#whole(visit: Visit, script: (visit: Visit) => Script): Script {
    const { client, stream, world } = visit
    if (!(yield* this.signIn(visit))) return
    yield stream.between(300, 2_500)
    yield* script(visit)
    if (stream.chance(0.12) && client.held !== undefined) {
      yield stream.between(1_000, 8_000)
      yield* client.send({ method: 'POST', path: world.at(world.accounts.paths.logout) })
      client.held = undefined
    }
    if (client.held === undefined) this.#jar.delete(client.device.id)
    else this.#jar.set(client.device.id, client.held)
  }

  /** Half of the people live together with somebody who is a customer too. */
  #household(stream: Stream): Network {
    const shared = this.#households[this.#households.length - 1]
    if (shared !== undefined && stream.chance(0.25)) return shared
    const home = this.world.networks.home(stream)
    this.#households.push(home)
    return home
  }

  #networkOf(person: Omit<Person, 'account'>, device: Device, stream: Stream): Network {
    const { world } = this
    const travel = this.#travels.get(person.id)
    if (travel !== undefined && travel.from <= world.now && world.now < travel.to) return travel.network
    const hourOfDay = Math.floor((world.now % day) / hour)
    const working = hourOfDay >= 8 && hourOfDay < 18 && !world.calendar.isFree(world.now)
    if (person.office !== undefined && (working || person.rhythm === 'office')) return person.office
    if (device.kind === 'app' && stream.chance(working ? 0.6 : 0.25)) return person.carrier
    return person.home
  }
}

/** One letter wrong, or another password of the same person. */
function mistyped(stream: Stream, secret: string): string {
  if (stream.chance(0.3)) return password(stream)
  const at = stream.int(0, Math.max(0, secret.length - 1))
  return `${secret.slice(0, at)}${/^\d+$/.test(secret) ? (Number(secret[at] ?? 0) + 1) % 10 : stream.token(1)}${secret.slice(at + 1)}`
}

/** Reading, deciding: seconds, now and then a minute. */
export function* think({ stream }: Pick<Visit, 'stream'>): Step<void> {
  yield Math.min(4 * minute, stream.about(6 * second, 0.8))
}
