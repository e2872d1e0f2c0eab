import type { SallyportEvent } from '../../call/event.ts'
import type { JsonRecord } from '../../call/field-reader.ts'
import type { Workload } from '../../call/workload.ts'
import { known, numberAt, recordAt, textAt, timeAt } from '../files/fields.ts'
import type { JsonDialect, JsonPlace } from '../files/json-format.ts'
import { workloadOfPod } from '../runtime/pod-workload.ts'
import { kubernetesAccount } from './aws-identity.ts'
import { type CloudRecord, identityUse, nameOf, storeUses } from './cloud-use.ts'

/**
 * The audit log of Kubernetes' API server (`audit.k8s.io/v1` `Event`, a line each, or the `EventList` that its webhook posts): uses of
 * secrets and config maps, tokens given out, impersonation and changes of roles. Stages before the answer and the objects
 * themselves are left out.
 */
export const kubernetesAuditDialect: JsonDialect = {
  id: 'kubernetes-audit',
  title: 'Kubernetes audit log (JSON)',
  is: record =>
    typeof record.auditID === 'string' &&
    typeof record.verb === 'string' &&
    recordAt(record, 'user') !== undefined,
  timeOf,
  read: (record, place) => {
    const time = timeOf(record)
    if (time === undefined) return '`requestReceivedTimestamp` is missing or no RFC 3339 time.'
    const stage = textAt(record, 'stage')
    if (stage === 'RequestReceived' || stage === 'ResponseStarted') return []
    return eventsOf(record, time, place)
  },
}

function timeOf(record: JsonRecord): number | undefined {
  return timeAt(record, 'requestReceivedTimestamp') ?? timeAt(record, 'stageTimestamp')
}

const roleKinds = new Set(['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'])
const changing = new Set(['create', 'update', 'patch', 'delete', 'deletecollection', 'bind', 'escalate'])

function eventsOf(record: JsonRecord, time: number, place: JsonPlace): readonly SallyportEvent[] {
  const verb = textAt(record, 'verb') ?? ''
  const user = recordAt(record, 'user')
  const object = recordAt(record, 'objectRef')
  const resource = textAt(object, 'resource') ?? ''
  const subresource = textAt(object, 'subresource')
  const namespace = nameOf(textAt(object, 'namespace'))
  const name = nameOf(textAt(object, 'name'))
  const code = numberAt(record, 'responseStatus.code')
  const use: CloudRecord = {
    id: textAt(record, 'auditID') ?? place.id,
    time,
    source: 'kubernetes-audit',
    identity: identityOf(textAt(user, 'username')),
    address: addressOf(record.sourceIPs),
    workload: workloadOf(user),
    denied:
      code === 401 ||
      code === 403 ||
      textAt(record, 'annotations.authorization.k8s.io/decision') === 'forbid',
    operation: verb,
    extra: known({ resource, subresource, namespace, name, code }),
  }
  const impersonated = textAt(record, 'impersonatedUser.username')
  const events: SallyportEvent[] =
    impersonated === undefined ? [] : [identityUse(use, 'assume', identityOf(impersonated), 1)]
  if (resource === 'serviceaccounts' && subresource === 'token')
    events.push(identityUse(use, 'issue', `service-account:${namespace ?? ''}/${name ?? ''}`))
  else if (roleKinds.has(resource) && changing.has(verb))
    events.push(
      identityUse(
        use,
        'change',
        name === undefined ? undefined : `role:${namespace === undefined ? '' : `${namespace}/`}${name}`,
      ),
    )
  else if (
    (resource === 'secrets' || resource === 'configmaps') &&
    (code === undefined || code < 400 || use.denied)
  )
    events.push(
      ...storeUses(use, [{ system: `kubernetes.${resource}`, ...known({ namespace, collection: name }) }]),
    )
  else if (
    resource === 'pods' &&
    /^(?:exec|attach|portforward|proxy|ephemeralcontainers)$/.test(subresource ?? '')
  )
    events.push(identityUse(use, 'use'))
  else if (use.denied && events.length === 0) events.push(identityUse(use, 'use'))
  return events
}

const identityOf = (username: string | undefined): string =>
  username === undefined || username === 'system:anonymous'
    ? 'anonymous:kubernetes'
    : (kubernetesAccount(username) ??
      (username.startsWith('system:node:') ? `node:${username.slice(12)}` : `user:${username}`))

/** Tokens bound to a pod name it (Kubernetes 1.20 and newer). */
function workloadOf(user: JsonRecord | undefined): Workload | undefined {
  const extra = recordAt(user, 'extra')
  const pod = firstOf(extra?.['authentication.kubernetes.io/pod-name'])
  const account = /^system:serviceaccount:([a-z0-9.-]{1,253}):([a-z0-9.-]{1,253})$/.exec(
    textAt(user, 'username') ?? '',
  )
  if (pod === undefined || account === null) return undefined
  return workloadOfPod({ namespace: account[1], pod, serviceAccount: account[2] })
}

const firstOf = (value: unknown): string | undefined => {
  const first: unknown = Array.isArray(value) ? value[0] : value
  return typeof first === 'string' ? nameOf(first) : undefined
}

function addressOf(ips: unknown): string | undefined {
  const first = firstOf(ips)
  return first !== undefined && /^[0-9a-fA-F:.]{2,45}$/.test(first) ? first : undefined
}
