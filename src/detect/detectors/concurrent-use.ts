import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import type { TokenClient, TokenUse } from '../tokens/token-book.ts'
import { isProgram, tokenFinding } from '../tokens/token-finding.ts'

const minute = 60_000

/** One token in two hands. */
class ConcurrentUseRun implements DetectorRun {
  readonly #context: DetectContext

  constructor(context: DetectContext) {
    this.#context = context
  }

  use(use: TokenUse): readonly Finding[] {
    const { observation: o, token, client, previous, habit, lastHome } = use
    const home = token.clients[0]
    if (isProgram(use) || client === undefined || home === undefined || o.learning) return []
    const { time } = o.call
    if (client.stolen) return [this.#finding(use, client, o.outcome !== 'success')]
    if (o.outcome !== 'success' || client === previous) return []
    const overlap = this.#context.option('overlapMinutes') * minute
    if (client === home) {
      // The first client came back while a stranger is at work with the same token: both are real.
      if (previous === undefined || previous.stolen || !previous.stranger || time - previous.last > overlap)
        return []
      previous.stolen = true
      return [this.#finding(use, previous, false)]
    }
    // Of someone whose habits are known, the stranger's first call with a token in use elsewhere is enough.
    if (!client.stranger || habit.calls < this.#context.option('habitCalls') || time - lastHome > overlap)
      return []
    client.stolen = true
    return [this.#finding(use, client, false)]
  }

  size(): number {
    return 0
  }

  #finding(use: TokenUse, thief: TokenClient, attempt: boolean): Finding {
    const back = use.client !== thief
    const evidence = back || thief.recent.length === 0 ? thief.recent : [use.observation.call.id]
    return tokenFinding(use, {
      message: 'concurrent',
      attempt,
      confidence: back ? 0.9 : 0.87,
      severity: 'high',
      evidence: evidence.length === 0 ? [use.observation.call.id] : evidence,
      observed: { first: use.token.clients[0]?.ip ?? '', second: thief.ip, client: thief.family },
      expected: { token: 'a token stays with the client it was given to' },
      actor: `device:${thief.device}`,
    })
  }
}

export const concurrentUse = defineDetector({
  id: 'concurrent-use',
  title: 'One token in two hands',
  summary:
    'A token is used from another network and with other software than its owner is known by, while the owner goes on using it. Neither a phone on the move, nor an update, nor a second device that the owner uses.',
  family: 'token',
  severity: 'high',
  owasp: ['API2:2023'],
  attack: ['T1550.001', 'T1539'],
  options: {
    overlapMinutes: { default: 30, reason: 'Half an hour between the two clients: both are at work.' },
    habitCalls: {
      default: 30,
      reason: 'After thirty calls it is known from where and with what somebody works.',
    },
  },
  messages: {
    concurrent:
      'The token of {principal} is used from {second} with {client} while its owner goes on using it from {first}.',
    concurrentAttempt:
      'The token of {principal} was tried from {second} with {client} while its owner goes on using it from {first}.',
  },
  whenNotAnAttack:
    'The owner copies a session from one program to another, or works through a proxy that changes the client.',
  examples: {
    fires: [
      `alice GET /me every 10s x 3 -> 200 {"name":"alice"}
alice ip=203.0.113.9 agent=curl GET /me every 10s x 2 -> 200 {"name":"alice"}
alice GET /me every 10s x 2 -> 200 {"name":"alice"}`,
      `alice GET /me every 10s x 40 -> 200 {"name":"alice"}
alice ip=203.0.113.9 agent=curl GET /me -> 200 {"name":"alice"}`,
    ],
    quiet: [
      `alice GET /me every 10s x 3 -> 200 {"name":"alice"}
alice ip=203.0.113.9 GET /me every 10s x 2 -> 200 {"name":"alice"}
alice GET /me every 10s x 2 -> 200 {"name":"alice"}`,
      `alice token=phone ip=203.0.113.9 agent=phone GET /me every 10s x 20 -> 200 {"name":"alice"}
alice token=laptop GET /me every 10s x 20 -> 200 {"name":"alice"}
alice token=phone ip=203.0.113.9 agent=phone GET /me every 10s x 20 -> 200 {"name":"alice"}`,
      `gateway kind=service ip=10.0.0.{n} agent=go GET /orders/{1..40} every 1s -> 200 {"id":1}`,
    ],
  },
  create: context => new ConcurrentUseRun(context),
})
