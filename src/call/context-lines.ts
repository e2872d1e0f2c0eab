import type { Json } from './content.ts'
import type { FieldReader, JsonRecord } from './field-reader.ts'
import { InvalidField, isRecord } from './field-reader.ts'
import type { FlowEvent } from './flow-event.ts'
import type { IdentityEvent } from './identity-event.ts'
import { redactTree } from './redact-tree.ts'
import type { Redactor } from './redactor.ts'
import type { KubernetesObject, ResourceEvent } from './resource-event.ts'
import type { Workload } from './workload.ts'

/** Fields that this version does not know, without their secrets. */
export const sealExtra = (extra: JsonRecord | undefined, redactor: Redactor): JsonRecord | undefined =>
  extra === undefined ? undefined : (redactTree(extra as { [key: string]: Json }, redactor) as JsonRecord)

/** @throws InvalidField */
export function requireText(reader: FieldReader, name: string): string {
  const text = reader.text(name)
  if (text === undefined || text === '') throw new InvalidField(`\`${name}\` is missing.`)
  return text
}

/** @throws InvalidField */
export function requireWorkload(reader: FieldReader): Workload {
  const workload = reader.workload('workload')
  if (workload === undefined) throw new InvalidField('`workload` is missing.')
  return workload
}

/** @throws InvalidField */
export function readFlow(reader: FieldReader, position: number, redactor: Redactor): FlowEvent {
  reader.skip('type')
  const id = reader.id('id') ?? String(position)
  const time = reader.time('time')
  const workload = requireWorkload(reader)
  const direction = reader.text('direction') ?? 'egress'
  if (direction !== 'egress' && direction !== 'ingress')
    throw new InvalidField('`direction` must be "egress" or "ingress".')
  const peer = reader.object('peer')
  if (peer === undefined) throw new InvalidField('`peer` is missing.')
  const peerWorkload = peer.workload('workload')
  const host = peer.text('host')
  const ip = peer.text('ip')
  const port = peer.number('port')
  const protocol = reader.text('protocol')
  const operation = reader.text('operation')
  const bytes = reader.number('bytes')
  const outcome = reader.text('outcome')
  const source = requireText(reader, 'source')
  const trace = reader.trace('trace')
  const extra = sealExtra(reader.extra(), redactor)
  return {
    type: 'flow',
    id,
    time,
    workload,
    peer: {
      ...(peerWorkload === undefined ? {} : { workload: peerWorkload }),
      ...(host === undefined ? {} : { host: host.toLowerCase() }),
      ...(ip === undefined ? {} : { ip }),
      ...(port === undefined ? {} : { port }),
    },
    direction,
    ...(protocol === undefined ? {} : { protocol }),
    ...(operation === undefined ? {} : { operation }),
    ...(bytes === undefined ? {} : { bytes }),
    ...(outcome === undefined ? {} : { outcome }),
    source,
    ...(trace === undefined ? {} : { trace }),
    ...(extra === undefined ? {} : { extra }),
  }
}

/** @throws InvalidField */
export function readIdentityEvent(reader: FieldReader, position: number, redactor: Redactor): IdentityEvent {
  reader.skip('type')
  const id = reader.id('id') ?? String(position)
  const time = reader.time('time')
  const identity = requireText(reader, 'identity')
  const action = requireText(reader, 'action')
  const target = reader.text('target')
  const workload = reader.workload('workload')
  const address = reader.text('address')
  const outcome = reader.text('outcome')
  const source = requireText(reader, 'source')
  const extra = sealExtra(reader.extra(), redactor)
  return {
    type: 'identity',
    id,
    time,
    identity,
    action,
    ...(target === undefined ? {} : { target }),
    ...(workload === undefined ? {} : { workload }),
    ...(address === undefined ? {} : { address }),
    ...(outcome === undefined ? {} : { outcome }),
    source,
    ...(extra === undefined ? {} : { extra }),
  }
}

/** The object is taken as it stands: whoever wrote the line left out what must not be kept; values that look like secrets go here. @throws InvalidField */
export function readResource(reader: FieldReader, position: number, redactor: Redactor): ResourceEvent {
  reader.skip('type')
  const id = reader.id('id') ?? String(position)
  const time = reader.time('time')
  const cluster = reader.text('cluster')
  const source = requireText(reader, 'source')
  const removed = reader.flag('removed')
  const object = reader.take('object')
  if (!isRecord(object) || typeof object.kind !== 'string' || typeof object.apiVersion !== 'string')
    throw new InvalidField('`object` must have an `apiVersion` and a `kind`.')
  const { metadata } = object
  if (!isRecord(metadata) || typeof metadata.name !== 'string')
    throw new InvalidField('`object.metadata.name` is missing.')
  return {
    type: 'resource',
    id,
    time,
    ...(cluster === undefined ? {} : { cluster }),
    source,
    object: redactTree(object as { [key: string]: Json }, redactor) as unknown as KubernetesObject,
    ...(removed === true ? { removed } : {}),
  }
}
