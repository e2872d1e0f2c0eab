import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { protect } from '../../middleware/src/node.js'
import { loadConfig } from '../../src/engine/config.ts'
import { System } from '../../src/engine/system.ts'
import { systemClock } from '../../src/kit/clock.ts'

/** A whole Sallyport that decides for a proxy and for an application, by policies of a folder. */

const token = 'a-token-of-the-decision-api'
const policy = (name: string, spec: string): string =>
  `apiVersion: sallyport/v1alpha1\nkind: ApiPolicy\nmetadata: { name: ${name} }\nspec: { mode: enforce, ${spec} }\n`
const policies = {
  admin: `when: 'request.path.startsWith("/admin")', action: { type: block }`,
  tags: `when: 'request.path == "/tagged"', action: { type: tag, header: x-risk, value: high }`,
  cards: `phase: response, when: 'request.path == "/card"', action: { type: mask, fields: ["/card"] }`,
}

const folder = mkdtempSync(join(tmpdir(), 'decision-api-'))
let system: System
let at = ''

beforeAll(async () => {
  mkdirSync(join(folder, 'policies'))
  for (const [name, spec] of Object.entries(policies))
    writeFileSync(join(folder, 'policies', `${name}.yaml`), policy(name, spec))
  system = await System.start({
    config: loadConfig(undefined, {
      SALLYPORT_DATA_DIR: join(folder, 'data'),
      SALLYPORT_CALLS_DRIVER: 'memory',
      SALLYPORT_SENSORS_OTLP_ENABLED: 'false',
      SALLYPORT_POLICIES: join(folder, 'policies'),
      SALLYPORT_DECISION_POINTS_ENVOY_ENABLED: 'false',
      SALLYPORT_DECISION_POINTS_FORWARD_AUTH_PORT: '0',
      SALLYPORT_DECISION_POINTS_FORWARD_AUTH_TOKEN: token,
    }),
    clock: systemClock,
    log: () => {},
  })
  await vi.waitFor(() => {
    const row = system.sensors().find(({ id }) => id === 'forward-auth')
    expect(row?.state).toBe('running')
    at = `http://${row?.address}`
  })
})

afterAll(async () => {
  await system.close()
  rmSync(folder, { recursive: true, force: true })
})

const told = (): number | undefined => system.sensors().find(({ id }) => id === 'forward-auth')?.events

describe('a whole Sallyport', () => {
  it('answers a proxy by its policies, and hears of the calls', async () => {
    const ask = (uri: string): Promise<Response> =>
      fetch(`${at}/auth/caddy`, {
        headers: { 'x-forwarded-method': 'GET', 'x-forwarded-uri': uri, 'x-forwarded-host': 'shop.example' },
      })
    expect((await ask('/orders')).status).toBe(204)
    const refused = await ask('/admin/users')
    expect([refused.status, await refused.json()]).toEqual([
      403,
      expect.objectContaining({ decisionId: expect.any(String) }),
    ])
    const tagged = await ask('/tagged')
    expect([tagged.status, tagged.headers.get('x-risk')]).toEqual([204, 'high'])
    await vi.waitFor(() => expect(told()).toBe(3), 10_000)
  })

  it('protects an application through its middleware, its answers as well', async () => {
    const listener = protect(
      (request, response) => {
        response.setHeader('content-type', 'application/json')
        response.end(
          JSON.stringify({ card: '4111 1111 1111 1111', risk: request.headers['x-risk'] ?? 'none' }),
        )
      },
      { decisionApi: { url: at, token, timeoutMs: 5_000 } },
    )
    const server = createServer(listener).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const get = async (path: string) => {
      const answer = await fetch(url + path)
      return [answer.status, await answer.json()]
    }
    expect(await get('/admin/users')).toEqual([403, expect.objectContaining({ status: 403 })])
    expect(await get('/tagged')).toEqual([200, { card: '4111 1111 1111 1111', risk: 'high' }])
    expect(await get('/card')).toEqual([200, { card: '***', risk: 'none' }])
    expect(listener.counts()).toMatchObject({ requests: 3, refused: 1, amended: 2, failures: 0, undone: 0 })
    await listener.close()
    expect(listener.counts()).toMatchObject({ observed: 3, dropped: 0 })
    server.close()
    server.closeAllConnections()
  })
})
