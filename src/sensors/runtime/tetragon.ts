import type { JsonRecord } from '../../call/field-reader.ts'
import type { RuntimeEvent } from '../../call/runtime-event.ts'
import { known, listAt, numberAt, recordAt, textAt, timeAt } from '../files/fields.ts'
import type { JsonDialect, JsonPlace } from '../files/json-format.ts'
import { peerText } from './peer-text.ts'
import { labelsFrom, workloadOfPod } from './pod-workload.ts'
import { pathOf } from './program.ts'

const kinds = [
  'process_exec',
  'process_exit',
  'process_kprobe',
  'process_tracepoint',
  'process_lsm',
  'process_uprobe',
  'process_loader',
] as const

/**
 * Tetragon's JSON export (Tetragon, `tetragon.GetEventsResponse`): an event a record under the name of its kind. Of a process the
 * binary is kept, its arguments are not; of a hook's arguments only sockets and paths.
 */
export const tetragonDialect: JsonDialect = {
  id: 'tetragon',
  title: 'Tetragon events (JSON export)',
  is: record => kindOf(record) !== undefined,
  timeOf: record => timeAt(record, 'time'),
  read: (record, place) => {
    const kind = kindOf(record)
    if (kind === undefined) return 'The record is no event of a process.'
    const body = recordAt(record, kind)
    const process = recordAt(body, 'process')
    if (body === undefined || process === undefined) return `\`${kind}.process\` is missing.`
    return [runtimeEvent(kind, record, body, process, place)]
  },
}

const kindOf = (record: JsonRecord): (typeof kinds)[number] | undefined =>
  kinds.find(kind => recordAt(record, kind) !== undefined)

function runtimeEvent(
  kind: (typeof kinds)[number],
  record: JsonRecord,
  body: JsonRecord,
  process: JsonRecord,
  place: JsonPlace,
): RuntimeEvent {
  const hook = textAt(body, 'function_name') ?? eventName(body) ?? textAt(body, 'symbol')
  const args = listAt(body, 'args')
  const socket = socketIn(args)
  const path = kind === 'process_loader' ? textAt(body, 'path') : pathIn(args)
  const action = actionOf(kind, hook, socket !== undefined, path !== undefined)
  const policy = textAt(body, 'policy_name')
  const ingress = hook !== undefined && /accept|_recv|bind|listen/.test(hook)
  const binary = pathOf(textAt(process, 'binary'))
  const object =
    action === 'network'
      ? socket && peerText(...peerOf(socket, ingress))
      : action === 'file'
        ? pathOf(path)
        : (pathOf(path) ?? binary)
  const pod = recordAt(process, 'pod')
  const labels = recordAt(pod, 'pod_labels')
  return {
    type: 'runtime',
    id: place.id,
    time: timeAt(record, 'time') ?? place.fallbackTime,
    workload: workloadOfPod({
      cluster: textAt(record, 'cluster_name'),
      namespace: textAt(pod, 'namespace'),
      pod: textAt(pod, 'name'),
      container: textAt(pod, 'container.name') ?? textAt(process, 'docker'),
      owner: textAt(pod, 'workload'),
      ownerKind: textAt(pod, 'workload_kind'),
      node: textAt(record, 'node_name'),
      labels: labels === undefined ? undefined : labelsFrom(Object.entries(labels)),
    }),
    source: 'tetragon',
    action,
    ...known({ object, policy }),
    outcome: outcomeOf(textAt(body, 'action'), policy),
    extra: known({
      operation: kind.slice('process_'.length),
      function: hook,
      program: binary,
      parent: pathOf(textAt(body, 'parent.binary')),
      container: textAt(pod, 'container.name'),
      image: textAt(pod, 'container.image.name'),
      node: textAt(record, 'node_name'),
      protocol: textAt(socket, 'protocol')?.replace('IPPROTO_', '').toLowerCase(),
      direction: action !== 'network' || socket === undefined ? undefined : ingress ? 'ingress' : 'egress',
      reaction: textAt(body, 'action')?.replace('KPROBE_ACTION_', '').toLowerCase(),
      signal: textAt(body, 'signal'),
      status: numberAt(body, 'status'),
      message: textAt(body, 'message'),
      uid: numberAt(process, 'uid'),
    }),
  }
}

function eventName(body: JsonRecord): string | undefined {
  const event = textAt(body, 'event')
  return event === undefined ? undefined : `${textAt(body, 'subsys') ?? ''}/${event}`
}

const sockets = ['sock_arg', 'skb_arg', 'sockaddr_arg'] as const
const paths = ['file_arg', 'path_arg', 'dentry_arg', 'linux_binprm_arg'] as const

function socketIn(args: readonly JsonRecord[]): JsonRecord | undefined {
  for (const arg of args)
    for (const name of sockets) {
      const socket = recordAt(arg, name)
      if (socket !== undefined) return socket
    }
  return undefined
}

function pathIn(args: readonly JsonRecord[]): string | undefined {
  for (const arg of args)
    for (const name of paths) {
      const path = textAt(recordAt(arg, name), 'path')
      if (path !== undefined) return path
    }
  return undefined
}

/** The other end: the destination of what goes out, the source of what was accepted. */
function peerOf(socket: JsonRecord, ingress: boolean): [host: string | undefined, port: number | undefined] {
  const plain = textAt(socket, 'addr')
  if (plain !== undefined) return [plain, numberAt(socket, 'port')]
  return ingress
    ? [textAt(socket, 'saddr'), numberAt(socket, 'sport')]
    : [textAt(socket, 'daddr'), numberAt(socket, 'dport')]
}

function actionOf(kind: string, hook: string | undefined, socket: boolean, path: boolean): string {
  if (kind === 'process_exec' || kind === 'process_exit') return 'process'
  if (socket || (hook !== undefined && /tcp_|udp_|_connect|_accept|socket/.test(hook))) return 'network'
  if (hook !== undefined && /execve|bprm/.test(hook)) return 'process'
  return path || (hook !== undefined && /open|file|unlink|rename|truncate|_write|_read/.test(hook))
    ? 'file'
    : 'process'
}

const stopping = /SIGKILL|OVERRIDE|NOTIFYENFORCER|SIGNAL$/

/** Stopped by the policy's action, reported by a policy, or only seen. */
const outcomeOf = (action: string | undefined, policy: string | undefined): string =>
  action !== undefined && stopping.test(action) ? 'blocked' : policy === undefined ? 'allowed' : 'audited'
