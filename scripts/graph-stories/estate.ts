import type { Workload } from '../../src/call/workload.ts'
import type { Dice } from './dice.ts'
import type { Recorder } from './recorder.ts'

export const minute = 60_000
export const hour = 3_600_000
export const day = 24 * hour

export interface Store {
  readonly system: string
  readonly host: string
  readonly namespace: string
  readonly collection: string
  readonly classes: readonly string[]
}

export interface Service {
  readonly namespace: string
  readonly name: string
  readonly account: string
  readonly host: string
  generation: string
  version: string
  pods: string[]
  calls: Service[]
  stores: Store[]
  hosts: string[]
  /** Role that it takes on beside its account. */
  role: string | undefined
  readonly open: boolean
  readonly path: string
}

const nouns = [
  ...[
    'orders',
    'carts',
    'catalog',
    'payments',
    'billing',
    'users',
    'search',
    'reviews',
    'shipping',
    'invoices',
  ],
  ...['loyalty', 'media', 'notify', 'pricing', 'stock', 'claims', 'quotes', 'ledger', 'profile', 'reports'],
]
const systems = ['postgresql', 'mysql', 'mongodb', 's3', 'redis']
const grave = [
  ['payment-card'],
  ['us-ssn', 'email'],
  ['diagnosis-code'],
  ['iban', 'person-name'],
  ['password'],
]
const mild = [['email'], ['person-name'], []]

export const storeId = ({ system, host, namespace, collection }: Store): string =>
  `${system}://${host}/${namespace}/${collection}`

/** An estate of services with their pods, stores and hosts, made up anew from each seed. */
export class Estate {
  readonly services: Service[] = []
  readonly stores: Store[] = []
  readonly people: readonly string[]
  readonly #random: Dice
  readonly #recorder: Recorder

  constructor(random: Dice, recorder: Recorder, start: number) {
    this.#random = random
    this.#recorder = recorder
    const names = random.shuffled(nouns).slice(0, random.whole(8, 12))
    const namespaces = [`${random.pick(['shop', 'bank', 'clinic', 'travel'])}`, 'platform']
    this.people = Array.from({ length: 12 }, (_, index) => `user${index}-${random.word(3)}`)
    for (const [index, name] of names.entries()) {
      const classes = index % 2 === 0 ? random.pick(grave) : random.pick(mild)
      const namespace = random.pick(namespaces)
      const store: Store = {
        system: random.pick(systems),
        host: `${name}-db`,
        namespace: 'main',
        collection: name,
        classes,
      }
      this.stores.push(store)
      if (classes.length > 0) recorder.holds(start, storeId(store), classes)
      const service: Service = {
        namespace,
        name,
        account: name,
        host: `api.${namespace}.example`,
        generation: random.word(9),
        version: '1.0.0',
        pods: [],
        calls: [],
        stores: random.chance(0.8) ? [store] : [],
        hosts: random.chance(0.4) ? [`${random.word(5)}.partner.example`] : [],
        role: random.chance(0.3) ? `role:${name}` : undefined,
        open: index < 4,
        path: `/${name}`,
      }
      service.pods = Array.from({ length: random.whole(3, 5) }, () => this.podName(service))
      this.services.push(service)
    }
    for (const [index, service] of this.services.entries()) {
      const others = this.services.slice(index + 1)
      service.calls = random.shuffled(others).slice(0, Math.min(others.length, random.whole(1, 3)))
    }
  }

  podName(service: Service): string {
    return `${service.name}-${service.generation}1-${this.#random.word(5)}`
  }

  workload(service: Service, pod = this.#random.pick(service.pods)): Workload {
    return {
      cluster: 'main',
      namespace: service.namespace,
      kind: 'Deployment',
      name: service.name,
      serviceAccount: service.account,
      pod,
      version: service.version,
    }
  }

  /** Ordinary work from one moment to another. */
  work(from: number, to: number): void {
    const random = this.#random
    for (let time = from; time < to; time += 20 * minute) {
      for (const service of this.services) {
        const pod = random.pick(service.pods)
        this.turn(service, pod, time + random.next() * 20 * minute)
      }
      if (random.chance(0.3)) this.#oddity(time + random.next() * 20 * minute)
    }
  }

  /** One turn of one pod: it is asked, and does all that it does. */
  turn(service: Service, pod: string, time: number): void {
    const random = this.#random
    const recorder = this.#recorder
    const workload = this.workload(service, pod)
    const trace = random.word(16)
    if (service.open) {
      const person = random.pick(this.people)
      recorder.call(
        time,
        `${person} host=${service.host} GET ${service.path}/{${random.whole(1, 500)}} -> 200 {"id":1}`,
        {
          to: workload,
          trace,
        },
      )
    }
    for (const other of service.calls)
      recorder.call(
        time + 20,
        `${service.name} kind=service host=${other.name} POST ${other.path} -> 200 {"ok":true}`,
        { from: workload, to: this.workload(other), trace },
      )
    for (const store of service.stores) this.read(time + 50, workload, store, random.whole(1, 8), trace)
    for (const host of service.hosts)
      recorder.event(time + 60, {
        type: 'flow',
        workload,
        peer: { host, port: 443 },
        direction: 'egress',
        source: 'hubble',
      })
    if (service.role !== undefined && random.chance(0.2))
      recorder.event(time + 10, {
        type: 'identity',
        identity: `service-account:${service.namespace}/${service.account}`,
        action: 'assume',
        target: service.role,
        workload,
        source: 'cloudtrail',
      })
    if (random.chance(0.1))
      recorder.event(time + 5, {
        type: 'runtime',
        workload,
        source: 'tetragon',
        action: 'process',
        object: random.pick(['/bin/sh', '/app/server', '/usr/bin/pg_isready']),
        outcome: 'allowed',
        extra: { parent: '/usr/bin/runc' },
      })
  }

  read(
    time: number,
    workload: Workload,
    store: Store,
    rows: number,
    trace: string | undefined,
    identity?: string,
  ): void {
    const { system, host, namespace, collection } = store
    this.#recorder.event(time, {
      type: 'access',
      workload,
      store: { system, host, namespace, collection },
      operation: system === 's3' ? 'GetObject' : 'SELECT',
      rows,
      ...(identity === undefined ? {} : { identity }),
      ...(trace === undefined ? {} : { trace: { traceId: trace } }),
    })
  }

  /** Faults and chores: restarts, refused connections, errors, a person in a job. */
  #oddity(time: number): void {
    const random = this.#random
    const service = random.pick(this.services)
    const kind = random.whole(0, 4)
    if (kind === 0) service.pods[0] = this.podName(service)
    else if (kind === 1)
      for (let retry = 0; retry < 5; retry += 1)
        this.#recorder.event(time + retry * 1_000, {
          type: 'flow',
          workload: this.workload(service),
          peer: {
            workload: this.workload(random.pick(service.calls.length > 0 ? service.calls : this.services)),
          },
          direction: 'egress',
          outcome: 'refused',
          source: 'hubble',
        })
    else if (kind === 2 && service.open)
      for (let retry = 0; retry < 5; retry += 1)
        this.#recorder.call(
          time + retry * 500,
          `${random.pick(this.people)} host=${service.host} GET ${service.path}/{7} -> ${random.pick(['500', '503', '504'])}`,
          { to: this.workload(service) },
        )
    else if (kind === 3)
      this.#recorder.event(time, {
        type: 'runtime',
        workload: { cluster: 'main', namespace: service.namespace, kind: 'Job', name: `${service.name}-fix` },
        source: 'tetragon',
        action: 'process',
        object: '/bin/bash',
        outcome: 'allowed',
        policy: 'allow-debug-shell',
      })
  }

  /** A new version, pod after pod, with dependencies that it did not have. */
  deploy(
    time: number,
    adds: { readonly store?: Store; readonly host?: string; readonly service?: Service },
  ): void {
    const random = this.#random
    const service = random.pick(this.services)
    service.generation = random.word(9)
    service.version = `1.${random.whole(1, 99)}.0`
    if (adds.store !== undefined) service.stores = [...service.stores, adds.store]
    if (adds.host !== undefined) service.hosts = [...service.hosts, adds.host]
    if (adds.service !== undefined && adds.service !== service)
      service.calls = [...service.calls, adds.service]
    const size = service.pods.length
    service.pods = Array.from({ length: size }, () => this.podName(service))
    for (const [index, pod] of service.pods.entries()) {
      const ready = time + index * random.whole(20, 90) * 1_000
      this.#recorder.event(ready - 2_000, {
        type: 'runtime',
        workload: this.workload(service, pod),
        source: 'tetragon',
        action: 'file',
        object: '/var/run/secrets/kubernetes.io/serviceaccount/token',
        outcome: 'allowed',
      })
      for (let turn = 0; turn < 3; turn += 1) this.turn(service, pod, ready + turn * 40_000)
    }
  }
}
