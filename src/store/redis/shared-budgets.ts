import { createHash } from 'node:crypto'
import { createClient, type RedisClientType } from '@redis/client'
import type { Clock } from '../../kit/clock.ts'
import { CounterSet } from '../../kit/counters.ts'
import { SallyportError } from '../../kit/error.ts'
import { stableHash } from '../../kit/hash.ts'
import type { BudgetAnswer, BudgetTake, SharedBudgets } from '../ports/shared-budgets.ts'

export interface RedisBudgetOptions {
  /** `redis://` or `rediss://`, Redis 5 or Valkey. */
  readonly url: string
  readonly clock: Clock
  /** Milliseconds a request waits for an answer; 5 when absent. */
  readonly deadlineMs?: number
  /** Milliseconds since the epoch that count as now; the server's own time when absent, which is one for all gateways. */
  readonly now?: () => number
}

/** So many late answers in a row, and it is not asked for a while: each would cost its request the whole deadline. */
const patience = 5
const restMs = 1_000
/** Calls that may wait for a server that is silent; beyond it is as if it were down. */
const maxUnanswered = 1_000
const keyPrefix = 'sallyport:budget:'

/**
 * Generic cell rate algorithm (ITU-T I.371) over all keys, with the server's time. A bucket is the theoretical arrival time in
 * milliseconds, kept as long as it lies ahead.
 */
const script = `
local now
if ARGV[1] == '' then
  local time = redis.call('TIME')
  now = time[1] * 1000 + time[2] / 1000
else
  now = tonumber(ARGV[1])
end
local answers = {}
for index, key in ipairs(KEYS) do
  local requests = tonumber(ARGV[index * 4 - 2])
  local window = tonumber(ARGV[index * 4 - 1])
  local cost = tonumber(ARGV[index * 4])
  local spent = ARGV[index * 4 + 1] == '1'
  -- Further ahead than this the clock went back, or more was spent than anyone should wait for.
  local most = now + 2 * window
  local kept = tonumber(redis.call('GET', key) or now) or now
  local arrival = math.min(kept, most)
  local following = math.max(arrival, now) + window / requests * cost
  local wait = following - window - now
  if wait > 0.001 and not spent then
    if arrival < kept then redis.call('SET', key, string.format('%.3f', arrival), 'PX', math.ceil(2 * window)) end
    answers[index] = string.format('%.3f %.3f', wait, math.max(0, arrival - now))
    return answers
  end
  following = math.min(following, most)
  redis.call('SET', key, string.format('%.3f', following), 'PX', math.max(1, math.ceil(following - now)))
  answers[index] = string.format('0 %.3f', following - now)
end
return answers`
const sha = createHash('sha1').update(script).digest('hex')

/** Budgets in Redis or Valkey: one call of one script for each request that meets any. */
export class RedisBudgets implements SharedBudgets {
  readonly #client: RedisClientType
  readonly #clock: Clock
  readonly #deadlineMs: number
  readonly #now: (() => number) | undefined
  readonly #counters = new CounterSet()
  #late = 0
  #restsUntil = 0

  /** Connects behind the scenes; until there is a connection every answer is undefined. Throws `config/invalid` for a bad address. */
  constructor(options: RedisBudgetOptions) {
    this.#clock = options.clock
    this.#deadlineMs = options.deadlineMs ?? 5
    this.#now = options.now
    try {
      this.#client = createClient({
        url: options.url,
        disableOfflineQueue: true,
        commandsQueueMaxLength: maxUnanswered,
        socket: { connectTimeout: 2_000, reconnectStrategy: tries => Math.min(50 * 2 ** tries, 2_000) },
      })
    } catch (cause) {
      throw new SallyportError('config/invalid', 'The address of the shared budgets cannot be used.', {
        where: 'budgets.url',
        mend: 'Write redis://host:port, or rediss:// for TLS.',
        cause,
      })
    }
    // Without a listener an outage would end the process.
    this.#client.on('error', () => this.#counters.add('sallyport_shared_budget_connection_errors_total'))
    this.#client.on('ready', () => {
      this.#late = 0
      this.#restsUntil = 0
      // It is there before the first request asks.
      void this.#client.scriptLoad(script).catch(() => undefined)
    })
    void this.#client.connect().catch(() => undefined)
  }

  async take(
    takes: readonly BudgetTake[],
    onLate?: (answers: readonly BudgetAnswer[]) => void,
  ): Promise<readonly BudgetAnswer[] | undefined> {
    if (takes.length === 0) return []
    if (!this.#client.isReady) return this.#without('down')
    if (this.#clock.now() < this.#restsUntil) return this.#without('skipped')
    let timer: NodeJS.Timeout | undefined
    const deadline = new Promise<'late'>(resolve => {
      // An answer that came while this loop was busy lies unread: it is read before the deadline is held against it.
      timer = setTimeout(() => setImmediate(resolve, 'late'), this.#deadlineMs)
    })
    try {
      const asked = this.#ask(takes)
      const answers = await Promise.race([asked, deadline])
      if (answers === 'late') {
        // It counts what was taken, whether or not anybody waits.
        asked
          .then(late => {
            this.#counters.add('sallyport_shared_budget_late_answers_total')
            onLate?.(late)
          })
          // That it gave no answer was counted when it was late.
          .catch(() => undefined)
        this.#late += 1
        if (this.#late >= patience) {
          this.#late = 0
          this.#restsUntil = this.#clock.now() + restMs
        }
        return this.#without('late')
      }
      this.#late = 0
      this.#counters.add('sallyport_shared_budget_total{answer="shared"}')
      return answers
    } catch {
      return this.#without('down')
    } finally {
      clearTimeout(timer)
    }
  }

  answering(): boolean {
    return this.#client.isReady && this.#clock.now() >= this.#restsUntil
  }

  counters(): Readonly<Record<string, number>> {
    return this.#counters.toJSON()
  }

  async close(): Promise<void> {
    this.#client.destroy()
  }

  async #ask(takes: readonly BudgetTake[]): Promise<readonly BudgetAnswer[]> {
    const keys = takes.map(({ key }) => keyPrefix + stableHash([key]))
    const values = [this.#now === undefined ? '' : String(this.#now())]
    // Beyond three windows it is all the same, and a number that Lua can read.
    for (const { requests, windowSeconds, cost, spent } of takes)
      values.push(
        ...[requests, windowSeconds * 1000, Math.min(cost, 3 * requests)].map(String),
        spent === true ? '1' : '0',
      )
    const answers = (await this.#run({ keys, arguments: values })) as readonly string[]
    return answers.map((text, index) => {
      const [wait = 0, ahead = 0] = text.split(' ').map(Number)
      if (wait === 0) return { admitted: true, wait, ahead }
      const { cost, requests } = takes[index]!
      return { admitted: false, wait: cost > requests ? Number.POSITIVE_INFINITY : wait, ahead }
    })
  }

  async #run(what: { readonly keys: string[]; readonly arguments: string[] }): Promise<unknown> {
    try {
      return await this.#client.evalSha(sha, what)
    } catch (thrown) {
      // The server was emptied or replaced: it knows no script.
      if (!(thrown instanceof Error) || !thrown.message.startsWith('NOSCRIPT')) throw thrown
      return await this.#client.eval(script, what)
    }
  }

  #without(answer: 'late' | 'down' | 'skipped'): undefined {
    this.#counters.add(`sallyport_shared_budget_total{answer="${answer}"}`)
    return undefined
  }
}
