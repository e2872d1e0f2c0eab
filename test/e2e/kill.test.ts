import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { childrenOf } from '../support/started-process.ts'
import { run, start, temporaryFolder } from './started.ts'

const token = 'a-token-of-the-test-that-is-long-enough'
const folder = temporaryFolder()
const upstream = createServer((request, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ path: request.url }))
})
let upstreamUrl: string

beforeAll(async () => {
  await new Promise<void>(done => upstream.listen(0, '127.0.0.1', done))
  upstreamUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
})
afterAll(() => {
  upstream.closeAllConnections()
  upstream.close()
  folder.remove()
})

const up = () =>
  start(['up', '--upstream', upstreamUrl, '--data-dir', folder.path], {
    SALLYPORT_GATEWAY_PORT: '0',
    SALLYPORT_SERVER_PORT: '0',
    SALLYPORT_TOKEN: token,
  })

async function stored(url: string): Promise<number> {
  const { stdout } = await run(['calls', 'export'], { SALLYPORT_TOKEN: token, SALLYPORT_URL: url })
  return stdout.trim() === '' ? 0 : stdout.trim().split('\n').length
}

async function untilStored(url: string, wanted: number): Promise<void> {
  for (let round = 0; round < 40; round += 1) if ((await stored(url)) >= wanted) return
  throw new Error(`fewer than ${wanted} calls were stored`)
}

describe.runIf(process.platform === 'linux')('kill -9', () => {
  it('of the calls store and of the whole process loses nothing that was acknowledged', async () => {
    const first = up()
    const gateway = (await first.printed(/Gateway:\s+(http:\S+)/))[1]
    const url = new URL((await first.printed(/(http:\S+sign-in)/))[1] as string).origin
    const send = async (from: number, to: number): Promise<void> => {
      for (let id = from; id < to; id += 1) expect((await fetch(`${gateway}/things/${id}`)).status).toBe(200)
    }
    await send(0, 30)
    await untilStored(url, 30)
    const policy = [
      'apiVersion: sallyport/v1alpha1',
      'kind: ApiPolicy',
      'metadata: { name: kept }',
      'spec:',
      '  action: { type: tag }',
      '',
    ].join('\n')
    const put = await fetch(`${url}/api/v1/policies/kept`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'if-none-match': '*' },
      body: JSON.stringify({ source: policy }),
    })
    expect(put.status, await put.clone().text()).toBeLessThan(300)

    const children = childrenOf(first.child.pid as number)
    const { stdout: driver } = await run(['doctor'], {
      SALLYPORT_GATEWAY_PORT: '0',
      SALLYPORT_SERVER_PORT: '0',
    })
    const durable = /calls store\s+chdb/.test(driver)
    if (durable) {
      expect(children.length).toBeGreaterThan(0)
      for (const pid of children) process.kill(pid, 'SIGKILL')
      // Traffic goes on while the store is away, and reaches it when it is back.
      await send(30, 60)
      await untilStored(url, 60)
    }
    first.child.kill('SIGKILL')
    await first.stop()

    const second = up()
    try {
      const again = new URL((await second.printed(/(http:\S+sign-in)/))[1] as string).origin
      if (durable) expect(await stored(again)).toBe(60)
      const auth = { headers: { authorization: `Bearer ${token}` } }
      const policies = (await (await fetch(`${again}/api/v1/policies`, auth)).json()) as {
        items: { name: string }[]
      }
      expect(policies.items.map(one => one.name)).toContain('kept')
      const audit = (await (await fetch(`${again}/api/v1/audit`, auth)).json()) as {
        items: { action: string }[]
      }
      expect(audit.items.map(one => one.action)).toContain('policy.put')
    } finally {
      expect(await second.stop()).toBe(0)
    }
  }, 120_000)

  it('leaves no child behind', async () => {
    const one = up()
    await one.printed(/(http:\S+sign-in)/)
    const children = childrenOf(one.child.pid as number)
    one.child.kill('SIGKILL')
    await one.stop()
    const alive = (pid: number): boolean => {
      try {
        return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] !== 'Z'
      } catch {
        return false
      }
    }
    await expect.poll(() => children.filter(alive), { timeout: 10_000 }).toEqual([])
  }, 60_000)
})
