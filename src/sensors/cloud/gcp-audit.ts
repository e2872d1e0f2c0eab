import type { SallyportEvent } from '../../call/event.ts'
import type { JsonRecord } from '../../call/field-reader.ts'
import { known, listAt, numberAt, recordAt, textAt, timeAt } from '../files/fields.ts'
import type { JsonDialect, JsonPlace } from '../files/json-format.ts'
import { kubernetesAccount } from './aws-identity.ts'
import { type CloudRecord, identityUse, nameOf, type Store, storeUses } from './cloud-use.ts'

/**
 * Cloud Audit Logs of Google Cloud (Cloud Logging, `LogEntry` with a `google.cloud.audit.AuditLog` in `protoPayload`): storage, BigQuery,
 * Secret Manager, KMS, Firestore, Spanner, Pub/Sub, IAM and the credentials service; other methods as uses of the identity.
 */
export const gcpAuditDialect: JsonDialect = {
  id: 'gcp-audit',
  title: 'Google Cloud audit logs (JSON)',
  is: record =>
    typeof textAt(record, 'protoPayload.methodName') === 'string' &&
    textAt(record, 'protoPayload.serviceName') !== undefined,
  timeOf: record => timeAt(record, 'timestamp') ?? timeAt(record, 'receiveTimestamp'),
  read: (record, place) => {
    const payload = recordAt(record, 'protoPayload')
    const time = timeAt(record, 'timestamp') ?? timeAt(record, 'receiveTimestamp')
    const service = textAt(payload, 'serviceName')
    const method = textAt(payload, 'methodName')
    if (time === undefined) return '`timestamp` is missing or no RFC 3339 time.'
    if (payload === undefined || service === undefined || method === undefined)
      return '`protoPayload.serviceName` and `methodName` are missing.'
    return eventsOf(record, payload, service, method, time, place)
  },
}

function eventsOf(
  record: JsonRecord,
  payload: JsonRecord,
  service: string,
  method: string,
  time: number,
  place: JsonPlace,
): readonly SallyportEvent[] {
  const code = numberAt(payload, 'status.code') ?? 0
  const verb = verbOf(method)
  const use: CloudRecord = {
    id: textAt(record, 'insertId') ?? place.id,
    time,
    source: 'gcp-audit',
    identity: identityOf(payload),
    address: addressOf(textAt(payload, 'requestMetadata.callerIp')),
    // google.rpc.Code: 7 PERMISSION_DENIED, 16 UNAUTHENTICATED.
    denied:
      code === 7 || code === 16 || listAt(payload, 'authorizationInfo').some(info => info.granted === false),
    operation: verb,
    extra: known({
      service: service.replace(/\.googleapis\.com$/, ''),
      method: nameOf(method),
      project: nameOf(textAt(record, 'resource.labels.project_id')),
      error: code === 0 ? undefined : code,
    }),
  }
  const resource = textAt(payload, 'resourceName') ?? ''
  const issued = tokenTarget(service, method, resource, payload)
  if (issued !== undefined) return [identityUse(use, issued.action, issued.target)]
  if (/SetIamPolicy$|setIamPolicy/.test(method) || isIamChange(service, verb))
    return [identityUse(use, 'change', changedIdentity(payload, resource))]
  if (code !== 0 && !use.denied) return [identityUse(use, 'use')]
  const { stores, operation } = storesOf(service, payload, resource)
  return stores.length > 0
    ? storeUses(operation === undefined ? use : { ...use, operation }, stores)
    : [identityUse(use, 'use')]
}

/** The last word of a method: `storage.objects.get` and `google.cloud.….AccessSecretVersion` alike. */
const verbOf = (method: string): string => method.slice(method.lastIndexOf('.') + 1).slice(0, 128)

/** `principalEmail` is a person's or a service account's; `principalSubject` stands where there is no email. */
function identityOf(payload: JsonRecord): string {
  const info = recordAt(payload, 'authenticationInfo')
  const email = textAt(info, 'principalEmail')
  if (email !== undefined) {
    const cluster = kubernetesAccount(email)
    if (cluster !== undefined) return cluster
    return email.endsWith('.gserviceaccount.com') ? `service-account:${email}` : `user:${email}`
  }
  const subject = textAt(info, 'principalSubject')
  if (subject === undefined) return 'anonymous:gcp'
  // Workload identity: `…/subject/system:serviceaccount:ns:name` or `…[ns/name]`.
  const account = /\[([a-z0-9.-]{1,253}\/[a-z0-9.-]{1,253})\]$/.exec(subject)?.[1]
  if (account !== undefined) return `service-account:${account}`
  return kubernetesAccount(subject.slice(subject.lastIndexOf('/') + 1)) ?? principalOf(subject)
}

/** `serviceAccount:x@y`, `user:x@y` as they are said in policies. */
const principalOf = (member: string): string =>
  member.startsWith('serviceAccount:')
    ? `service-account:${member.slice(15)}`
    : member.includes(':')
      ? member
      : `user:${member}`

function tokenTarget(
  service: string,
  method: string,
  resource: string,
  payload: JsonRecord,
): { readonly action: string; readonly target?: string } | undefined {
  if (service === 'login.googleapis.com') return { action: 'login' }
  if (service !== 'iamcredentials.googleapis.com' && !/ExchangeToken|CreateServiceAccountKey/.test(method))
    return undefined
  const email = emailIn(resource) ?? emailIn(textAt(payload, 'request.name') ?? '')
  const target = email === undefined ? {} : { target: `service-account:${email}` }
  return { action: /Key$/.test(method) ? 'issue' : 'assume', ...target }
}

const emailIn = (resource: string): string | undefined =>
  /serviceAccounts\/([\w.@-]{1,254})(?:\/|:|$)/.exec(resource)?.[1]

const isIamChange = (service: string, verb: string): boolean =>
  service === 'iam.googleapis.com' &&
  /^(?:Create|Delete|Update|Patch|Set|Disable|Enable|Undelete)/i.test(verb)

/** The member that a change of a policy added or took away first, else the account that it is about. */
function changedIdentity(payload: JsonRecord, resource: string): string | undefined {
  const [delta] = listAt(payload, 'serviceData.policyDelta.bindingDeltas')
  const member = nameOf(textAt(delta, 'member'))
  if (member !== undefined) return principalOf(member)
  const email = emailIn(resource)
  return email === undefined ? undefined : `service-account:${email}`
}

interface Reached {
  readonly stores: readonly Store[]
  readonly operation?: string
}

/** The part of a resource's name after a word: `projects/_/buckets/shop/objects/…` after `buckets` is `shop`. */
function after(resource: string, word: string): string | undefined {
  const parts = resource.split('/', 24)
  const index = parts.indexOf(word)
  return index < 0 ? undefined : nameOf(parts[index + 1])
}

function storesOf(service: string, payload: JsonRecord, resource: string): Reached {
  const project = after(resource, 'projects')
  const one = (system: string, collection: string | undefined, namespace?: string): Reached =>
    collection === undefined && namespace === undefined
      ? { stores: [] }
      : { stores: [{ system, ...known({ namespace, collection }) }] }
  switch (service) {
    case 'storage.googleapis.com':
      return one('gcp.storage', after(resource, 'buckets'))
    case 'secretmanager.googleapis.com':
      return one('gcp.secretmanager', after(resource, 'secrets'), project)
    case 'cloudkms.googleapis.com':
      return one('gcp.kms', after(resource, 'cryptoKeys'), after(resource, 'keyRings'))
    case 'bigquery.googleapis.com':
      return bigQuery(payload, resource)
    case 'bigquerydatapolicy.googleapis.com':
      return { stores: [] }
    case 'firestore.googleapis.com':
    case 'datastore.googleapis.com':
      return one('gcp.firestore', undefined, after(resource, 'databases') ?? project)
    case 'spanner.googleapis.com':
      return one('gcp.spanner', undefined, after(resource, 'databases') ?? after(resource, 'instances'))
    case 'cloudsql.googleapis.com':
      return one('gcp.cloudsql', undefined, after(resource, 'instances'))
    case 'pubsub.googleapis.com':
      return one('gcp.pubsub', after(resource, 'topics') ?? after(resource, 'subscriptions'), project)
    default:
      return { stores: [] }
  }
}

/** Jobs name the tables that they read and wrote; queries are not kept. */
function bigQuery(payload: JsonRecord, resource: string): Reached {
  const metadata = recordAt(payload, 'metadata')
  const statistics =
    recordAt(metadata, 'jobChange.job.jobStats.queryStats') ??
    recordAt(metadata, 'jobInsertion.job.jobStats.queryStats')
  const referenced = statistics?.referencedTables
  const tables = Array.isArray(referenced)
    ? referenced.filter((name): name is string => typeof name === 'string').slice(0, 32)
    : []
  const stores = (tables.length > 0 ? tables : [resource]).flatMap((name): Store[] => {
    const collection = after(name, 'tables')
    const namespace = after(name, 'datasets')
    return namespace === undefined ? [] : [{ system: 'gcp.bigquery', ...known({ namespace, collection }) }]
  })
  const operation =
    recordAt(metadata, 'tableDataRead') !== undefined || tables.length > 0
      ? 'read'
      : recordAt(metadata, 'tableDataChange') !== undefined
        ? 'write'
        : undefined
  return { stores, ...known({ operation }) }
}

const addressOf = (text: string | undefined): string | undefined =>
  text !== undefined && /^[0-9a-fA-F:.]{2,45}$/.test(text) ? text : undefined
