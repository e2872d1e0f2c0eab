import type { App } from './app.ts'
import { day, hour, minute, second } from './calendar.ts'
import { Client, type Held } from './client.ts'
import type { Visit } from './crowd.ts'
import { browser, type Device, someProgram } from './device.ts'
import type { Answer, Ask } from './http.ts'
import { familyName, givenName, mailAddress, password, phone } from './names.ts'
import type { Network } from './network.ts'
import type { Person } from './person.ts'
import type { Stream } from './stream.ts'
import type { Script, Step } from './timeline.ts'
import type { Level, Outcome, TruthAttack, TruthCall } from './truth.ts'
import type { World } from './world.ts'

export interface AttackDefinition {
  /** Equals the file name. */
  readonly id: string
  readonly title: string
  readonly owasp: readonly string[]
  /** Goes on for days: starts early in the window. */
  readonly slow?: boolean
  /** Does this application have what the attack needs? */
  readonly supports: (app: App) => boolean
  /** One attack from its first call to its last. */
  readonly play: (attack: Attack) => Script
}

export const defineAttack = (definition: AttackDefinition): AttackDefinition => definition

/** Did the abuse work? Told from what the application really did. */
export type Success = (answer: Answer) => boolean

const worked: Success = answer => answer.ok && answer.status < 400

/** An object of somebody else was handed over. */
export const foreignObject: Success = answer =>
  worked(answer) && answer.touches.some(({ relation }) => relation === 'foreign')

/** One attack that is under way: who does it, how fast, and what of it was abuse. */
export class Attack {
  readonly world: World
  readonly app: App
  readonly definition: AttackDefinition
  readonly level: Level
  readonly id: string
  readonly stream: Stream
  readonly #rules = new Map<Client, Success>()
  readonly #actors = new Set<string>()
  readonly #addresses = new Set<string>()
  readonly #taken: Set<string>
  readonly #labels: Map<string, TruthCall>
  #counts = { setup: 0, success: 0, attempt: 0 }
  #from = 0
  #to = 0

  constructor(
    world: World,
    app: App,
    definition: AttackDefinition,
    level: Level,
    id: string,
    shared: { readonly taken: Set<string>; readonly labels: Map<string, TruthCall> },
  ) {
    this.world = world
    this.app = app
    this.definition = definition
    this.level = level
    this.id = id
    this.stream = world.stream.fork('attack', definition.id, level)
    this.#taken = shared.taken
    this.#labels = shared.labels
  }

  /** The value for this level. */
  by<Value>(values: Readonly<Record<Level, Value>>): Value {
    return values[this.level]
  }

  /** How many times, give or take a fifth. */
  count(values: Readonly<Record<Level, number>>): number {
    return Math.max(1, Math.round(this.by(values) * this.stream.between(0.8, 1.2)))
  }

  /** The pause before the next act: a script's, a patient person's, or one of hours within waking hours. */
  *pause(
    values: Readonly<Record<Level, number>> = {
      loud: 0.4 * second,
      medium: 25 * second,
      stealthy: 70 * minute,
    },
  ): Step<void> {
    yield this.level === 'loud'
      ? this.stream.about(values.loud, 0.35)
      : this.stream.exponential(values[this.level]) + second
    if (this.level === 'stealthy') yield* this.untilAwake()
  }

  /** Nobody is up at four in the morning. */
  *untilAwake(): Step<void> {
    const hourOfDay = (this.world.now % day) / hour
    if (hourOfDay < 7) yield (7 - hourOfDay) * hour + this.stream.exponential(40 * minute)
    else if (hourOfDay > 23.5) yield (31 - hourOfDay) * hour + this.stream.exponential(40 * minute)
  }

  /** Sends what is abuse, and labels it by what came back. */
  *act(client: Client, ask: Ask, success: Success = worked): Step<Answer> {
    this.#rules.set(client, success)
    const answer = yield* client.send(ask)
    this.#rules.delete(client)
    return answer
  }

  /** A whole script as abuse: each of its calls is labelled by what came back. */
  *acting(client: Client, script: Script, success: Success = worked): Script {
    this.#rules.set(client, success)
    for (const wait of script) yield wait
    this.#rules.delete(client)
  }

  /** An ordinary user of the application who turns, with the device and networks they always had. */
  insider(): { readonly person: Person; readonly visit: Visit; readonly client: Client } {
    const person = this.#take(this.app.ordinary())
    return { person, ...this.as(person) }
  }

  /**
   * Somebody who is signed in: an ordinary user who turns, or, where patience is no matter, now and then an account made for the purpose.
   */
  *member(): Step<{ readonly person: Person; readonly visit: Visit; readonly client: Client } | undefined> {
    if (this.level === 'stealthy' || !this.stream.chance(0.4)) {
      const insider = this.insider()
      return (yield* this.signIn(insider.client, insider.person)) ? insider : undefined
    }
    const client = this.outsider()
    const { email, password: secret, ok } = yield* this.newcomer(client)
    const account = this.world.accounts.byEmail(email)
    if (!ok || account === undefined) return undefined
    yield this.stream.about(20 * second, 0.5)
    const person: Person = {
      id: `${this.id}/member`,
      role: 'member',
      email,
      name: account.name,
      password: secret,
      account,
      devices: [client.device],
      home: client.network,
      office: undefined,
      carrier: client.network,
      stream: this.stream.fork('member'),
      visits: 0,
      rhythm: 'leisure',
    }
    return { person, client, visit: { world: this.world, person, client, stream: this.stream.fork('visit') } }
  }

  /** Somebody with their own device, under this attack's label. */
  as(person: Person): { readonly visit: Visit; readonly client: Client } {
    const device = this.stream.pick(person.devices)
    const client = this.client(device, device.kind === 'app' ? person.carrier : person.home)
    return {
      client,
      visit: { world: this.world, person, client, stream: this.stream.fork('visit', person.id) },
    }
  }

  /** Somebody of a role; none of them is in another attack. */
  someone(role: string): Person {
    return this.#take(this.app.crowd.of(role))
  }

  /** People that nothing else happens to. */
  victims(count: number): readonly Person[] {
    return Array.from({ length: count }, () => this.#take(this.app.ordinary()))
  }

  /** A person of nowhere: a machine of their own choice in a network of their own. */
  outsider(device: Device = this.device(), network: Network = this.network()): Client {
    return this.client(device, network)
  }

  /** A script where speed matters, a browser where looking ordinary does. */
  device(): Device {
    const stream = this.stream.fork('device', this.#addresses.size, this.stream.int(0, 1e9))
    const id = `${this.id}/${stream.hex(8)}`
    return this.level === 'loud' || (this.level === 'medium' && stream.chance(0.5))
      ? someProgram(stream, id)
      : browser(stream, id)
  }

  network(): Network {
    const { networks } = this.world
    return this.level === 'stealthy' ? networks.residential(this.stream) : networks.datacentre(this.stream)
  }

  client(device: Device, network: Network): Client {
    return new Client(
      this.world,
      device,
      network,
      this.stream.fork('client', this.stream.int(0, 1e9)),
      (call, client, ask, answer, ip) => this.#note(call, client, ask, answer, ip),
    )
  }

  /**
   * A token of somebody, as malware, a proxy's log or a shared computer gives it away: they sign in and use it, which is ordinary; the
   * copy cannot be renewed.
   */
  *steal(
    victim: Person,
  ): Step<{ readonly held: Held; readonly owner: Client; readonly visit: Visit } | undefined> {
    const { client, visit } = this.as(victim)
    if (!(yield* this.signIn(client, victim))) return undefined
    yield* this.blend(visit)
    return client.held === undefined
      ? undefined
      : { held: { ...client.held, refresh: undefined }, owner: client, visit }
  }

  /** Ordinary requests of somebody who is signed in, for whoever has their token. */
  usual(): readonly Ask[] {
    const { surface } = this.app
    return [
      { method: 'GET', path: this.world.at(this.world.accounts.paths.me) },
      ...surface.resources.flatMap(({ list }) => (list === undefined ? [] : [list(0)])),
    ]
  }

  /** Signs in with the right password: legitimate in itself. */
  *signIn(client: Client, person: Person): Step<boolean> {
    return yield* this.app.crowd.login(client, person, person.password)
  }

  /** A new account of the attacker's own. */
  *newcomer(
    client: Client,
  ): Step<{ readonly email: string; readonly password: string; readonly ok: boolean }> {
    const { stream, world } = this
    const { accounts } = world
    const given = givenName(stream)
    const family = familyName(stream)
    const email = mailAddress(stream, given, family)
    const secret = password(stream)
    const answer = yield* client.send({
      method: 'POST',
      path: world.at(accounts.paths.register),
      body: {
        [accounts.loginName]: email,
        password: secret,
        name: `${given} ${family}`,
        phone: phone(stream),
      },
    })
    const account = accounts.byEmail(email)
    if (answer.ok && account !== undefined) client.keep(answer, account.id)
    return { email, password: secret, ok: answer.ok }
  }

  /** An ordinary visit in between. */
  *blend(visit: Visit): Step<void> {
    yield* this.app.surface.browse(visit)
  }

  /** Something else of this attack at the same time. */
  beside(script: Script): void {
    this.world.timeline.play(this.world.now + 1, script)
  }

  get truth(): TruthAttack | undefined {
    const { setup, success, attempt } = this.#counts
    if (success + attempt === 0) return undefined
    return {
      id: this.id,
      kind: this.definition.id,
      level: this.level,
      app: this.world.facts.app,
      title: this.definition.title,
      owasp: this.definition.owasp,
      actors: [...this.#actors].sort(),
      addresses: this.#addresses.size,
      from: new Date(this.#from).toISOString(),
      to: new Date(this.#to).toISOString(),
      calls: setup + success + attempt,
      setup,
      success,
      attempt,
    }
  }

  #note(call: string, client: Client, ask: Ask, answer: Answer, ip: string): void {
    const rule = this.#rules.get(client)
    // A token that is renewed on the way to an act is ordinary.
    const renewal = ask.path === this.world.at(this.world.accounts.paths.refresh)
    const outcome: Outcome = rule === undefined || renewal ? 'setup' : rule(answer) ? 'success' : 'attempt'
    this.#labels.set(call, { attack: this.id, kind: this.definition.id, outcome })
    this.#counts[outcome] += 1
    this.#addresses.add(ip)
    if (client.account !== undefined) this.#actors.add(client.account)
    if (outcome === 'setup') return
    if (this.#from === 0) this.#from = this.world.now
    this.#to = this.world.now
  }

  #take(people: readonly Person[]): Person {
    const free = people.filter(({ id }) => !this.#taken.has(id))
    const person = this.stream.pick(free.length > 0 ? free : people)
    this.#taken.add(person.id)
    return person
  }
}
