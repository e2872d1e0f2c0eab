import type { ApiCall } from '../../call/api-call.ts'
import { keptWhole } from '../../kit/snapshot.ts'
import type { EndpointRecord } from '../endpoint-record.ts'
import { ResponseShape } from './response-shape.ts'

/** Answers of one word at one operation whose keys are all looked at; after that those whose number is a power of two. */
const denseAnswers = 6

/** What one word was used for at one operation of its placeholder. */
export class ValueUse {
  record: EndpointRecord
  calls = 0
  firstSeen = Number.POSITIVE_INFINITY
  lastSeen = Number.NEGATIVE_INFINITY
  private successes = 0
  readonly shape = new ResponseShape()
  private readonly _statuses = new Map<number, number>()
  /** The newest status and how often it came in a row: most calls are answered as the one before. */
  private status = 0
  private row = 0

  constructor(record: EndpointRecord) {
    this.record = record
  }

  /** Answers by status. */
  get statuses(): ReadonlyMap<number, number> {
    this.flush()
    return this._statuses
  }

  private flush(): void {
    if (this.row === 0) return
    this._statuses.set(this.status, (this._statuses.get(this.status) ?? 0) + this.row)
    this.row = 0
  }

  /** What a record of its own knew of a word that becomes a value. */
  static of(record: EndpointRecord, home: EndpointRecord): ValueUse {
    const use = new ValueUse(home)
    use.calls = record.calls
    use.firstSeen = record.firstSeen
    use.lastSeen = record.lastSeen
    use.shape.absorb(record.shape)
    for (const [status, count] of record.statuses) {
      use._statuses.set(status, count)
      if (status >= 200 && status < 300) use.successes += count
    }
    return use
  }

  learn({ response, time }: ApiCall): void {
    this.calls += 1
    if (time < this.firstSeen) this.firstSeen = time
    if (time > this.lastSeen) this.lastSeen = time
    if (response === undefined) return
    const { status } = response
    if (status !== this.status) {
      this.flush()
      this.status = status
    }
    this.row += 1
    if (status < 200 || status >= 300) return
    this.successes += 1
    const count = this.successes
    if (count <= denseAnswers || (count & (count - 1)) === 0) this.shape.learn(response.content)
  }

  absorb(other: ValueUse): void {
    this.calls += other.calls
    this.firstSeen = Math.min(this.firstSeen, other.firstSeen)
    this.lastSeen = Math.max(this.lastSeen, other.lastSeen)
    this.successes += other.successes
    this.shape.absorb(other.shape)
    for (const [status, count] of other.statuses)
      this._statuses.set(status, (this._statuses.get(status) ?? 0) + count)
  }

  static {
    keptWhole(ValueUse, 'catalog/value-use', 1)
  }
}
