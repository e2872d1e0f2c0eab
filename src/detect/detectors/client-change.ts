import { isProgramFamily } from '../../identity/device.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { fnv1a } from '../../kit/hash.ts'
import type { PrincipalId } from '../../kit/id.ts'
import type { Component } from '../../kit/snapshot.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import type { TokenUse } from '../tokens/token-book.ts'
import { isProgram, tokenFinding } from '../tokens/token-finding.ts'

const minute = 60_000
const week = 7 * 86_400_000

/** The same change of software, by whom and from where. */
interface Change {
  readonly principals: Map<PrincipalId, number>
  readonly addresses: Set<string>
}

/** A token that goes on in another network with other software, after its owner stopped. */
class ClientChangeRun implements DetectorRun, Component {
  readonly #context: DetectContext
  #changes = new BoundedMap<string, Change>(2_000)

  constructor(context: DetectContext) {
    this.#context = context
  }

  use(use: TokenUse): readonly Finding[] {
    const { observation: o, token, client, habit, lastHome } = use
    const home = token.clients[0]
    if (isProgram(use) || client === undefined || home === undefined || client === home) return []
    if (client.stolen || client.family === home.family) return []
    // A browser does not turn into a script, wherever it stands.
    const scripted =
      isProgramFamily(client.family) &&
      !isProgramFamily(home.family) &&
      client.software !== home.software &&
      !habit.families.has(fnv1a(client.family))
    if (!client.stranger && !scripted) return []
    const { time } = o.call
    const change = this.#changes.ensure(
      `${o.call.destination.host}\0${home.family}\0${client.family}`,
      () => ({
        principals: new Map(),
        addresses: new Set(),
      }),
    )
    const first = client.calls === 1
    if (first) {
      change.principals.set(o.identity.principal, time)
      change.addresses.add(client.ip)
      for (const [principal, last] of change.principals)
        if (time - last > week || change.principals.size > 16) change.principals.delete(principal)
      if (change.principals.size <= 1) change.addresses.clear()
    }
    // Where several people make the same change, each at an own address, their software did it.
    const least = this.#context.option('update')
    if (!scripted && change.principals.size >= least && change.addresses.size >= least) return []
    // While the owner is at work elsewhere it is another matter.
    const silent = time - lastHome > this.#context.option('silentMinutes') * minute
    if (o.learning || o.outcome !== 'success' || (!silent && !scripted)) return []
    const known = habit.calls >= this.#context.option('habitCalls')
    return [
      tokenFinding(use, {
        message: 'changed',
        attempt: false,
        confidence: scripted ? (known ? 0.86 : 0.75) : known ? 0.7 : 0.5,
        severity: known || scripted ? 'high' : 'medium',
        observed: { from: home.family, to: client.family, first: home.ip },
        expected: { token: 'a token stays with the client it was given to' },
        actor: `device:${client.device}`,
      }),
    ]
  }

  size(): number {
    return this.#changes.size
  }

  save(): unknown {
    return this.#changes
  }

  load(saved: unknown): void {
    this.#changes = saved as BoundedMap<string, Change>
  }
}

export const clientChange = defineDetector({
  id: 'client-change',
  title: 'A token in another client',
  summary:
    'A token that was given to a browser or an app goes on in a script; or, after its owner stopped, in another network with software that the owner was never seen with. Where several people change from the same software to the same other, it was updated.',
  family: 'token',
  severity: 'medium',
  owasp: ['API2:2023'],
  attack: ['T1550.001', 'T1539'],
  options: {
    silentMinutes: { default: 30, reason: 'Before that the owner is at work: see concurrent use.' },
    habitCalls: {
      default: 30,
      reason: 'After thirty calls it is known from where and with what somebody works.',
    },
    update: { default: 3, reason: 'Three people at three addresses change alike: an update, or a new app.' },
  },
  messages: {
    changed: 'The token of {principal}, given to {from} at {first}, goes on from {ip} with {to}.',
  },
  whenNotAnAttack: 'The owner moved the session by hand, for example to try a call in a terminal elsewhere.',
  examples: {
    fires: [
      `alice GET /me every 10s x 40 -> 200 {"name":"alice"}
wait 40m
alice ip=203.0.113.9 agent=other-app GET /me every 10s x 3 -> 200 {"name":"alice"}`,
      `alice GET /me every 10s x 40 -> 200 {"name":"alice"}
alice agent=python-requests/2.32 GET /me every 10s x 3 -> 200 {"name":"alice"}`,
    ],
    quiet: [
      `alice agent=shop-app/4.2 ja4=a GET /me every 10s x 40 -> 200 {"name":"alice"}
wait 40m
alice ip=203.0.113.9 agent=shop-app/5.0 ja4=b GET /me every 10s x 3 -> 200 {"name":"alice"}`,
      `alice GET /me every 10s x 40 -> 200 {"name":"alice"}
wait 40m
alice ip=203.0.113.9 GET /me every 10s x 3 -> 200 {"name":"alice"}`,
    ],
  },
  create: context => new ClientChangeRun(context),
})
