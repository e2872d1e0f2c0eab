import { isObject, type Json, type JsonObject, textOf } from '../../world/http.ts'
import { prose } from '../../world/names.ts'
import type { Reply, Request } from '../../world/service.ts'
import type { Stream } from '../../world/stream.ts'

export type Dialect = 'openai' | 'anthropic'

/** A language model behind a gateway: answers in plain words, counts tokens, keeps to budgets where somebody set them. */
export class Model {
  readonly dialect: Dialect
  readonly #stream: Stream
  /** Tokens an account may use a day; undefined where nobody counts. */
  readonly #budget: number | undefined
  readonly #used = new Map<string, number>()

  constructor(dialect: Dialect, budget: number | undefined, stream: Stream) {
    this.dialect = dialect
    this.#budget = budget
    this.#stream = stream
  }

  /** The body of a request. */
  body(
    model: string,
    system: string,
    messages: readonly { role: 'user' | 'assistant'; content: string }[],
    most: number,
  ): JsonObject {
    return this.dialect === 'openai'
      ? {
          model,
          messages: [{ role: 'system', content: system }, ...messages],
          max_tokens: most,
          temperature: 0.2,
        }
      : { model, system, messages: [...messages], max_tokens: most }
  }

  handle(request: Request): Reply {
    const { body, me, now } = request
    // Bodies are read in the application's own names.
    const most = Number(body.maxTokens ?? body.max_tokens ?? 800)
    const input = Math.ceil(charactersIn(body.messages) / 4 + charactersIn(body.system) / 4) + 3
    const day = Math.floor(now / 86_400_000)
    const key = `${me.id}/${day}`
    const used = this.#used.get(key) ?? 0
    if (this.#budget !== undefined && used > this.#budget)
      return wire({ error: { type: 'insufficient_quota', message: 'The budget of today is used up.' } }, 429)
    const output = Math.max(
      8,
      Math.min(Number.isFinite(most) ? most : 800, Math.round(this.#stream.about(180, 0.7))),
    )
    this.#used.set(key, used + input + output)
    if (this.#used.size > 5_000) this.#used.clear()
    request.work = 1 + output / 120 + input / 20_000
    const text = prose(this.#stream, Math.min(160, Math.round(output * 0.7)))
    const model = textOf(body.model) ?? ''
    const id = this.#stream.token(24)
    return this.dialect === 'openai'
      ? wire({
          id: `chatcmpl-${id}`,
          object: 'chat.completion',
          created: Math.floor(now / 1_000),
          model,
          choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
          usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
        })
      : wire({
          id: `msg_${id}`,
          type: 'message',
          role: 'assistant',
          model,
          content: [{ type: 'text', text }],
          stop_reason: 'end_turn',
          usage: { input_tokens: input, output_tokens: output },
        })
  }
}

/** Names of these protocols are what they are, whatever the style of the rest. */
export function wire(answer: JsonObject, status = 200): Reply {
  return {
    status,
    body: answer,
    text: { type: 'application/json', value: JSON.stringify(answer) },
    ok: status < 400,
  }
}

function charactersIn(value: Json | undefined): number {
  if (typeof value === 'string') return value.length
  if (Array.isArray(value))
    return (value as readonly Json[]).reduce((sum: number, one) => sum + charactersIn(one), 0)
  return isObject(value) ? charactersIn(value.content) : 0
}
