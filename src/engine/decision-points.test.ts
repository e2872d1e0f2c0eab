import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { systemClock } from '../kit/clock.ts'
import { CounterSet } from '../kit/counters.ts'
import { SallyportError } from '../kit/error.ts'
import type { RunningDecisionPoint } from '../sensors/decision-point.ts'
import {
  ProxyCall,
  processingRequest,
  processingResponse,
  processPath,
  requestHead,
  responseHead,
} from '../sensors/envoy/filter-fixture.ts'
import { pass } from '../sensors/guard.ts'
import { loadConfig } from './config.ts'
import { decisionPointsSchema } from './decision-config.ts'
import { type DecisionPoint, decisionPoints } from './decision-points.ts'
import { HostedDecisionPoint } from './hosted-decision-point.ts'
import { System } from './system.ts'

const guard = {
  admit: () => ({
    verdict: pass,
    needs: { requestBody: false, response: false, responseBody: false },
    decideBody: () => pass,
    decideResponse: () => pass,
  }),
  observe: () => {},
}
const loop = { clock: systemClock, counters: new CounterSet(), guardOf: () => guard }
const config = decisionPointsSchema.parse(undefined)

describe('a hosted decision point', () => {
  it('is closed with the time that it was given for what is under way', async () => {
    const drained: number[] = []
    const running: RunningDecisionPoint = {
      address: '127.0.0.1:1',
      health: () => ({ id: 'own', kind: 'k', state: 'running', events: 1, dropped: 0, rejected: 0 }),
      close: async drainMs => {
        drained.push(drainMs)
      },
    }
    const point: DecisionPoint = {
      id: 'envoy-filter',
      kind: 'Sample',
      wanted: () => 'asked',
      start: async () => running,
    }
    const hosted = new HostedDecisionPoint(point, 'asked', config, loop)
    await hosted.start()
    expect(hosted.health(0)).toMatchObject({ id: 'envoy-filter', state: 'running' })
    await hosted.drain(1_234)
    expect(drained).toEqual([1_234])
  })

  it('tells why it does not run', async () => {
    const point: DecisionPoint = {
      id: 'envoy-filter',
      kind: 'Sample',
      wanted: () => 'offered',
      start: async () => {
        throw new SallyportError('listen/in-use', 'It cannot listen.', { where: '127.0.0.1:1' })
      },
    }
    const hosted = new HostedDecisionPoint(point, 'offered', config, loop)
    await hosted.start()
    expect(hosted.trouble?.code).toBe('listen/in-use')
    expect(hosted.health(0)).toMatchObject({ state: 'stopped', detail: expect.stringContaining('It cannot') })
  })
})

describe('the decision points', () => {
  it('are offered unless they are turned off, and asked for where the configuration says so', () => {
    const ids = decisionPoints.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const wantedWith = (enabled: unknown) => {
      const given = decisionPointsSchema.parse(
        Object.fromEntries(Object.keys(config).map(key => [key, { enabled }])),
      )
      return decisionPoints.map(point => point.wanted(given))
    }
    expect(wantedWith('auto')).toEqual(ids.map(() => 'offered'))
    expect(wantedWith(true)).toEqual(ids.map(() => 'asked'))
    expect(wantedWith(false)).toEqual(ids.map(() => undefined))
    expect(ids.length).toBe(Object.keys(config).length)
  })

  it('stand among the sensors of a running system; one whose port is taken is left out, with the mend', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-points-'))
    const log: string[] = []
    const start = (name: string, port: number): Promise<System> =>
      System.start({
        config: loadConfig(undefined, {
          SALLYPORT_DATA_DIR: join(folder, name),
          SALLYPORT_CALLS_DRIVER: 'memory',
          SALLYPORT_SENSORS_OTLP_ENABLED: 'false',
          SALLYPORT_DECISION_POINTS_ENVOY_PORT: String(port),
          SALLYPORT_DECISION_POINTS_FORWARD_AUTH_PORT: '0',
        }),
        clock: systemClock,
        log: line => log.push(line),
      })
    const rowOf = (system: System) => system.sensors().find(({ id }) => id === 'envoy-filter')
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const systems: System[] = []
    try {
      systems.push(await start('free', 0), await start('taken', port))
      await vi.waitFor(() =>
        expect(systems.map(system => rowOf(system)?.state)).toEqual(['running', 'stopped']),
      )
      expect(rowOf(systems[0]!)?.address).toMatch(/^127\.0\.0\.1:\d+$/)
      expect(rowOf(systems[1]!)?.detail).toContain('choose another port')
      expect(log).toContainEqual(expect.stringMatching(/^Decision point envoy-filter: {2}127\.0\.0\.1:\d+$/))
      expect(log).toContainEqual(
        expect.stringMatching(/^Decision point envoy-filter is left out: .*cannot listen/),
      )
      // The loop confirms what control hands out.
      await systems[0]!.setBypass(true)
      expect(log.filter(line => line.includes('not confirmed'))).toEqual([])
    } finally {
      for (const system of systems) await system.close()
      taken.close()
      rmSync(folder, { recursive: true, force: true })
    }
  }, 30_000)

  it('act by policies and quarantine, tell their decisions, and hand on calls to learn from', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-points-'))
    const system = await System.start({
      config: loadConfig(undefined, {
        SALLYPORT_DATA_DIR: join(folder, 'data'),
        SALLYPORT_CALLS_DRIVER: 'memory',
        SALLYPORT_SENSORS_OTLP_ENABLED: 'false',
        SALLYPORT_DECISION_POINTS_ENVOY_PORT: '0',
        SALLYPORT_DECISION_POINTS_FORWARD_AUTH_ENABLED: 'false',
      }),
      clock: systemClock,
      log: () => {},
    })
    try {
      await vi.waitFor(() =>
        expect(system.sensors().find(({ id }) => id === 'envoy-filter')?.address).toBeTruthy(),
      )
      const address = system.sensors().find(({ id }) => id === 'envoy-filter')!.address!
      const token = (sub: string): string =>
        [{ alg: 'HS256' }, { sub }, 'x']
          .map(part => Buffer.from(JSON.stringify(part)).toString('base64url'))
          .join('.')
      const ask = async (path: string, user: string): Promise<string> => {
        const call = new ProxyCall(address, processPath).send(
          processingRequest(requestHead({ ':path': path, authorization: `Bearer ${token(user)}` })),
        )
        const [answer] = await call.answered(1)
        const { immediate_response: refused } = processingResponse(answer!) as {
          readonly immediate_response?: { readonly status: { readonly code: number } }
        }
        if (refused === undefined) call.send(processingRequest(responseHead({}, true)))
        await call.answered(2 - Number(refused !== undefined))
        await call.end()
        return refused === undefined ? 'passed' : String(refused.status.code)
      }
      const source = [
        'apiVersion: sallyport/v1alpha1',
        'kind: ApiPolicy',
        'metadata: { name: no-admin }',
        'spec:',
        '  phase: request',
        '  when: \'request.path.startsWith("/admin")\'',
        '  action: { type: block, status: 403 }',
        '  mode: enforce',
        '',
      ].join('\n')
      expect(system.checkPolicy(source)).toMatchObject({ valid: true })
      expect(await ask('/admin/users', 'alice')).toBe('passed')
      await system.state.putPolicy('no-admin', source, 'test', Date.now(), 0)
      await system.changed('policies')
      expect(await ask('/admin/users', 'alice')).toBe('403')
      expect(await ask('/orders/7', 'bob')).toBe('passed')
      await system.state.putQuarantine({
        id: 'q1',
        kind: 'principal',
        target: 'user:bob',
        reason: 'test',
        createdAt: Date.now(),
        createdBy: 'test',
        expiresAt: Date.now() + 60_000,
      })
      await system.changed('quarantine')
      expect(await ask('/orders/7', 'bob')).toBe('403')
      expect(await ask('/orders/7', 'alice')).toBe('passed')
      await system.setBypass(true)
      expect(await ask('/admin/users', 'alice')).toBe('passed')
      await vi.waitFor(
        async () => {
          const { items } = await system.state.decisions({ limit: 10 })
          expect(items.map(({ policy, principal }) => `${policy} ${principal}`).sort()).toEqual([
            'no-admin user:alice',
            'quarantine user:bob',
          ])
          expect(system.principals().map(({ id }) => String(id))).toEqual(['user:alice', 'user:bob'])
        },
        { timeout: 15_000, interval: 100 },
      )
    } finally {
      await system.close()
      rmSync(folder, { recursive: true, force: true })
    }
  }, 60_000)
})
