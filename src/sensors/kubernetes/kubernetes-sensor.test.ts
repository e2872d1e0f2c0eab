import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../kit/clock.ts'
import { ApiServer } from './fixture.ts'
import type { KubernetesOptions } from './kubernetes-options.ts'
import { KubernetesSensor } from './kubernetes-sensor.ts'

const services = '/api/v1/services'
const pods = '/api/v1/pods'
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function serve(): Promise<{ server: ApiServer; kubeconfig: string; folder: string }> {
  const server = new ApiServer([services, pods])
  const address = await server.listen()
  closing.push(() => server.close())
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-kube-'))
  closing.push(() => rmSync(folder, { recursive: true }))
  const kubeconfig = join(folder, 'config')
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'test',
      clusters: [
        {
          name: 'test', // Without TLS the client library wants this said.
          cluster: { server: address, 'insecure-skip-tls-verify': true },
        },
      ],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
      users: [{ name: 'test', user: { token: 'token' } }],
    }),
  )
  return { server, kubeconfig, folder }
}

async function start(kubeconfig: string, given: Partial<KubernetesOptions> = {}) {
  const told: string[] = []
  const sensor = await KubernetesSensor.start(
    {
      call: () => {},
      event: event => {
        if (event.type === 'resource')
          told.push(`${event.removed === true ? '-' : '+'}${event.object.kind} ${event.object.metadata.name}`)
      },
    },
    systemClock,
    { kubeconfig, retryMs: 5, maxRetryMs: 20, absentMs: 50, pageSize: 2, ...given },
  )
  closing.push(() => sensor.close())
  return { sensor, told }
}

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 5 })

describe('a cluster that is watched', () => {
  it('is listed page by page, then followed', async () => {
    const { server, kubeconfig } = await serve()
    for (const name of ['a', 'b', 'c', 'd', 'e']) server.put(services, 'Service', name)
    const { sensor, told } = await start(kubeconfig)
    await until(() => expect(server.watching).toBe(2))
    expect(told).toEqual(['a', 'b', 'c', 'd', 'e'].map(name => `+Service ${name}`))
    server.put(services, 'Service', 'f')
    server.put(services, 'Service', 'a', { spec: { type: 'NodePort' } })
    server.remove(services, 'b')
    server.bookmark(services)
    await until(() => expect(told.slice(5)).toEqual(['+Service f', '+Service a', '-Service b']))
    await until(() => expect(sensor.health(0)).toMatchObject({ state: 'running', events: 8, rejected: 0 }))
    expect(sensor.health(0).detail).toContain('5 objects of 2 kinds')
    expect(new Set(server.requests.map(request => request.split(' ')[0]))).toEqual(new Set(['GET']))
    expect(server.requests.some(request => /secrets|configmaps/.test(request))).toBe(false)
  })

  it.each(['end', 'destroy'] as const)('goes on where it was when the connection is cut (%s)', async how => {
    const { server, kubeconfig } = await serve()
    server.put(services, 'Service', 'a')
    const { told } = await start(kubeconfig)
    await until(() => expect(server.watching).toBe(2))
    server.disconnect(services, how)
    server.put(services, 'Service', 'b')
    await until(() => expect(told).toEqual(['+Service a', '+Service b']))
    expect(server.lists.get(services)).toBe(1)
  })

  it('is listed again when its place is forgotten, and what went meanwhile is told', async () => {
    const { server, kubeconfig } = await serve()
    for (const name of ['a', 'b', 'c']) server.put(services, 'Service', name)
    const { told } = await start(kubeconfig)
    await until(() => expect(server.watching).toBe(2))
    server.disconnect(services, 'destroy')
    server.remove(services, 'a')
    server.put(services, 'Service', 'd')
    server.compact()
    await until(() => expect([...told.slice(3)].sort()).toEqual(['+Service d', '-Service a']))
    expect(server.lists.get(services)).toBe(2)
  })

  it('tells what is forbidden, goes on with the rest, and asks again', async () => {
    const { server, kubeconfig } = await serve()
    server.forbidden.add(services)
    server.put(services, 'Service', 'a')
    server.put(pods, 'Pod', 'p')
    const { sensor, told } = await start(kubeconfig)
    await until(() => expect(sensor.health(0).state).toBe('degraded'))
    expect(sensor.health(0).detail).toContain('Not allowed to list: services.')
    await until(() => expect(told).toEqual(['+Pod p']))
    server.forbidden.clear()
    await until(() => expect(told).toEqual(['+Pod p', '+Service a']))
    await until(() => expect(sensor.health(0).state).toBe('running'))
  })

  it('withstands lines that are too long, broken or of nothing', async () => {
    const { server, kubeconfig } = await serve()
    const { sensor, told } = await start(kubeconfig, { maxObjectBytes: 10_000 })
    await until(() => expect(server.watching).toBe(2))
    server.raw(services, 'not json\n')
    server.raw(services, `${'x'.repeat(50_000)}\n`)
    server.raw(services, '{"type":"ADDED"}\n[]\n')
    server.put(services, 'Service', 'a')
    await until(() => expect(told).toEqual(['+Service a']))
    expect(sensor.health(0).rejected).toBe(4)
  })

  it('holds no more objects than it may', async () => {
    const { server, kubeconfig } = await serve()
    for (const name of ['a', 'b', 'c']) server.put(services, 'Service', name)
    const { sensor, told } = await start(kubeconfig, { maxObjects: 2 })
    await until(() => expect(server.watching).toBe(2))
    expect(told).toEqual(['+Service a', '+Service b'])
    await until(() => expect(sensor.health(0)).toMatchObject({ state: 'degraded', dropped: 1 }))
  })

  it('says plainly what is wrong at the start', async () => {
    const { server, kubeconfig, folder } = await serve()
    await expect(start(join(folder, 'nothing'))).rejects.toMatchObject({ code: 'config/invalid' })
    await expect(start(kubeconfig, { context: 'other' })).rejects.toMatchObject({ code: 'config/invalid' })
    await server.close()
    closing.splice(0, 1)
    await expect(start(kubeconfig)).rejects.toMatchObject({ code: 'upstream/unreachable' })
  })

  it('lets go at once when it is closed', async () => {
    const { server, kubeconfig } = await serve()
    const { sensor } = await start(kubeconfig)
    await until(() => expect(server.watching).toBe(2))
    await sensor.close()
    await until(() => expect(server.watching).toBe(0))
    expect(sensor.health(0).state).toBe('stopped')
  })
})
