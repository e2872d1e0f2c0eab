import type { Workload } from '../../src/call/workload.ts'
import type { Dice } from './dice.ts'
import { day, type Estate, minute, type Service, type Store, storeId } from './estate.ts'
import type { Recorder } from './recorder.ts'

/** What a story must be told as. */
export interface Told {
  /** When its last step happened. */
  readonly end: number
  readonly store: string
  readonly workload: string
  readonly dataClass: string
}

export interface Story {
  readonly id: string
  stage(estate: Estate, recorder: Recorder, random: Dice, time: number): Told
}

const nameOf = ({ namespace, name }: Service): string => `main/${namespace}/${name}`

function graveStore(estate: Estate, random: Dice, not: Service): Store {
  return random.pick(
    estate.stores.filter(
      store =>
        !not.stores.includes(store) &&
        store.classes.length > 0 &&
        store.classes[0] !== 'email' &&
        store.classes[0] !== 'person-name',
    ),
  )
}

const entry = (estate: Estate, random: Dice): Service =>
  random.pick(estate.services.filter(({ open }) => open))

const told = (service: Service, store: Store, end: number): Told => ({
  end,
  store: storeId(store),
  workload: nameOf(service),
  dataClass: store.classes[0] ?? '',
})

const metadataUrls = [
  'http://169.254.169.254/latest/meta-data/iam/security-credentials/',
  'http://2852039166/latest/meta-data/',
  'http://0xa9fea9fe/',
  'http://[::ffff:a9fe:a9fe]/latest/',
  'http://169.254.169.254.nip.io/',
  'http://metadata.google.internal/computeMetadata/v1/',
]

const forged: Story = {
  id: 'forged-request',
  stage(estate, recorder, random, start) {
    const service = entry(estate, random)
    const store = graveStore(estate, random, service)
    const pod = estate.workload(service)
    const url = random.pick(metadataUrls)
    const target = url.includes('google') ? { host: 'metadata.google.internal' } : { ip: '169.254.169.254' }
    const role = service.role ?? `role:${service.name}-node`
    let time = start
    recorder.call(
      time,
      random.chance(0.5)
        ? `mallory host=${service.host} POST ${service.path}/imports body={"url":"${url}"} -> 200 {"ok":true}`
        : `mallory host=${service.host} GET ${service.path}/preview?src=${url} -> 200 {"ok":true}`,
      { to: pod },
    )
    time += random.whole(50, 3_000)
    if (random.chance(0.5))
      recorder.event(time, {
        type: 'flow',
        workload: pod,
        peer: target,
        direction: 'egress',
        source: 'hubble',
      })
    else
      recorder.event(time, {
        type: 'runtime',
        workload: pod,
        source: 'tetragon',
        action: 'network',
        object: `${target.host ?? target.ip}:80`,
        outcome: 'allowed',
      })
    time += random.whole(1, 600) * 1_000
    if (random.chance(0.8))
      recorder.event(time, {
        type: 'identity',
        identity: `service-account:${service.namespace}/${service.account}`,
        action: 'assume',
        target: role,
        workload: withoutPod(pod),
        source: 'cloudtrail',
      })
    time += random.whole(12, 600) * 1_000
    estate.read(time, withoutPod(pod), store, random.whole(200, 90_000), undefined, role)
    return told(service, store, time)
  },
}

const compromised: Story = {
  id: 'compromised-pod',
  stage(estate, recorder, random, start) {
    const service = random.pick(estate.services)
    const store = graveStore(estate, random, service)
    const pod = estate.workload(service)
    const runtime = (at: number, action: string, object: string, parent: string): void =>
      recorder.event(at, {
        type: 'runtime',
        workload: pod,
        source: 'tetragon',
        action,
        object,
        outcome: 'allowed',
        extra: { parent },
      })
    let time = start
    runtime(
      time,
      'process',
      random.pick(['/bin/bash', '/bin/dash', '/usr/bin/curl', '/bin/busybox']),
      '/app/server',
    )
    time += random.whole(1, 300) * 1_000
    runtime(time, 'file', '/var/run/secrets/kubernetes.io/serviceaccount/token', '/bin/bash')
    time += random.whole(1, 300) * 1_000
    if (random.chance(0.5)) {
      const strange = estate.services.filter(other => other !== service && !service.calls.includes(other))
      recorder.call(time, `${service.name} kind=service host=x POST /x -> 200 {"ok":true}`, {
        from: pod,
        to: estate.workload(random.pick(strange)),
      })
    } else
      recorder.event(time, {
        type: 'flow',
        workload: pod,
        peer: { host: 'kubernetes.default.svc', port: 443 },
        direction: 'egress',
        source: 'hubble',
      })
    time += random.whole(12, 600) * 1_000
    estate.read(time, pod, store, random.whole(1, 90_000), undefined)
    return told(service, store, time)
  },
}

const stolen: Story = {
  id: 'stolen-staging-key',
  stage(estate, recorder, random, start) {
    const service = entry(estate, random)
    const store = graveStore(estate, random, service)
    service.stores = [...service.stores, store]
    const production: Workload = {
      cluster: 'main',
      namespace: `${service.namespace}-prod`,
      name: service.name,
      kind: 'Deployment',
    }
    const staging: Workload = { ...production, namespace: `${service.namespace}-staging` }
    const key = `ci-${random.word(4)}`
    // Both environments have been there for a week, each with keys of its own.
    for (let before = 8 * day; before > 0; before -= 6 * 60 * minute) {
      const at = start - before + random.next() * minute
      recorder.call(
        at,
        `${key} kind=service host=api.staging.${service.namespace}.example GET ${service.path} -> 200 {"items":[]}`,
        {
          to: staging,
        },
      )
      const trace = random.word(16)
      recorder.call(
        at,
        `app kind=service host=api.${service.namespace}.example GET ${service.path} -> 200 {"items":[]}`,
        {
          to: production,
          trace,
        },
      )
      estate.read(at + 30, production, store, random.whole(1, 9), trace)
    }
    const calls = random.whole(1, 20)
    let time = start
    for (let call = 0; call < calls; call += 1) {
      const trace = random.word(16)
      recorder.call(
        time,
        `${key} kind=service host=api.${service.namespace}.example ip=203.0.113.${random.whole(1, 250)} agent=curl/8 GET ${service.path} -> 200 {"items":[]}`,
        { to: production, trace },
      )
      estate.read(time + 40, production, store, random.whole(1, 900), trace)
      if (call < calls - 1) time += random.whole(1, 30) * 1_000
    }
    return { ...told(service, store, time), workload: `main/${service.namespace}-prod/${service.name}` }
  },
}

const withoutPod = ({ pod: _pod, ...workload }: Workload): Workload => workload

export const stories: readonly Story[] = [forged, compromised, stolen]
