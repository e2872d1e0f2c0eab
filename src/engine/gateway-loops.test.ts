import { expect, test } from 'vitest'
import type { SensorHealth } from '../sensors/sensor-health.ts'
import { configSchema, loadConfig } from './config.ts'
import { gatewayLoops, oneHealth } from './gateway-loops.ts'

test('there are as many loops as are asked for, or as there is room for', () => {
  const rows = [
    [3, 1, 'linux', 3],
    ['auto', 1, 'linux', 1],
    ['auto', 2, 'linux', 1],
    ['auto', 4, 'linux', 3],
    ['auto', 64, 'linux', 16],
    ['auto', 8, 'darwin', 1],
    ['auto', 8, 'win32', 1],
  ] as const
  for (const [workers, cores, platform, loops] of rows)
    expect(gatewayLoops(workers, cores, platform), `${workers} ${cores} ${platform}`).toBe(loops)
  expect(rows).toHaveLength(7)
  expect(gatewayLoops(1, 8, 'darwin')).toBe(1)
  expect(() => gatewayLoops(2, 8, 'darwin')).toThrow(
    expect.objectContaining({ code: 'config/invalid', where: 'gateway.workers' }),
  )
  expect(configSchema.parse({ gateway: { workers: 'auto' } }).gateway.workers).toBe('auto')
  expect(loadConfig(undefined, { SALLYPORT_GATEWAY_WORKERS: 'auto' }).gateway.workers).toBe('auto')
  expect(loadConfig(undefined, { SALLYPORT_GATEWAY_WORKERS: '4' }).gateway.workers).toBe(4)
  const wrong = [
    ['many', 'must be auto or a whole number from 1 to 64'],
    ['0', '>=1'],
    ['65', '<=64'],
  ] as const
  for (const [value, said] of wrong)
    expect(() => loadConfig(undefined, { SALLYPORT_GATEWAY_WORKERS: value }), value).toThrow(
      expect.objectContaining({ code: 'config/invalid', message: expect.stringContaining(said) }),
    )
})

test('what loops say of one sensor is told as one', () => {
  const gateway = (more: Partial<SensorHealth>): SensorHealth => ({
    ...{ id: 'gateway', kind: 'gateway', state: 'running', events: 0, dropped: 0, rejected: 0 },
    ...more,
  })
  const told = oneHealth([
    gateway({ events: 3, perSecond: 1, lastEventAt: 5, detail: 'well', address: 'a' }),
    gateway({ id: 'other', events: 1 }),
    gateway({ events: 4, rejected: 1, dropped: 2, perSecond: 2, state: 'degraded', detail: 'failing' }),
  ])
  expect(told).toEqual([
    gateway({
      ...{ events: 7, rejected: 1, dropped: 2, perSecond: 3, lastEventAt: 5, state: 'degraded' },
      ...{ detail: 'failing', address: 'a' },
    }),
    gateway({ id: 'other', events: 1 }),
  ])
  expect(oneHealth([])).toEqual([])
})
