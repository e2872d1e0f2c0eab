import type { DayHabits } from '../../baseline/day-book.ts'
import type { OwnerBinding } from '../../baseline/owner-binding.ts'
import type { CallRequest, CallResponse } from '../../call/api-call.ts'
import { headerOf } from '../../call/api-call.ts'
import type { Content } from '../../call/content.ts'
import { workloadName } from '../../call/workload.ts'
import type { CatalogChange } from '../../catalog/changes/catalog-change.ts'
import type { DataClassGroup } from '../../catalog/data-class.ts'
import type { ClassRegistry } from '../../catalog/data-classes/registry/class-registry.ts'
import type { DataField, Endpoint } from '../../catalog/endpoint.ts'
import type { Signal } from '../../detect/signal.ts'
import type { Link, PrincipalTies } from '../../identity/links.ts'
import type { SensorHealth } from '../../sensors/sensor-health.ts'
import type { CallBucket, StoredCall } from '../../store/ports/call-store.ts'
import type { StoredFinding } from '../../store/ports/catalog-state.ts'
import type { ApiToken, AuditRecord, DecisionRecord, QuarantineEntry } from '../../store/ports/state-store.ts'
import type {
  AuditView,
  CallBucketView,
  CallView,
  ChangeView,
  DecisionView,
  EndpointDetailView,
  EndpointView,
  FindingView,
  HabitsView,
  LinkView,
  PrincipalView,
  QuarantineView,
  SensorView,
  SignalView,
  TiesView,
  TokenView,
} from '../api.ts'
import type { Backend, EndpointFacts, PrincipalFacts } from '../backend.ts'

/** RFC 3339 in UTC. Times come from recordings too: one that no date can say becomes the epoch. */
export const stamp = (time: number): string =>
  new Date(Number.isFinite(time) && Math.abs(time) <= 8.64e15 ? time : 0).toISOString()

/** `{ [key]: value }`, or nothing where there is no value. */
function optional<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [Name in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [Name in Key]?: Value })
}

const optionalStamp = <Key extends string>(key: Key, time: number | undefined) =>
  optional(key, time === undefined ? undefined : stamp(time))

export function endpointViewOf(endpoint: Endpoint): EndpointView {
  const { id, protocol, host, method, template, calls, statuses, auth, dataClasses } = endpoint
  return {
    id,
    protocol,
    host,
    method,
    template,
    calls,
    statuses,
    firstSeen: stamp(endpoint.firstSeen),
    lastSeen: stamp(endpoint.lastSeen),
    auth,
    dataClasses,
    exposure: endpoint.exposure,
    inventory: endpoint.inventory,
    criticality: endpoint.criticality,
    risk: endpoint.risk,
    ...optional('labels', endpoint.labels),
    ...optional('workloads', endpoint.workloads),
  }
}

export const changeViewOf = (change: CatalogChange): ChangeView => ({ ...change, time: stamp(change.time) })

const mostCallers = 20

export function endpointDetailViewOf(
  { endpoint, callers, owners }: EndpointFacts,
  more: {
    readonly signals: readonly SignalView[]
    readonly findings: readonly FindingView[]
    readonly classes: ClassRegistry
  },
): EndpointDetailView {
  return {
    ...endpointViewOf(endpoint),
    fields: endpoint.fields,
    dataMap: dataMapOf(endpoint, more.classes),
    ...optional('requestSchema', endpoint.requestSchema),
    responseSchemas: endpoint.responseSchemas,
    ...optional('messages', endpoint.messages),
    callers: [...callers]
      .sort((a, b) => b.calls - a.calls)
      .slice(0, mostCallers)
      .map(caller => ({
        principal: caller.principal,
        calls: caller.calls,
        refused: caller.refused,
        lastSeen: stamp(caller.lastSeen),
      })),
    owners: owners.map(ownerOf),
    signals: more.signals,
    findings: more.findings,
  }
}

const groupOrder: readonly DataClassGroup[] = ['pci', 'phi', 'secret', 'pii']

/** Fields by the group of their class, then by class, side and name. A class that is no longer known is of the last group. */
function dataMapOf({ fields }: Endpoint, classes: ClassRegistry): EndpointDetailView['dataMap'] {
  const keyOf = ({ dataClass: id, side, field }: DataField): string => `${id}\0${side}\0${field}`
  return fields
    .map(field => ({ ...field, group: classes.get(field.dataClass)?.group ?? ('pii' as const) }))
    .sort(
      (a, b) => groupOrder.indexOf(a.group) - groupOrder.indexOf(b.group) || (keyOf(a) < keyOf(b) ? -1 : 1),
    )
}

export const findingViewOf = ({
  finding,
  status,
  firstSeen,
  lastSeen,
  dismissed,
}: StoredFinding): FindingView => ({
  ...finding,
  status,
  firstSeen: stamp(firstSeen),
  lastSeen: stamp(lastSeen),
  ...optional(
    'dismissed',
    dismissed === undefined
      ? undefined
      : {
          by: dismissed.by,
          at: stamp(dismissed.at),
          reason: dismissed.reason,
          ...optionalStamp('until', dismissed.until),
        },
  ),
})

const ownerOf = ({ scope, field, claim, seen, agreement }: OwnerBinding) => ({
  scope,
  field,
  claim,
  seen,
  agreement,
})

const linkOf = ({ name, calls, firstSeen, lastSeen }: Link): LinkView => ({
  name,
  calls,
  firstSeen: stamp(firstSeen),
  lastSeen: stamp(lastSeen),
})

function tiesOf({ tokens, devices, addresses, shared, linked }: PrincipalTies): TiesView {
  return {
    tokens: tokens.map(linkOf),
    devices: devices.map(linkOf),
    addresses: addresses.map(link => ({ ...linkOf(link), shared: shared.includes(link.name) })),
    linked: linked.map(({ principal, by, name, strength }) => ({ principal, by, name, strength })),
  }
}

const habitsOf = ({ objects, ...habits }: DayHabits): HabitsView => ({
  ...habits,
  objects: objects.map(({ time, ...touched }) => ({ ...touched, time: stamp(time) })),
})

/** @param ties Like `habits`, where one principal is told by itself. */
export function principalViewOf(
  principal: PrincipalFacts,
  quarantine: QuarantineEntry | undefined,
  ties?: PrincipalTies,
  habits?: DayHabits,
): PrincipalView {
  return {
    id: principal.id,
    kind: principal.kind,
    ...optional('tenant', principal.tenant),
    roles: principal.roles,
    calls: principal.calls,
    risk: principal.risk,
    firstSeen: stamp(principal.firstSeen),
    lastSeen: stamp(principal.lastSeen),
    addresses: principal.addresses,
    devices: principal.devices,
    endpoints: principal.endpoints.map(({ endpoint, calls }) => ({ endpoint, calls })),
    ...optional('quarantine', quarantine === undefined ? undefined : quarantineViewOf(quarantine)),
    ...optional('ties', ties === undefined ? undefined : tiesOf(ties)),
    ...optional('habits', habits === undefined ? undefined : habitsOf(habits)),
  }
}

export function callViewOf(stored: StoredCall): CallView {
  const { call } = stored
  const { verdict } = call
  return {
    id: call.id,
    time: stamp(call.time),
    ...optional('durationMs', call.durationMs),
    method: call.request.method,
    host: call.destination.host,
    target: call.request.target,
    ...optional('status', call.response?.status),
    endpoint: stored.endpoint,
    principal: stored.principal,
    ...optional('tenant', stored.tenant),
    ...optional('ip', call.source.ip),
    ...optional('userAgent', headerOf(call.request.headers, 'user-agent')),
    ...optional('callerWorkload', workloadName(call.source.workload ?? {})),
    ...optional('workload', workloadName(call.destination.workload ?? {})),
    requestBytes: call.request.bodySize,
    responseBytes: call.response?.bodySize ?? 0,
    detectors: stored.detectors,
    ...optional(
      'verdict',
      verdict === undefined
        ? undefined
        : {
            decisionId: verdict.decisionId,
            action: verdict.action,
            ...optional('policy', verdict.policy),
          },
    ),
  }
}

/** With headers, bodies and credentials as they were kept: redacted at the sensor. */
export function callDetailViewOf(stored: StoredCall): CallView {
  const { call } = stored
  return {
    ...callViewOf(stored),
    request: messageOf(call.request),
    ...optional('response', call.response === undefined ? undefined : messageOf(call.response)),
    credentials: call.credentials.map(({ scheme, at, fingerprint, claims, verification }) => ({
      scheme,
      at,
      fingerprint,
      ...optional('claims', claims),
      verification,
    })),
  }
}

function messageOf({ headers, content, bodyTruncated }: CallRequest | CallResponse) {
  return { headers, ...optional('body', bodyText(content)), bodyTruncated }
}

function bodyText(content: Content): string | undefined {
  switch (content.kind) {
    case 'json':
    case 'form':
    case 'multipart':
      return JSON.stringify(content.value)
    case 'text':
    case 'malformed':
      return content.text
    case 'empty':
    case 'binary':
      return undefined
  }
}

export const callBucketViewOf = ({ time, calls, refused, failed }: CallBucket): CallBucketView => ({
  time: stamp(time),
  calls,
  refused,
  failed,
})

export function signalViewOf(signal: Signal, backend: Pick<Backend, 'detectorText'>): SignalView {
  return {
    id: signal.id,
    detector: signal.detector,
    detectorTitle: backend.detectorText(signal.detector)?.title ?? signal.detector,
    time: stamp(signal.time),
    severity: signal.severity,
    confidence: signal.confidence,
    principal: signal.principal,
    ...optional('tenant', signal.tenant),
    ...optional('endpoint', signal.endpoint),
    message: signal.message,
    observed: signal.observed,
    expected: signal.expected,
    attempt: signal.attempt,
    owasp: signal.owasp,
    attack: signal.attack,
    evidence: signal.evidence,
    objects: signal.objects,
    dataClasses: signal.dataClasses,
    ...optional('actor', signal.actor),
    ...optional('calibrated', signal.calibrated),
    ...optional('held', signal.held),
  }
}

export function quarantineViewOf(entry: QuarantineEntry): QuarantineView {
  return {
    id: entry.id,
    kind: entry.kind,
    target: entry.target,
    reason: entry.reason,
    ...optional('incident', entry.incident),
    createdAt: stamp(entry.createdAt),
    createdBy: entry.createdBy,
    expiresAt: stamp(entry.expiresAt),
    ...optionalStamp('releasedAt', entry.releasedAt),
    ...optional('releasedBy', entry.releasedBy),
  }
}

export const decisionViewOf = (decision: DecisionRecord): DecisionView => ({
  id: decision.id,
  time: stamp(decision.time),
  action: decision.action,
  phase: decision.phase,
  policy: decision.policy,
  mode: decision.mode,
  // Records from before there were canaries do not say.
  acted: decision.acted ?? (decision.mode as string) === 'enforce',
  principal: decision.principal,
  endpoint: decision.endpoint,
  call: decision.call,
  reason: decision.reason,
})

export const sensorViewOf = (sensor: SensorHealth): SensorView => ({
  id: sensor.id,
  kind: sensor.kind,
  state: sensor.state,
  events: sensor.events,
  dropped: sensor.dropped,
  rejected: sensor.rejected,
  ...optionalStamp('lastEventAt', sensor.lastEventAt),
  ...optional('detail', sensor.detail),
  ...optional('address', sensor.address),
  ...optional('perSecond', sensor.perSecond),
  ...optional('lagMs', sensor.lagMs),
  ...optional('sampledShare', sensor.sampledShare),
  ...optional('sees', sensor.sees),
  ...(sensor.sources === undefined
    ? {}
    : { sources: sensor.sources.map(source => ({ ...source, lastEventAt: stamp(source.lastEventAt) })) }),
})

export const auditViewOf = ({ sequence, time, actor, action, target, detail }: AuditRecord): AuditView => ({
  sequence,
  time: stamp(time),
  actor,
  action,
  target,
  detail,
})

export const tokenViewOf = (token: ApiToken): TokenView => ({
  id: token.id,
  name: token.name,
  role: token.role,
  createdAt: stamp(token.createdAt),
  ...optionalStamp('lastUsedAt', token.lastUsedAt),
  ...optionalStamp('revokedAt', token.revokedAt),
})
