import { expect, it } from 'vitest'
import { allRings, createCallRings } from './call-rings.ts'
import { configSchema } from './config.ts'

const off = {
  decisionPoints: { envoy: { enabled: false }, forwardAuth: { enabled: false } },
  sensors: { otlp: { enabled: false } },
}

it('has a ring for each who writes calls, those of the gateway first', () => {
  const rings = createCallRings(configSchema.parse({ gateway: { upstream: 'http://127.0.0.1:1' } }), false)
  expect(rings.gateways).toHaveLength(1)
  expect(Object.keys(rings).sort()).toEqual(['decisions', 'gateways', 'sensors'])
  expect(allRings(rings)).toHaveLength(3)
  expect(allRings(rings)[0]).toBe(rings.gateways[0])
})

it('has none for what the configuration leaves out', () => {
  expect(allRings(createCallRings(configSchema.parse(off), false))).toEqual([])
})

it('has one alone where it is part of an application, whatever else is configured', () => {
  const rings = createCallRings(configSchema.parse({ gateway: { upstream: 'http://127.0.0.1:1' } }), true)
  expect(allRings(rings)).toEqual([rings.application])
})
