import type { StoreAccess } from '../../call/access.ts'
import type { IdentityEvent } from '../../call/identity-event.ts'
import type { Workload } from '../../call/workload.ts'
import { known } from '../files/fields.ts'

/** What is the same of every event of one record of an audit log. */
export interface CloudRecord {
  readonly id: string
  readonly time: number
  /** `cloudtrail`, `gcp-audit`, `kubernetes-audit`. */
  readonly source: string
  /** Who acted, `<kind>:<name>`. */
  readonly identity: string
  readonly address?: string | undefined
  readonly workload?: Workload | undefined
  readonly denied: boolean
  /** The operation under the log's own name. */
  readonly operation: string
  /** Region, account, kind of failure: names, never contents. */
  readonly extra: Readonly<Record<string, unknown>>
}

export type Store = StoreAccess['store']

/** The identity acted; `target` is the one taken on, given out or changed. */
export function identityUse(record: CloudRecord, action: string, target?: string, nth = 0): IdentityEvent {
  const { id, time, source, identity, address, workload, denied, operation, extra } = record
  return {
    type: 'identity',
    id: nth === 0 ? id : `${id}.${nth + 1}`,
    time,
    identity,
    action,
    ...known({ target, workload, address }),
    outcome: denied ? 'denied' : 'allowed',
    source,
    extra: { operation, ...extra },
  }
}

/**
 * The stores that were reached. A refused access reached nothing: it becomes a denied use of the identity that names the store under
 * `extra`.
 */
export function storeUses(record: CloudRecord, stores: readonly Store[]): (StoreAccess | IdentityEvent)[] {
  const { id, time, source, identity, address, workload, denied, operation, extra } = record
  if (denied) {
    const [store] = stores
    return [identityUse({ ...record, extra: { ...extra, ...(store === undefined ? {} : { store }) } }, 'use')]
  }
  return stores.map((store, index) => ({
    type: 'access',
    id: index === 0 ? id : `${id}.${index + 1}`,
    time,
    workload: workload ?? {},
    identity,
    store,
    operation,
    sensor: source,
    extra: { ...known({ address }), ...extra },
  }))
}

/** A name that may be kept: at most 256 characters of what names are made of; undefined for anything else. */
export const nameOf = (value: string | undefined): string | undefined =>
  value !== undefined && /^[\w./:@+=,$ -]{1,256}$/.test(value) ? value : undefined
