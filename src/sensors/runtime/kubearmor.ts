import { isRecord, type JsonRecord } from '../../call/field-reader.ts'
import type { RuntimeEvent } from '../../call/runtime-event.ts'
import { known, numberAt, recordAt, textAt, timeAt } from '../files/fields.ts'
import type { JsonDialect, JsonPlace } from '../files/json-format.ts'
import { peerText } from './peer-text.ts'
import { labelsOf, workloadOfPod } from './pod-workload.ts'
import { pathOf, programOf } from './program.ts'

/**
 * KubeArmor's telemetry and alerts (KubeArmor, "KubeArmor Events" and protobuf `feeder.Log`/`feeder.Alert`): the bare event, or in an
 * envelope `{kind, event}`. Of process and file events the program and the path are kept, arguments are not.
 */
export const kubearmorDialect: JsonDialect = {
  id: 'kubearmor',
  title: 'KubeArmor events (JSON)',
  is: record => {
    const event = eventIn(record)
    return (
      typeof event.Operation === 'string' &&
      typeof event.Type === 'string' &&
      typeof event.HostName === 'string' &&
      ('Result' in event || 'Action' in event || 'Resource' in event)
    )
  },
  timeOf: record => timeOf(eventIn(record)),
  read: (record, place) => {
    const event = eventIn(record)
    const operation = textAt(event, 'Operation')
    return operation === undefined
      ? 'The record names no `Operation`.'
      : [runtimeEvent(event, operation, place)]
  },
}

const eventIn = (record: JsonRecord): JsonRecord =>
  isRecord(record.event) && typeof record.kind === 'string' ? record.event : record

/** `UpdatedTime` has fractions of a second, `Timestamp` has not. */
function timeOf(event: JsonRecord): number | undefined {
  const exact = timeAt(event, 'UpdatedTime')
  if (exact !== undefined) return exact
  const seconds = numberAt(event, 'Timestamp')
  return seconds === undefined || !(seconds > 0) || seconds > 1e11 ? undefined : seconds * 1000
}

function runtimeEvent(event: JsonRecord, operation: string, place: JsonPlace): RuntimeEvent {
  const action = actions[operation.toLowerCase()] ?? 'process'
  const resource = textAt(event, 'Resource')
  const network = action === 'network' ? networkIn(resource, textAt(event, 'Data')) : undefined
  const object =
    action === 'network'
      ? network?.peer
      : action === 'file'
        ? pathOf(resource)
        : (programOf(resource) ?? programOf(textAt(event, 'ProcessName')))
  return {
    type: 'runtime',
    id: place.id,
    time: timeOf(event) ?? place.fallbackTime,
    workload: workloadOf(event),
    source: 'kubearmor',
    action,
    ...known({ object, outcome: outcomeOf(event), policy: textAt(event, 'PolicyName') }),
    extra: known({
      operation: operation.toLowerCase(),
      program: programOf(textAt(event, 'ProcessName')) ?? programOf(textAt(event, 'Source')),
      parent: programOf(textAt(event, 'ParentProcessName')),
      syscall: /(?:^| )syscall=([A-Z0-9_]{1,64})/.exec(textAt(event, 'Data') ?? '')?.[1],
      container: textAt(event, 'ContainerName'),
      image: textAt(event, 'ContainerImage'),
      node: textAt(event, 'HostName'),
      severity: textAt(event, 'Severity'),
      tags: textAt(event, 'Tags'),
      enforcer: textAt(event, 'Enforcer'),
      kind: textAt(event, 'Type'),
      protocol: network?.protocol,
      direction: network?.direction,
      uid: numberAt(event, 'UID'),
    }),
  }
}

const actions: Readonly<Record<string, string>> = {
  process: 'process',
  file: 'file',
  network: 'network',
  syscall: 'process',
  capabilities: 'process',
  device: 'file',
}

function workloadOf(event: JsonRecord): RuntimeEvent['workload'] {
  // An unset namespace is spelled out where there is no orchestrator.
  const namespace = textAt(event, 'NamespaceName')
  const owner = recordAt(event, 'Owner') ?? recordAt(event, 'PodOwner')
  return workloadOfPod({
    cluster: named(textAt(event, 'ClusterName')),
    namespace: namespace === 'container_namespace' ? undefined : namespace,
    pod: textAt(event, 'PodName'),
    container: textAt(event, 'ContainerName'),
    owner: textAt(owner, 'Name'),
    ownerKind: textAt(owner, 'Ref'),
    node: textAt(event, 'HostName'),
    labels: labelsOf(textAt(event, 'Labels')),
  })
}

/** `default` is what KubeArmor says when nobody named the cluster. */
const named = (cluster: string | undefined): string | undefined =>
  cluster === 'default' ? undefined : cluster

/** Refused by an enforcer, passed and reported by a policy, or passed. */
function outcomeOf(event: JsonRecord): string {
  const result = textAt(event, 'Result') ?? ''
  const action = (textAt(event, 'Action') ?? '').toLowerCase()
  if (result === 'Permission denied' || result === 'Operation not permitted') return 'blocked'
  if (action.startsWith('audit')) return 'audited'
  if (action === 'block' && result !== 'Passed') return 'blocked'
  return result === '' || result === 'Passed' ? 'allowed' : 'failed'
}

interface NetworkUse {
  readonly peer?: string
  readonly protocol?: string
  readonly direction?: 'ingress' | 'egress'
}

/** `remoteip=… port=… protocol=TCP`, or the address family's own words: `sa_family=AF_INET sin_port=53 sin_addr=10.0.0.10`. */
function networkIn(resource = '', data = ''): NetworkUse {
  const words = new Map<string, string>()
  for (const word of `${resource} ${data}`.split(' ', 64)) {
    const sign = word.indexOf('=')
    if (sign > 0 && !words.has(word.slice(0, sign))) words.set(word.slice(0, sign), word.slice(sign + 1))
  }
  const first = (...names: string[]): string | undefined => {
    for (const name of names) {
      const value = words.get(name)
      if (value !== undefined && value !== '') return value
    }
    return undefined
  }
  const peer = peerText(
    first('hostname', 'remoteip', 'ip', 'sin_addr', 'sin6_addr', 'domainname'),
    first('port', 'sin_port', 'sin6_port'),
  )
  const protocol = first('protocol', 'type')?.toLowerCase().slice(0, 64)
  const call = `${words.get('kprobe') ?? ''} ${words.get('syscall') ?? ''}`.toLowerCase()
  const direction = /accept|bind|listen/.test(call)
    ? 'ingress'
    : /connect|sendto/.test(call)
      ? 'egress'
      : undefined
  return known({
    peer,
    // A socket's protocol 0 is whatever its type says.
    protocol: protocol === '0' ? words.get('type')?.split('|', 1)[0]?.toLowerCase() : protocol,
    direction,
  }) as NetworkUse
}
