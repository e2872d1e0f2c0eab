import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ShopUser, seedShop } from './seed.ts'
import type { ServiceOrder } from './service.ts'

export type { ShopUser } from './seed.ts'

export interface ShopOptions {
  /** Where the services keep their data; a temporary directory, removed at the end, when absent. */
  readonly directory?: string
  /** 1 when absent. The same seed gives the same people, products and orders. */
  readonly seed?: number
  /** Of the API; any free one when absent. */
  readonly port?: number
  /** The services run under the OpenTelemetry SDK; where their spans go is said with `reportTo`. */
  readonly telemetry?: boolean
}

export interface Shop {
  /** The API: the only address that is meant to be called. */
  readonly url: string
  readonly users: readonly ShopUser[]
  /** Process ids of the four services, the API first. */
  readonly pids: readonly number[]
  /** What tokens are signed with; new with every start. */
  readonly secretForTests: string
  /** From now on the services send their spans to this OTLP address, `http://host:port`. Only with `telemetry`. */
  reportTo(otlp: string): void
  /** Resolves when every span so far was sent. Only with `telemetry`. */
  flushSpans(): Promise<void>
  close(): Promise<void>
}

const entry = fileURLToPath(new URL('./shop-process.ts', import.meta.url))
const telemetry = fileURLToPath(new URL('./telemetry.cjs', import.meta.url))

/** Starts the sample shop: four processes on loopback. They end with `close` and with this process. */
export async function startShop(options: ShopOptions = {}): Promise<Shop> {
  const seed = options.seed ?? 1
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'sallyport-shop-'))
  mkdirSync(directory, { recursive: true })
  const shared = {
    directory,
    seed,
    jwtSecret: randomBytes(32).toString('base64url'),
    internalToken: randomBytes(24).toString('base64url'),
  }
  const children: ChildProcess[] = []
  const start = (
    service: ServiceOrder['service'],
    port: number,
    peers: Readonly<Record<string, string>>,
  ): Promise<string> => {
    const child = fork(entry, [], {
      execArgv: options.telemetry === true ? ['--require', telemetry] : [],
      env: { ...process.env, OTEL_SERVICE_NAME: service },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    children.push(child)
    return new Promise((resolve, reject) => {
      child.once('message', answer => {
        const { port: taken, failed } = answer as { port?: number; failed?: string }
        if (taken === undefined) reject(new Error(`The shop's ${service} service did not start: ${failed}`))
        else resolve(`http://127.0.0.1:${taken}`)
      })
      child.once('error', reject)
      child.once('exit', code => reject(new Error(`The shop's ${service} service ended with ${code}.`)))
      child.send({ ...shared, service, port, peers } satisfies ServiceOrder)
    })
  }
  const close = async (): Promise<void> => {
    await Promise.all(children.map(end))
    if (options.directory === undefined) rmSync(directory, { recursive: true, force: true })
  }
  try {
    const [users, orders, payments] = await Promise.all([
      start('users', 0, {}),
      start('orders', 0, {}),
      start('payments', 0, {}),
    ])
    const url = await start('front', options.port ?? 0, { users, orders, payments })
    const pids = [...children.slice(-1), ...children.slice(0, -1)].map(child => child.pid ?? 0)
    const reportTo = (otlp: string): void => {
      for (const child of children) child.send({ otlp })
    }
    const flushSpans = async (): Promise<void> => {
      await Promise.all(
        children.map(
          child =>
            new Promise<void>(flushed => {
              child.once('message', () => flushed())
              child.send({ flush: true })
            }),
        ),
      )
    }
    const { users: people } = seedShop(seed)
    return { url, users: people, pids, secretForTests: shared.jwtSecret, reportTo, flushSpans, close }
  } catch (thrown) {
    await close()
    throw thrown
  }
}

function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null)
    return Promise.resolve()
  return new Promise(resolve => {
    const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
    if (child.connected) child.disconnect()
    else child.kill()
  })
}
