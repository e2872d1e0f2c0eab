import { describe, expect, test } from 'vitest'
import { defaultDecodeLimits } from '../../src/call/content-limits.ts'
import { inspectValue } from '../../src/call/payload/inspect-message.ts'
import { benignValues, plainValues } from './benign-values.ts'

const loud = (values: readonly string[]): string[] =>
  values.flatMap(value => {
    const hit = inspectValue(value, defaultDecodeLimits)
    return hit === undefined || hit.confidence < 0.5
      ? []
      : [`${hit.kind}/${hit.rule} ${hit.confidence}: ${JSON.stringify(value)}`]
  })

describe('values that look like attacks and are none', () => {
  test('each written by hand is quiet', () => {
    expect(plainValues.length).toBeGreaterThan(250)
    expect(loud(plainValues)).toEqual([])
  })

  test('combined at random, at most one in a thousand is not', () => {
    const values = benignValues(5_000, 7)
    expect(new Set(values).size).toBeGreaterThan(2_000)
    expect(loud(values).length).toBeLessThanOrEqual(5)
  })
})
