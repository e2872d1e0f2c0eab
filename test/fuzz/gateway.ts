import { createSocket, type Socket as Udp } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/kit/clock.ts'
import { blockVerdict, RecordingGuard } from '../../src/sensors/gateway/fixture.ts'
import { Gateway } from '../../src/sensors/gateway/gateway.ts'
import { type Guard, pass } from '../../src/sensors/guard.ts'
import { smugglingCases } from '../smuggling/corpus.ts'
import { endedProcess, freePort, startedProcess } from '../support/started-process.ts'
import type { FuzzTarget } from './fuzz-target.ts'
import { input, Random } from './http-input.ts'

/**
 * Changed requests of the smuggling corpus through real gateways to two real upstreams, Node's server and nginx. Each request that an upstream
 * sees is one that the guard let pass, with that method and target: not one more, and none of those that were refused.
 */

const nginx = '/usr/sbin/nginx'
const key = (method: string, target: string): string => `${method} ${target}`

/** Those that are let in, and where one ends another may follow. */
const accepted = smugglingCases.filter(({ accepted, bytes }) => accepted.length > 0 && bytes.length < 2_000)

/** Half of them are hardly changed, so that many are let in. */
function bytesOf(seed: number): Buffer {
  const random = new Random(seed)
  const text = random.below(2) === 0 ? input(random) : hardlyChanged(random)
  // What is smuggled has a name of its own in each input, as long as before: no other request can be taken for it.
  return Buffer.from(
    text.replaceAll('/smuggled', `/${seed.toString(36).padStart(8, '-').slice(-8)}`),
    'latin1',
  )
}

function hardlyChanged(random: Random): string {
  let text = ''
  for (let left = 1 + random.below(4); left > 0; left -= 1) text += random.of(accepted).bytes
  for (let left = random.below(3); left > 0; left -= 1) {
    const at = random.below(text.length)
    const put = random.of([
      '',
      ' ',
      '\r\n',
      '0',
      String.fromCharCode(random.below(256)),
      text.slice(at, at + 30),
    ])
    text = text.slice(0, at) + put + text.slice(at + random.below(3))
  }
  return text
}

/** One gateway before one upstream, and the requests that its guard let pass and were not seen there yet. */
class Watched {
  readonly gateway: Gateway
  /** By input, of the last second: an upstream may tell a moment later. */
  #passed: { readonly at: number; readonly left: Map<string, number> }[] = []
  #retries = 0
  fault: string | undefined
  seen = 0
  port = 0

  constructor(upstream: URL) {
    const guard = new RecordingGuard(({ method, target }) => {
      // Every third target is refused, by its characters.
      let sum = 0
      for (let index = 0; index < target.length; index += 1) sum += target.charCodeAt(index)
      if (sum % 3 === 0) return { verdict: blockVerdict }
      const left = this.#passed.at(-1)?.left
      left?.set(key(method, target), (left.get(key(method, target)) ?? 0) + 1)
      return { verdict: pass }
    })
    const forgetful: Guard = {
      admit: request => {
        guard.admitted.length = 0
        return guard.admit(request)
      },
      observe: () => undefined,
    }
    this.gateway = new Gateway(
      {
        host: '127.0.0.1',
        port: 0,
        upstream,
        headerTimeoutMs: 500,
        idleTimeoutMs: 500,
        keepAliveTimeoutMs: 200,
      },
      forgetful,
      systemClock,
    )
  }

  async listen(): Promise<this> {
    this.port = (await this.gateway.listen()).port
    return this
  }

  /** An upstream saw this. */
  see(method: string, target: string): void {
    this.seen += 1
    for (const { left } of this.#passed.toReversed()) {
      const count = left.get(key(method, target)) ?? 0
      if (count === 0) continue
      left.set(key(method, target), count - 1)
      return
    }
    // A connection that was stale is tried again once: such a request may have been seen before.
    const retries = this.gateway.counters.get('sallyport_gateway_upstream_retries_total')
    if (retries > this.#retries) this.#retries += 1
    else this.fault ??= `an upstream saw what nobody let pass: ${JSON.stringify(key(method, target))}`
  }

  async send(bytes: Buffer, leaves: boolean): Promise<void> {
    const at = performance.now()
    while (this.#passed.length > 0 && at - this.#passed[0]!.at > 1_000) this.#passed.shift()
    this.#passed.push({ at, left: new Map() })
    const socket = connect(this.port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.resume()
    // Some leave when they have said all, others wait until nothing more is said for a while.
    socket.setTimeout(20, () => socket.destroy())
    if (leaves) socket.end(bytes)
    else socket.write(bytes)
    await new Promise<void>(closed => socket.once('close', () => closed()))
    if (this.fault !== undefined)
      throw new Error(`${this.fault}\n${JSON.stringify(bytes.toString('latin1'))}`)
  }
}

async function nodeUpstream(see: (method: string, target: string) => void): Promise<Server> {
  const server = createServer((request, response) => {
    see(request.method ?? '', request.url ?? '')
    request.on('error', () => undefined)
    request.resume()
    request.on('end', () => response.end('ok'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/** nginx tells every request line it read over syslog as soon as it has answered. */
async function nginxUpstream(see: (method: string, target: string) => void) {
  const log: Udp = createSocket('udp4')
  log.on('message', bytes => {
    const line = bytes.toString('latin1').split(' fuzz: ')[1] ?? ''
    const [method, target] = line.split(' ')
    if (method !== undefined && target !== undefined) see(method, target)
  })
  log.bind(0, '127.0.0.1')
  await once(log, 'listening')
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-fuzz-'))
  const port = await freePort()
  const file = join(folder, 'nginx.conf')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    name => `${name}_temp_path ${folder}/${name};`,
  )
  writeFileSync(
    file,
    `daemon off; master_process off; pid ${folder}/pid; error_log /dev/null crit;
events { worker_connections 512; }
http {
  log_format line escape=none '$request';
  access_log syslog:server=127.0.0.1:${log.address().port},tag=fuzz,nohostname line;
  ${temporary.join(' ')}
  server { listen 127.0.0.1:${port}; location / { return 200 "ok"; } }
}
`,
  )
  const child = await startedProcess(nginx, ['-c', file, '-p', folder, '-e', '/dev/null'], port)
  const close = async (): Promise<void> => {
    await endedProcess(child)
    log.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return { port, close }
}

export const gateway: FuzzTarget = {
  id: 'gateway',
  law: `each request that ${existsSync(nginx) ? 'Node and nginx see' : 'Node sees'} is one that was let pass`,
  smoke: 300,
  open: async () => {
    const watched: Watched[] = []
    const see =
      (index: number) =>
      (method: string, target: string): void =>
        watched[index]?.see(method, target)
    const node = await nodeUpstream(see(0))
    const at = (port: number): URL => new URL(`http://127.0.0.1:${port}`)
    watched.push(await new Watched(at((node.address() as AddressInfo).port)).listen())
    const proxy = existsSync(nginx) ? await nginxUpstream(see(1)) : undefined
    if (proxy !== undefined) watched.push(await new Watched(at(proxy.port)).listen())
    return {
      once: async seed => {
        const bytes = bytesOf(seed)
        await Promise.all(watched.map(one => one.send(bytes, seed % 2 === 0)))
      },
      close: async () => {
        await Promise.all(watched.map(one => one.gateway.close(0)))
        node.closeAllConnections()
        node.close()
        await proxy?.close()
        for (const { fault, seen } of watched)
          if (fault !== undefined || seen === 0) throw new Error(fault ?? 'an upstream saw nothing')
      },
    }
  },
}
