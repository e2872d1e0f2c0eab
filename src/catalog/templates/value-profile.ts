import type { ApiCall } from '../../call/api-call.ts'
import { keptWhole } from '../../kit/snapshot.ts'
import type { EndpointRecord } from '../endpoint-record.ts'
import { ValueUse } from './value-use.ts'

/** Operations that are told apart of one value; calls at further ones are only counted. */
const maxUses = 16

/** What is kept of one value of a placeholder, or of all that are not told apart: how often it is called, and at which operations. */
export class ValueProfile {
  calls = 0
  /** Turns for which it stays although others want its place. */
  credit = 1
  uses: ValueUse[] = []

  learn(record: EndpointRecord, call: ApiCall): void {
    this.calls += 1
    if (this.credit < 64) this.credit += 1
    for (const use of this.uses) {
      if (use.record === record) {
        use.learn(call)
        return
      }
    }
    if (this.uses.length >= maxUses) return
    const use = new ValueUse(record)
    use.learn(call)
    this.uses.push(use)
  }

  add(use: ValueUse): void {
    this.calls += use.calls
    this.credit = Math.min(64, this.credit + use.calls)
    const known = this.uses.find(({ record }) => record === use.record)
    if (known !== undefined) known.absorb(use)
    else if (this.uses.length < maxUses) this.uses.push(use)
  }

  absorb(other: ValueProfile): void {
    const calls = this.calls + other.calls
    for (const use of other.uses) this.add(use)
    this.calls = calls
  }

  /** Forgets operations that are gone; those that became one are one. */
  renew(current: (record: EndpointRecord) => EndpointRecord | undefined): void {
    if (this.uses.every(use => current(use.record) === use.record)) return
    const { uses, calls } = this
    this.uses = []
    for (const use of uses) {
      const record = current(use.record)
      if (record === undefined) continue
      use.record = record
      this.add(use)
    }
    this.calls = calls
  }

  static {
    keptWhole(ValueProfile, 'catalog/value-profile', 1)
  }
}
