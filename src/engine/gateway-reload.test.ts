import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { systemClock } from '../kit/clock.ts'
import { type Config, configSchema } from './config.ts'
import { System } from './system.ts'

const servers: Server[] = []
let folder: string

async function upstream(name: string): Promise<string> {
  const server = createServer((_request, response) => response.end(name))
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-reload-'))
})
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  rmSync(folder, { recursive: true, force: true })
})

const fixture = (name: string): string => new URL(`../../test/fixtures/tls/${name}`, import.meta.url).pathname

const configOf = (gateway: Record<string, unknown>): Config =>
  configSchema.parse({
    dataDir: join(folder, 'data'),
    calls: { driver: 'memory' },
    gateway: { port: 0, ...gateway },
    decisionPoints: { envoy: { enabled: false }, forwardAuth: { enabled: false } },
    sensors: { otlp: { enabled: false } },
  })

/** What answers over TLS, and under which certificate. */
const ask = (url: string): Promise<{ text: string; name: unknown }> =>
  new Promise((resolve, reject) => {
    const { port } = new URL(url)
    const options = {
      port,
      host: '127.0.0.1',
      servername: 'shop.example',
      ca: readFileSync(fixture('authority.pem')),
      agent: false,
    }
    const asked = request(options, response => {
      const name =
        'getPeerCertificate' in response.socket
          ? (
              response.socket as unknown as { getPeerCertificate(): { subject: { CN: string } } }
            ).getPeerCertificate().subject.CN
          : ''
      let text = ''
      response.on('data', chunk => {
        text += chunk
      })
      response.on('end', () => resolve({ text, name }))
    })
    asked.on('error', reject)
    asked.end()
  })

test('a running gateway takes another upstream and other certificates, and says what it did not take', async () => {
  const [first, second] = [await upstream('first'), await upstream('second')]
  const own = { certificate: join(folder, 'a.pem'), key: join(folder, 'a.key.pem') }
  copyFileSync(fixture('shop.pem'), own.certificate)
  copyFileSync(fixture('shop.key.pem'), own.key)
  const tls = { certificates: [own] }
  const heard: string[] = []
  let wake: () => void = () => undefined
  const said = async (words: string): Promise<void> => {
    while (!heard.some(line => line.includes(words))) {
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
    heard.length = 0
  }
  const log = (line: string): void => {
    heard.push(line)
    wake()
  }
  const system = await System.start({ config: configOf({ upstream: first, tls }), clock: systemClock, log })
  try {
    const url = system.gatewayUrl()!
    expect(url).toMatch(/^https:/)
    expect(await ask(url)).toEqual({ text: 'first', name: 'shop' })
    copyFileSync(fixture('renewed.pem'), own.certificate)
    copyFileSync(fixture('renewed.key.pem'), own.key)
    system.reloadGateway(configOf({ upstream: second, tls }).gateway)
    await said('took effect')
    expect(await ask(url)).toEqual({ text: 'second', name: 'renewed' })
    system.reloadGateway(
      configOf({ upstream: first, tls: { certificates: [{ ...own, key: '/nowhere.pem' }] } }).gateway,
    )
    await said('stayed as before')
    expect(await ask(url)).toEqual({ text: 'second', name: 'renewed' })
  } finally {
    await system.close()
  }
})

test('certificates that are renewed on disk are shown without a word from anybody; broken ones are told, and those before stay', async () => {
  const only = await upstream('only')
  const own = { certificate: join(folder, 'b.pem'), key: join(folder, 'b.key.pem') }
  copyFileSync(fixture('shop.pem'), own.certificate)
  copyFileSync(fixture('shop.key.pem'), own.key)
  const heard: string[] = []
  const said = (words: string): Promise<void> =>
    vi.waitFor(() => expect(heard.join('\n')).toContain(words), { timeout: 20_000 })
  const config = configOf({ upstream: only, tls: { certificates: [own] } })
  const system = await System.start({ config, clock: systemClock, log: line => heard.push(line) })
  try {
    const url = system.gatewayUrl()!
    writeFileSync(own.certificate, readFileSync(fixture('renewed.pem')).subarray(0, 200))
    await said("The gateway's certificates stayed as before")
    expect(heard.join('\n')).toContain(own.certificate)
    expect(await ask(url)).toEqual({ text: 'only', name: 'shop' })
    copyFileSync(fixture('renewed.key.pem'), own.key)
    copyFileSync(fixture('renewed.pem'), own.certificate)
    await said("The gateway's certificates took effect.")
    expect(await ask(url)).toEqual({ text: 'only', name: 'renewed' })
  } finally {
    await system.close()
  }
}, 60_000)
