import type { RawExchange } from '../call/raw-exchange.ts'
import type { Admission, Guard, GuardedRequest, Needs } from './guard.ts'
import { pass } from './guard.ts'

/** For tests of inline sensors. */

export const needsNothing: Needs = { requestBody: false, response: false, responseBody: false }

/** A guard that keeps everything it is shown and answers as told. */
export class RecordingGuard implements Guard {
  readonly admitted: GuardedRequest[] = []
  readonly exchanges: RawExchange[] = []
  readonly #answer: (request: GuardedRequest) => Partial<Admission>
  #waiting: { readonly count: number; readonly done: () => void }[] = []

  constructor(answer: (request: GuardedRequest) => Partial<Admission> = () => ({})) {
    this.#answer = answer
  }

  admit(request: GuardedRequest): Admission {
    this.admitted.push(request)
    return {
      verdict: pass,
      needs: needsNothing,
      decideBody: () => pass,
      decideResponse: () => pass,
      ...this.#answer(request),
    }
  }

  observe(exchange: RawExchange): void {
    this.exchanges.push(exchange)
    this.#waiting = this.#waiting.filter(({ count, done }) => {
      if (this.exchanges.length < count) return true
      done()
      return false
    })
  }

  /** The exchanges, once there are `count` of them. */
  async seen(count: number): Promise<RawExchange[]> {
    if (this.exchanges.length < count) {
      await new Promise<void>(done => {
        this.#waiting.push({ count, done })
      })
    }
    return this.exchanges
  }
}
