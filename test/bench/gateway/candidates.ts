import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../support/started-process.ts'
import { modsecurityRules, proxyConfiguration, upstreamConfiguration } from './nginx.ts'

/** A proxy under test: a process with all its threads and children. */
export interface Candidate {
  readonly name: CandidateName
  readonly pid: number
  readonly url: string
}

export const candidateNames = ['nginx', 'modsecurity', 'http-proxy-middleware', 'off', 'on'] as const
export type CandidateName = (typeof candidateNames)[number]

/** A gateway loop's thread has 64 MB for what is young (three spaces of this size): alone in a process it gets the same. */
const asInThread = ['--max-semi-space-size=21']

const sallyport = fileURLToPath(new URL('./sallyport-process.ts', import.meta.url))
const tlsProcess = fileURLToPath(new URL('./tls-process.ts', import.meta.url))
const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/tls/${name}`, import.meta.url))
/** For both the same: ECDSA on P-256. */
const shownCertificate = { certificate: fixture('shop.pem'), key: fixture('shop.key.pem') }
const proxyMiddleware = fileURLToPath(new URL('./proxy-middleware-process.ts', import.meta.url))

/** A proxy under test that can be asked in both ways. */
export interface TwiceListening {
  readonly name: 'nginx' | 'off'
  readonly pid: number
  readonly plainUrl: string
  readonly secureUrl: string
  readonly securePort: number
}

/** Starts processes, pinned, and ends every one of them by its pid. */
export class Fleet {
  readonly #folder: string
  readonly #children: ChildProcess[] = []

  constructor(folder: string) {
    this.#folder = folder
  }

  async upstream(pin: readonly string[], body: string): Promise<number> {
    const port = await freePort()
    const configuration = upstreamConfiguration(this.#sub('upstream'), port, body)
    this.#spawn([...pin, 'nginx', '-p', this.#folder, '-c', configuration])
    await answering(`http://127.0.0.1:${port}/`)
    return port
  }

  async candidate(name: CandidateName, pin: readonly string[], upstreamPort: number): Promise<Candidate> {
    const port = await freePort()
    const folder = this.#sub(name)
    let command: string[]
    if (name === 'nginx' || name === 'modsecurity') {
      const configuration = proxyConfiguration(
        folder,
        port,
        upstreamPort,
        name === 'modsecurity' ? modsecurityRules(this.#sub(name)) : undefined,
      )
      command = ['nginx', '-p', folder, '-c', configuration]
    } else {
      const upstream = `http://127.0.0.1:${upstreamPort}`
      command = [
        process.execPath,
        ...(name === 'on' ? [] : asInThread),
        ...(name === 'http-proxy-middleware' ? [proxyMiddleware] : [sallyport, '--protect', name]),
        '--port',
        String(port),
        '--upstream',
        upstream,
      ]
    }
    // taskset becomes the command it starts: the pid is the candidate's own.
    const child = this.#spawn([...pin, ...command])
    const url = `http://127.0.0.1:${port}`
    await answering(`${url}/`)
    return { name, pid: child.pid!, url }
  }

  /** One that listens twice: plain, and with TLS. */
  async twice(name: 'nginx' | 'off', pin: readonly string[], upstreamPort: number): Promise<TwiceListening> {
    const [plain, secure] = [await freePort(), await freePort()]
    const command =
      name === 'nginx'
        ? [
            'nginx',
            ...['-p', this.#folder, '-c'],
            proxyConfiguration(this.#sub('nginx'), plain, upstreamPort, undefined, {
              port: secure,
              ...shownCertificate,
            }),
          ]
        : [
            process.execPath,
            ...asInThread,
            tlsProcess,
            ...['--plain', String(plain), '--secure', String(secure)],
            ...['--upstream', `http://127.0.0.1:${upstreamPort}`],
          ]
    const child = this.#spawn([...pin, ...command])
    const [plainUrl, secureUrl] = [`http://127.0.0.1:${plain}`, `https://127.0.0.1:${secure}`]
    await answering(`${plainUrl}/`)
    return { name, pid: child.pid!, plainUrl, secureUrl, securePort: secure }
  }

  async end(): Promise<void> {
    await Promise.all(
      this.#children.map(
        child =>
          new Promise<void>(resolve => {
            if (child.exitCode !== null || child.signalCode !== null) {
              resolve()
              return
            }
            child.once('exit', () => resolve())
            child.kill('SIGTERM')
            setTimeout(() => child.kill('SIGKILL'), 20_000).unref()
          }),
      ),
    )
  }

  #spawn(command: readonly string[]): ChildProcess {
    const child = spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'ignore', 'inherit'] })
    this.#children.push(child)
    return child
  }

  #sub(name: string): string {
    const folder = join(this.#folder, name)
    mkdirSync(join(folder, 'tmp'), { recursive: true })
    return folder
  }
}

/** Waits until something answers at `url`; throws after 20 seconds. */
async function answering(url: string): Promise<void> {
  const deadline = performance.now() + 20_000
  for (;;) {
    try {
      // The header keeps the Core Rule Set from scoring the probe.
      const response = await fetch(url, { headers: { 'user-agent': 'bench', accept: 'application/json' } })
      await response.arrayBuffer()
      return
    } catch (error) {
      if (performance.now() > deadline) throw error
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
}
