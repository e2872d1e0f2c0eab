import type { JsonRecord } from '../../call/field-reader.ts'
import type { RuntimeEvent } from '../../call/runtime-event.ts'
import { firstText, known, recordAt, textAt, timeAt } from '../files/fields.ts'
import type { JsonDialect, JsonPlace } from '../files/json-format.ts'
import { peerText } from './peer-text.ts'
import { workloadOfPod } from './pod-workload.ts'
import { pathOf, programOf } from './program.ts'

/**
 * Falco's alerts (Falco, `json_output`, `http_output`; Falcosidekick posts the same). The sentence of the alert is not kept: command
 * lines stand in it.
 */
export const falcoDialect: JsonDialect = {
  id: 'falco',
  title: 'Falco alerts (JSON)',
  is: record =>
    typeof record.rule === 'string' &&
    typeof record.priority === 'string' &&
    recordAt(record, 'output_fields') !== undefined,
  timeOf,
  read: (record, place) => {
    const fields = recordAt(record, 'output_fields')
    return fields === undefined ? '`output_fields` is missing.' : [runtimeEvent(record, fields, place)]
  },
}

function timeOf(record: JsonRecord): number | undefined {
  const time = timeAt(record, 'time')
  if (time !== undefined) return time
  const nanoseconds = Number(textAt(recordAt(record, 'output_fields'), 'evt.time'))
  return Number.isFinite(nanoseconds) && nanoseconds > 1e15 ? Math.round(nanoseconds / 1e6) : undefined
}

function runtimeEvent(record: JsonRecord, fields: JsonRecord, place: JsonPlace): RuntimeEvent {
  const call = textAt(fields, 'evt.type')?.toLowerCase()
  const action = actionOf(call, fields)
  const program =
    pathOf(firstText(fields, ['proc.exepath', 'proc.exe'])) ??
    programOf(firstText(fields, ['proc.cmdline', 'proc.name']))
  const ingress = call !== undefined && /^(?:accept|accept4|listen|bind|recv)/.test(call)
  const object =
    action === 'network'
      ? peerIn(fields, ingress)
      : action === 'file'
        ? pathOf(textAt(fields, 'fd.name'))
        : program
  return {
    type: 'runtime',
    id: textAt(record, 'uuid') ?? place.id,
    time: timeOf(record) ?? place.fallbackTime,
    workload: workloadOfPod({
      cluster: firstText(fields, ['k8s.cluster.name', 'cluster', 'k8s_cluster_name']),
      namespace: firstText(fields, ['k8s.ns.name', 'k8smeta.ns.name', 'ka.target.namespace']),
      pod: firstText(fields, ['k8s.pod.name', 'k8smeta.pod.name']),
      container: textAt(fields, 'container.id') === 'host' ? undefined : textAt(fields, 'container.name'),
      ...ownerIn(fields),
      node: textAt(record, 'hostname') ?? textAt(fields, 'evt.hostname'),
    }),
    source: 'falco',
    action,
    ...known({ object, policy: textAt(record, 'rule') }),
    outcome: /^E(?:ACCES|PERM)$/.test(textAt(fields, 'evt.res') ?? '') ? 'blocked' : 'audited',
    extra: known({
      operation: call,
      program,
      parent: pathOf(firstText(fields, ['proc.pexepath', 'proc.pname'])),
      container: textAt(fields, 'container.name'),
      image: textAt(fields, 'container.image.repository'),
      node: textAt(record, 'hostname'),
      severity: textAt(record, 'priority')?.toLowerCase(),
      tags: tagsIn(record.tags),
      protocol: textAt(fields, 'fd.l4proto'),
      direction: action !== 'network' ? undefined : ingress ? 'ingress' : 'egress',
      engine: textAt(record, 'source'),
    }),
  }
}

const owners: readonly (readonly [kind: string, fields: readonly string[]])[] = [
  ['Deployment', ['k8s.deployment.name', 'k8smeta.deployment.name']],
  ['StatefulSet', ['k8s.statefulset.name', 'k8smeta.statefulset.name']],
  ['DaemonSet', ['k8s.daemonset.name', 'k8smeta.daemonset.name']],
]

function ownerIn(fields: JsonRecord): { readonly owner?: string; readonly ownerKind?: string } {
  for (const [ownerKind, names] of owners) {
    const owner = firstText(fields, names)
    if (owner !== undefined) return { owner, ownerKind }
  }
  return {}
}

const processCalls = /^(?:execve|execveat|clone|clone3|fork|vfork|spawn|procexit|setuid|setgid|ptrace)/
const networkCalls = /^(?:connect|accept|accept4|sendto|sendmsg|recvfrom|recvmsg|socket|bind|listen)/

/** By the system call; where the alert does not name it, by the descriptor that it names. */
function actionOf(call: string | undefined, fields: JsonRecord): string {
  if (call !== undefined) {
    if (processCalls.test(call)) return 'process'
    if (networkCalls.test(call)) return 'network'
    return textAt(fields, 'fd.name') === undefined ? 'process' : isSocket(fields) ? 'network' : 'file'
  }
  if (isSocket(fields)) return 'network'
  return textAt(fields, 'fd.name') === undefined ? 'process' : 'file'
}

const isSocket = (fields: JsonRecord): boolean =>
  firstText(fields, ['fd.rip', 'fd.sip', 'fd.cip']) !== undefined ||
  (textAt(fields, 'fd.name') ?? '').includes('->')

/** The other end: named outright, else the server of what goes out and the client of what comes in. */
function peerIn(fields: JsonRecord, ingress: boolean): string | undefined {
  const address = firstText(fields, [
    'fd.rip',
    ingress ? 'fd.cip' : 'fd.sip.name',
    ingress ? 'fd.cip' : 'fd.sip',
  ])
  const port = firstText(fields, ['fd.rport', ingress ? 'fd.cport' : 'fd.sport'])
  if (address !== undefined) return peerText(address, port)
  // `10.0.0.1:51000->10.0.0.2:443`, the client first.
  const [client = '', server = ''] = (textAt(fields, 'fd.name') ?? '').split('->', 2)
  const end = ingress ? client : server
  const colon = end.lastIndexOf(':')
  return colon < 0 ? peerText(end, undefined) : peerText(end.slice(0, colon), end.slice(colon + 1))
}

const tagsIn = (tags: unknown): string | undefined =>
  Array.isArray(tags)
    ? tags
        .filter(tag => typeof tag === 'string')
        .join(',')
        .slice(0, 256)
    : undefined
