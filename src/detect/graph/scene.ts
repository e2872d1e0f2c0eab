import type { ContextEvent } from '../../call/event.ts'
import type { Workload } from '../../call/workload.ts'
import { bad, readWorkload, type TrafficCall, TrafficClock, trafficLine } from '../traffic.ts'

/**
 * The small language of examples and tests of graph detectors: lines of traffic (`traffic.ts`) and, between them, of what workloads do.
 *
 *     shop/orders calls shop/payments                    a call between workloads
 *     shop/orders connects evil.example                  a flow; a workload's name for a flow to it
 *     shop/orders#orders-7f9c4b-x2x2x runs /bin/sh       a process; `"…"` where it has arguments
 *     shop/orders opens /etc/shadow                      a file; `changes` where it is written
 *     shop/orders dials 10.0.0.7                         a network event of a runtime sensor
 *     shop/orders assumes role:reader                    an identity taken on; `as=` who took it on
 *     shop/orders reads postgresql://db/shop/cards rows=12 as=role:reader trace=t1      or `writes`
 *     store postgresql://db/shop/cards holds payment-card          what the catalog knows
 *     wait 8d
 *     repeat 40 … end                                    the lines between, `{round}` being 1, 2 …
 *
 * A workload is `[cluster/]namespace/name[#pod][@version]`. Options: `rows= as= trace= outcome= policy= kind= account= env= bytes=`, and
 * `every 1h x 24` for many. Time and `wait` are those of traffic.
 */
export type SceneStep =
  | { readonly kind: 'call'; readonly traffic: TrafficCall }
  | { readonly kind: 'event'; readonly event: ContextEvent }
  | {
      readonly kind: 'holds'
      readonly time: number
      readonly store: string
      readonly classes: readonly string[]
    }

const verbs = ['calls', 'connects', 'runs', 'opens', 'changes', 'dials', 'assumes', 'uses', 'reads', 'writes']
const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Tag and function alike. @throws SallyportError `usage/invalid-argument` naming the line */
export function scene(
  text: TemplateStringsArray | string,
  ...values: readonly unknown[]
): readonly SceneStep[] {
  const source = typeof text === 'string' ? text : String.raw({ raw: text.raw }, ...values)
  const steps: SceneStep[] = []
  const clock = new TrafficClock()
  for (const [line, index] of lines(source)) {
    if (clock.waits(line)) continue
    const [, store, classes] = /^store (\S+) holds (\S+)$/.exec(line) ?? []
    if (store !== undefined && classes !== undefined)
      steps.push({ kind: 'holds', time: clock.time, store, classes: classes.split(',') })
    else if (verbs.includes(line.split(' ')[1] ?? '')) steps.push(...deeds(line, index + 1, clock))
    else for (const traffic of trafficLine(line, index + 1, clock)) steps.push({ kind: 'call', traffic })
  }
  return steps
}

/** Lines that say something, those between `repeat` and `end` as often as it says, with their positions. */
function* lines(source: string): Generator<readonly [line: string, index: number]> {
  const all = source.split('\n').map(line => line.trim())
  for (let index = 0; index < all.length; index += 1) {
    const line = all[index] ?? ''
    if (line === '' || line.startsWith('#')) continue
    const [, count] = /^repeat (\d{1,5})$/.exec(line) ?? []
    if (count === undefined) {
      yield [line, index]
      continue
    }
    const end = all.indexOf('end', index)
    if (end < 0) throw bad(index + 1, 'the end of what is repeated is missing')
    for (let round = 1; round <= Number(count); round += 1)
      for (let at = index + 1; at < end; at += 1) {
        const inner = all[at] ?? ''
        if (inner !== '' && !inner.startsWith('#')) yield [inner.replaceAll('{round}', String(round)), at]
      }
    index = end
  }
}

interface Deed {
  readonly workload: Workload
  readonly verb: string
  readonly object: string
  readonly options: ReadonlyMap<string, string>
  readonly every: number
  readonly times: number
}

function deeds(line: string, position: number, clock: TrafficClock): readonly SceneStep[] {
  const deed = readDeed(line, position)
  const steps: SceneStep[] = []
  for (let round = 0; round < deed.times; round += 1) {
    if (deed.verb === 'calls') steps.push(callOf(deed, position, clock))
    else steps.push({ kind: 'event', event: eventOf(deed, clock.count(position), clock.time) })
    clock.time += deed.every
  }
  return steps
}

function readDeed(line: string, position: number): Deed {
  const [, subject = '', verb = '', quoted, plain, rest = ''] =
    /^(\S+) (\S+) (?:"([^"]*)"|(\S+))(.*)$/.exec(line) ?? []
  if (verb === '') throw bad(position, 'what the workload does it to is missing')
  const options = new Map<string, string>()
  const words = rest.split(' ').filter(word => word !== '')
  let every = 1_000
  let times = 1
  while (words.length > 0) {
    const word = words.shift() ?? ''
    if (word === 'every') {
      const [, count, unit] = /^(\d+)(ms|s|m|h|d)$/.exec(words.shift() ?? '') ?? []
      if (count === undefined) throw bad(position, 'every needs a duration such as 5s')
      every = Number(count) * (units[unit ?? 's'] ?? 1_000)
    } else if (word === 'x') times = Number(words.shift())
    else if (word.includes('='))
      options.set(word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1))
    else throw bad(position, `unexpected "${word}"`)
  }
  const [kind, account, env] = [options.get('kind'), options.get('account'), options.get('env')]
  const workload: Workload = {
    ...readWorkload(subject),
    ...(kind === undefined ? {} : { kind }),
    ...(account === undefined ? {} : { serviceAccount: account }),
    ...(env === undefined ? {} : { labels: { env } }),
  }
  return { workload, verb, object: quoted ?? plain ?? '', options, every, times }
}

function callOf({ workload, object, options }: Deed, position: number, clock: TrafficClock): SceneStep {
  const to = readWorkload(object)
  const trace = options.get('trace')
  const line = `${workload.name ?? 'somebody'} kind=service host=${to.name ?? object} to=${object} POST /${to.name ?? 'api'} every 0s -> 200`
  const [traffic] = trafficLine(line, position, clock)
  if (traffic === undefined) throw bad(position, 'the call cannot be made')
  const call = {
    ...traffic.call,
    source: { workload },
    ...(trace === undefined ? {} : { trace: { traceId: trace } }),
  }
  return { kind: 'call', traffic: { ...traffic, call } }
}

function eventOf({ workload, verb, object, options }: Deed, number: number, time: number): ContextEvent {
  const id = `e-${String(number).padStart(5, '0')}`
  const [as, outcome, policy, rows, traceId] = ['as', 'outcome', 'policy', 'rows', 'trace'].map(name =>
    options.get(name),
  )
  const trace = traceId === undefined ? {} : { trace: { traceId } }
  const said = outcome === undefined ? {} : { outcome }
  if (verb === 'reads' || verb === 'writes') {
    const [, system = object, path = ''] = /^(\w+):\/\/(.*)$/.exec(object) ?? []
    const [host, namespace, collection] = path.split('/')
    return {
      type: 'access',
      id,
      time,
      workload,
      ...(as === undefined ? {} : { identity: as }),
      store: {
        system,
        ...(host === undefined || host === '' ? {} : { host }),
        ...(namespace === undefined ? {} : { namespace }),
        ...(collection === undefined ? {} : { collection }),
      },
      operation: verb === 'reads' ? 'SELECT' : 'UPDATE',
      ...(rows === undefined ? {} : { rows: Number(rows) }),
      ...trace,
    }
  }
  if (verb === 'connects') {
    const address = /^[\d.]+$|^[0-9a-f:]*:[0-9a-f:]*$/.test(object)
    const peer = object.includes('/')
      ? { workload: readWorkload(object) }
      : address
        ? { ip: object }
        : { host: object }
    return {
      type: 'flow',
      id,
      time,
      workload,
      peer,
      direction: 'egress',
      source: 'hubble',
      ...said,
      ...trace,
    }
  }
  if (verb === 'assumes' || verb === 'uses') {
    const identity =
      as ?? (workload.serviceAccount === undefined ? `workload:${workload.name ?? ''}` : accountOf(workload))
    return verb === 'uses'
      ? {
          type: 'identity',
          id,
          time,
          identity: object,
          action: 'use',
          workload,
          source: 'cloudtrail',
          ...said,
        }
      : {
          type: 'identity',
          id,
          time,
          identity,
          action: 'assume',
          target: object,
          workload,
          source: 'cloudtrail',
          ...said,
        }
  }
  const action =
    verb === 'runs' ? 'process' : verb === 'dials' ? 'network' : verb === 'changes' ? 'file-write' : 'file'
  return {
    type: 'runtime',
    id,
    time,
    workload,
    source: 'tetragon',
    action,
    object,
    ...said,
    ...(policy === undefined ? {} : { policy }),
  }
}

const accountOf = ({ namespace, serviceAccount = '' }: Workload): string =>
  `service-account:${namespace === undefined ? serviceAccount : `${namespace}/${serviceAccount}`}`
