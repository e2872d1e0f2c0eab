import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Intrusion } from './intruder.ts'
import { podOf } from './pod.ts'
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
  /** Runs as pods of a cluster: in which namespace, and which environment that is. Services by themselves when absent. */
  readonly cluster?: { readonly namespace: string; readonly environment: string }
  /** Hosts outside that something on loopback answers for → its port. None when absent. */
  readonly standIns?: Readonly<Record<string, number>>
  /** API keys → user; none when absent. */
  readonly apiKeys?: Readonly<Record<string, string>>
  /** Access key of the object storage that receipts are kept in; they are kept nowhere when absent. */
  readonly archiveKey?: string
}

export type ServiceName = ServiceOrder['service']

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
  /** Puts another version of a service in the place of the one that runs, at the same address. */
  deploy(service: ServiceName, version: string): Promise<void>
  /** An intruder's program runs within the service. Resolves with what it saw. */
  intrude(service: ServiceName, intrusion: Intrusion): Promise<unknown>
  /** Base URLs of the services behind the API, for who is inside. */
  readonly inside: Readonly<Record<string, string>>
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
  const children = new Map<ServiceName, ChildProcess>()
  const inside: Record<string, string> = {}
  let collector: string | undefined
  const start = async (
    service: ServiceName,
    port: number,
    peers: Readonly<Record<string, string>>,
    version = '1.0.0',
  ): Promise<string> => {
    const child = fork(entry, [], {
      execArgv: options.telemetry === true ? ['--require', telemetry] : [],
      env: {
        ...process.env,
        OTEL_SERVICE_NAME: service,
        OTEL_RESOURCE_ATTRIBUTES: resource(options.cluster, service, version),
      },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    children.set(service, child)
    const listening = answer<{ port?: number; failed?: string }>(child, service)
    const { standIns = {}, apiKeys = {}, archiveKey } = options
    child.send({
      ...shared,
      ...(archiveKey === undefined ? {} : { archiveKey }),
      service,
      port,
      peers,
      version,
      standIns,
      apiKeys,
    } satisfies ServiceOrder)
    const { port: taken, failed } = await listening
    if (taken === undefined) throw new Error(`The shop's ${service} service did not start: ${failed}`)
    if (collector !== undefined) child.send({ otlp: collector })
    return `http://127.0.0.1:${taken}`
  }
  const close = async (): Promise<void> => {
    await Promise.all([...children.values()].map(end))
    if (options.directory === undefined) rmSync(directory, { recursive: true, force: true })
  }
  try {
    const [orders, payments] = await Promise.all([start('orders', 0, {}), start('payments', 0, {})])
    const users = await start('users', 0, { orders })
    const url = await start('front', options.port ?? 0, { users, orders, payments })
    Object.assign(inside, { users, orders, payments })
    const peersOf: Readonly<Record<ServiceName, Readonly<Record<string, string>>>> = {
      front: inside,
      users: { orders },
      orders: {},
      payments: {},
    }
    const { users: people } = seedShop(seed)
    return {
      url,
      users: people,
      get pids() {
        return (['front', 'users', 'orders', 'payments'] as const).map(name => children.get(name)?.pid ?? 0)
      },
      secretForTests: shared.jwtSecret,
      inside,
      reportTo: otlp => {
        collector = otlp
        for (const child of children.values()) child.send({ otlp })
      },
      flushSpans: async () => {
        await Promise.all([...children].map(([service, child]) => flush(service, child)))
      },
      deploy: async (service, version) => {
        const before = children.get(service)
        if (before === undefined) return
        if (options.telemetry === true) await flush(service, before)
        await end(before)
        const port = Number(new URL(service === 'front' ? url : (inside[service] ?? '')).port)
        await start(service, port, peersOf[service], version)
      },
      intrude: async (service, intrusion) => {
        const child = children.get(service)
        if (child === undefined) throw new Error(`The shop has no ${service} service.`)
        const seen = answer<{ readonly intruded?: unknown; readonly failed?: string }>(child, service)
        child.send({ intrude: intrusion })
        const { intruded, failed } = await seen
        if (failed !== undefined) throw new Error(failed)
        return intruded
      },
      close,
    }
  } catch (thrown) {
    await close()
    throw thrown
  }
}

/** What a service's process says next. */
const answer = <Message>(child: ChildProcess, service: string): Promise<Message> =>
  new Promise((resolve, reject) => {
    const ended = (code: number | null): void =>
      reject(new Error(`The shop's ${service} service ended with ${code}.`))
    child.once('message', message => {
      child.off('error', reject)
      child.off('exit', ended)
      resolve(message as Message)
    })
    child.once('error', reject)
    child.once('exit', ended)
  })

async function flush(service: string, child: ChildProcess): Promise<void> {
  const flushed = answer(child, service)
  child.send({ flush: true })
  await flushed
}

/** What the SDK is told of where it runs, `name=value,…`. */
function resource(cluster: ShopOptions['cluster'], service: ServiceName, version: string): string {
  if (cluster === undefined) return ''
  const { namespace, environment } = cluster
  return [
    `service.namespace=${namespace}`,
    `service.version=${version}`,
    `deployment.environment.name=${environment}`,
    `k8s.namespace.name=${namespace}`,
    `k8s.deployment.name=${service}`,
    `k8s.pod.name=${podOf(service, version)}`,
  ].join(',')
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
