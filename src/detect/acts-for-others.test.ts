import { describe, expect, it } from 'vitest'
import type { Observation } from '../baseline/observation.ts'
import type { Identity } from '../identity/identity.ts'
import { actsForOthers } from './acts-for-others.ts'

const seen = (identity: Partial<Identity>, workload?: { readonly name: string }): Observation =>
  ({
    identity: { kind: 'service', ...identity },
    call: { source: workload === undefined ? {} : { workload } },
  }) as Observation

describe('a caller', () => {
  it('acts for others when it is a workload that calls as itself', () => {
    const front = { name: 'front' }
    expect([
      actsForOthers(seen({}, front)),
      actsForOthers(seen({ kind: 'user' }, front)),
      actsForOthers(seen({ token: 'a'.repeat(32) as never }, front)),
      actsForOthers(seen({})),
    ]).toEqual([true, false, false, false])
  })
})
