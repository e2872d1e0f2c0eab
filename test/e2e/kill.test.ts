import { readFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { childrenOf } from '../support/started-process.ts'
import { ProtectedUpstream } from './protected-upstream.ts'
import { run } from './started.ts'

/** Until the test is over. */
async function protectedUpstream(): Promise<ProtectedUpstream> {
  const upstream = new ProtectedUpstream((request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ path: request.url }))
  })
  onTestFinished(async () => {
    await upstream.close()
  })
  await upstream.open()
  return upstream
}

async function kill({ started }: ProtectedUpstream): Promise<void> {
  started.child.kill('SIGKILL')
  await started.stop()
}

async function stored(upstream: ProtectedUpstream): Promise<number> {
  const { stdout } = await upstream.run('calls', 'export')
  return stdout.trim() === '' ? 0 : stdout.trim().split('\n').length
}

async function untilStored(upstream: ProtectedUpstream, wanted: number): Promise<void> {
  for (let round = 0; round < 40; round += 1) if ((await stored(upstream)) >= wanted) return
  throw new Error(`fewer than ${wanted} calls were stored`)
}

describe.runIf(process.platform === 'linux')('kill -9', () => {
  it('of the calls store and of the whole process loses nothing that was acknowledged', async () => {
    const upstream = await protectedUpstream()
    const send = async (from: number, to: number): Promise<void> => {
      for (let id = from; id < to; id += 1)
        expect((await fetch(`${upstream.gateway}/things/${id}`)).status).toBe(200)
    }
    await send(0, 30)
    await untilStored(upstream, 30)
    const policy = [
      'apiVersion: sallyport/v1alpha1',
      'kind: ApiPolicy',
      'metadata: { name: kept }',
      'spec:',
      '  action: { type: tag }',
      '',
    ].join('\n')
    const put = await upstream.ask('/api/v1/policies/kept', {
      method: 'PUT',
      headers: { 'if-none-match': '*' },
      body: JSON.stringify({ source: policy }),
    })
    expect(put.status, await put.clone().text()).toBeLessThan(300)

    const children = childrenOf(upstream.started.child.pid as number)
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
      await untilStored(upstream, 60)
    }
    await kill(upstream)

    await upstream.up()
    if (durable) expect(await stored(upstream)).toBe(60)
    const policies = await upstream.rest<{ items: { name: string }[] }>('GET', '/policies')
    expect(policies.items.map(one => one.name)).toContain('kept')
    const audit = await upstream.rest<{ items: { action: string }[] }>('GET', '/audit')
    expect(audit.items.map(one => one.action)).toContain('policy.put')
    expect(await upstream.close()).toBe(0)
  }, 120_000)

  it('leaves no child behind', async () => {
    const upstream = await protectedUpstream()
    const children = childrenOf(upstream.started.child.pid as number)
    await kill(upstream)
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
