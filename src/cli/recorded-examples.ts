import type { ApiCall } from '../call/api-call.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import type { EndpointId } from '../kit/id.ts'
import { newestOfEachStatus } from '../server/views/example.ts'
import type { StoredCall } from '../store/ports/call-store.ts'

/** The newest call of each endpoint and status; of the least recently seen, beyond the bound, none. */
export class RecordedExamples {
  readonly #calls: BoundedMap<string, StoredCall>

  constructor(bound = 10_000) {
    this.#calls = new BoundedMap(bound)
  }

  add(stored: StoredCall): void {
    this.#calls.set(`${stored.endpoint} ${stored.call.response?.status ?? ''}`, stored)
  }

  /** Of one endpoint, under whatever ids it went by; the newest first. */
  of(isIts: (id: EndpointId) => boolean): readonly ApiCall[] {
    const its = [...this.#calls.values()].flatMap(({ call, endpoint }) => (isIts(endpoint) ? [call] : []))
    return newestOfEachStatus(its.sort((a, b) => b.time - a.time || (a.id < b.id ? 1 : -1)))
  }
}
