import fc from 'fast-check'
import { expect, test } from 'vitest'
import { incidentStretch } from './incident-stretch.ts'

test('the stretch holds the incident, begins before it and lies on whole minutes', () => {
  const time = fc.integer({ min: Date.parse('2020-01-01'), max: Date.parse('2030-01-01') })
  fc.assert(
    fc.property(time, fc.nat(30 * 86_400_000), (opened, length) => {
      const { since, until } = incidentStretch({
        opened: new Date(opened).toISOString(),
        updated: new Date(opened + length).toISOString(),
      })
      expect(since).toBeLessThanOrEqual(opened - 5 * 60_000)
      expect(until).toBeGreaterThan(opened + length)
      expect(until - since).toBeGreaterThanOrEqual(600_000)
      expect([since % 60_000, until % 60_000]).toEqual([0, 0])
    }),
  )
})
