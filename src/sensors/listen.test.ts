import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { listen } from './listen.ts'

describe('listening', () => {
  it.each([
    ['127.0.0.1', /^127\.0\.0\.1:\d+$/],
    ['::1', /^\[::1\]:\d+$/],
  ])('tells where it does: %s', async (host, address) => {
    const server = createServer()
    const listening = await listen(server, 'The sample', { host, port: 0 })
    expect(listening.address).toMatch(address)
    expect(listening.address.endsWith(`:${listening.port}`)).toBe(true)
    // What fails later is not thrown.
    server.emit('error', new Error('accept failed'))
    server.close()
  })

  it('tells a port that is taken', async () => {
    const first = createServer()
    const { port } = await listen(first, 'The first', { host: '127.0.0.1', port: 0 })
    await expect(listen(createServer(), 'The second', { host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'listen/in-use',
      message: `The second cannot listen on 127.0.0.1:${port}.`,
      where: `127.0.0.1:${port}`,
      mend: 'The port is in use: stop what listens there, or choose another port.',
    })
    first.close()
  })

  // 192.0.2.0/24 is for documentation (RFC 5737): no machine has it.
  it('tells an address that is none of this machine', async () => {
    await expect(listen(createServer(), 'The sample', { host: '192.0.2.1', port: 0 })).rejects.toMatchObject({
      code: 'config/invalid',
      message: 'The sample cannot listen on 192.0.2.1:0.',
      mend: 'The address is none of this machine: choose one that it has, such as 127.0.0.1.',
    })
  })

  it('tells a port that is not for this user', async () => {
    const server = createServer()
    // Root may open every port: the refusal of the system is given here.
    server.listen = () => {
      queueMicrotask(() => server.emit('error', Object.assign(new Error('no'), { code: 'EACCES' })))
      return server
    }
    await expect(listen(server, 'The sample', { host: '127.0.0.1', port: 80 })).rejects.toMatchObject({
      code: 'config/invalid',
      mend: 'This user may not open the port: choose one of 1024 or more.',
    })
  })
})
