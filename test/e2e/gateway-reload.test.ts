import { copyFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect as connectTcp } from 'node:net'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Started, start, temporaryFolder } from './started.ts'

/** What SIGHUP does to a running gateway, and what its configured limits do to its clients. */

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url))
const folder = temporaryFolder()
const config = join(folder.path, 'sallyport.yaml')
const own = { certificate: join(folder.path, 'own.pem'), key: join(folder.path, 'own.key.pem') }
let upstream: Server
let up: Started
let port = 0

function show(name: string): void {
  copyFileSync(fixture(`${name}.pem`), own.certificate)
  copyFileSync(fixture(`${name}.key.pem`), own.key)
}

function configure(limits: string, minVersion = 'TLSv1.2'): void {
  writeFileSync(
    config,
    `gateway:
  port: 0
  upstream: http://127.0.0.1:${(upstream.address() as AddressInfo).port}
  limits: { ${limits} }
  tls:
    minVersion: ${minVersion}
    certificates:
      - { certificate: ${own.certificate}, key: ${own.key} }
      - { certificate: ${fixture('api.pem')}, key: ${fixture('api.key.pem')} }
`,
  )
}

interface Shown {
  readonly name: string
  readonly text: string
}

/** What a client gets that asks for `servername` and sends `head`, until the connection is closed or an answer is there. */
const ask = (head: string, servername = 'shop.example'): Promise<Shown> =>
  new Promise(resolve => {
    let text = ''
    let name = ''
    const socket = connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false }, () => {
      name = String(socket.getPeerCertificate().subject.CN)
      socket.write(head)
    })
    socket.on('data', chunk => {
      text += chunk.toString('latin1')
      if (/\r\n\r\n[\s\S]*(ok|\})$/.test(text)) socket.destroy()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve({ name, text }))
  })

const get = (headers = ''): string => `GET / HTTP/1.1\r\nHost: shop.example\r\n${headers}\r\n`
const statusOf = ({ text }: Shown): string => text.slice(9, 12)

/** Sends SIGHUP and waits for what is said next. */
async function hangUp(said: RegExp): Promise<void> {
  const before = up.stderr().length
  up.child.kill('SIGHUP')
  await up.printed(new RegExp(`^[\\s\\S]{${before},}${said.source}`))
}

beforeAll(async () => {
  upstream = createServer((request, response) => {
    request.resume()
    response.end('ok')
  })
  await new Promise<void>(resolve => upstream.listen(0, '127.0.0.1', () => resolve()))
  show('shop')
  configure('headers: 20')
  up = start(['up', '--config', config], {
    SALLYPORT_DATA_DIR: join(folder.path, 'data'),
    SALLYPORT_CALLS_DRIVER: 'memory',
    SALLYPORT_SERVER_PORT: '0',
    SALLYPORT_SENSORS_OTLP_ENABLED: 'false',
    SALLYPORT_DECISION_POINTS_ENVOY_ENABLED: 'false',
    SALLYPORT_DECISION_POINTS_FORWARD_AUTH_ENABLED: 'false',
  })
  port = Number(new URL((await up.printed(/Gateway: {2}(\S+)/))[1] as string).port)
}, 60_000)

afterAll(async () => {
  await up?.stop()
  upstream.close()
  folder.remove()
})

test('renewed certificates and other limits are taken by SIGHUP; what cannot be used is told and changes nothing', async () => {
  const twenty = Array.from({ length: 20 }, (_, index) => `X-${index}: 1\r\n`).join('')
  expect(statusOf(await ask(get(twenty)))).toBe('431')
  expect([await ask(get()), await ask(get(), 'v2.api.example')]).toMatchObject([
    { name: 'shop' },
    { name: 'api' },
  ])

  show('renewed')
  configure('headers: 30, headerBytes: 2048, headerSeconds: 0.3, connections: 3', 'TLSv1.3')
  await hangUp(/configuration took effect/)
  const large = `X-Large: ${'a'.repeat(2_048)}\r\n`
  const answers = [await ask(get(twenty)), await ask(get(large)), await ask(get(), 'v2.api.example')]
  expect(answers.map(answer => [answer.name, statusOf(answer)])).toEqual([
    ['renewed', '200'],
    ['renewed', '431'],
    ['api', '200'],
  ])
  // A head that does not end, and a handshake that does not begin.
  expect(statusOf(await ask('GET / HTTP/1.1\r\nHost: shop.ex'))).toBe('408')
  const silent = connectTcp(port, '127.0.0.1')
  await new Promise(resolve => silent.once('close', resolve).resume())
  // Three connections may be; the fourth is closed before its handshake.
  const held = Array.from({ length: 3 }, () => connectTcp(port, '127.0.0.1'))
  await Promise.all(held.map(socket => new Promise(resolve => socket.once('connect', resolve))))
  expect(await ask(get())).toEqual({ name: '', text: '' })
  await Promise.all(held.map(socket => new Promise(resolve => socket.once('close', resolve).resume())))
  expect(statusOf(await ask(get()))).toBe('200')

  writeFileSync(own.certificate, 'broken')
  await hangUp(/configuration stayed as before: [^\n]*certificate[\s\S]*own\.pem/)
  expect(await ask(get())).toMatchObject({ name: 'renewed' })
  writeFileSync(config, 'gateway: { upstreem: http://127.0.0.1:1 }\n')
  await hangUp(/configuration stays as before[\s\S]*upstreem/)
  expect(await ask(get())).toMatchObject({ name: 'renewed' })
  expect(up.child.exitCode).toBeNull()
}, 60_000)
