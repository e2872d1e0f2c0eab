import { SallyportError } from '../kit/error.ts'
import type { GraphQuestion, GraphQuestionKind, GraphQuestions } from './graph-questions.ts'
import type { FromAnalysis, ToAnalysis } from './protocol.ts'

/** Questions that wait for their answers; more are refused. */
const mostWaiting = 64
/** Ms until a question is given up; what is answered in slices gives way to the calls that come. */
const patienceMs = 5_000
const slicedPatienceMs = 30_000

interface Waiting {
  readonly answered: (answer: unknown) => void
  readonly refused: (error: SallyportError) => void
  readonly patience: NodeJS.Timeout
}

type Post = (message: Extract<ToAnalysis, { readonly type: 'ask' }>) => boolean

/** Asks the graph, which lives in the analysis thread, and brings each answer to who asked. */
export class GraphDesk {
  readonly #post: Post
  readonly #waiting = new Map<number, Waiting>()
  #last = 0

  /** @param post Sends to analysis; false where it does not run. */
  constructor(post: Post) {
    this.#post = post
  }

  /** Rejects with `server/busy` where analysis does not answer within five seconds (thirty for recommendations) or too many wait; else with what the graph says. */
  ask<Kind extends GraphQuestionKind>(
    kind: Kind,
    ask: GraphQuestions[Kind]['ask'],
  ): Promise<GraphQuestions[Kind]['answer']> {
    this.#last += 1
    const id = this.#last
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    if (
      this.#waiting.size >= mostWaiting ||
      !this.#post({ type: 'ask', id, question: { kind, ask } as GraphQuestion })
    )
      return Promise.reject(busy())
    const patience = setTimeout(
      () => {
        this.#waiting.delete(id)
        reject(busy())
      },
      kind === 'recommendation' ? slicedPatienceMs : patienceMs,
    )
    this.#waiting.set(id, { answered: resolve, refused: reject, patience })
    return promise as Promise<GraphQuestions[Kind]['answer']>
  }

  /** An answer came. One that nobody waits for any more is dropped. */
  take({ id, answer, refusal }: Extract<FromAnalysis, { type: 'answer' }>): void {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return
    this.#waiting.delete(id)
    clearTimeout(waiting.patience)
    if (refusal === undefined) waiting.answered(answer)
    else waiting.refused(SallyportError.fromPlain(refusal))
  }

  /** No answer will come any more. */
  close(): void {
    for (const { refused, patience } of this.#waiting.values()) {
      clearTimeout(patience)
      refused(busy())
    }
    this.#waiting.clear()
  }
}

const busy = (): SallyportError =>
  new SallyportError('server/busy', 'Analysis does not answer at the moment.', {
    mend: 'Ask again in a moment; at the start it first reads what was recorded.',
  })
