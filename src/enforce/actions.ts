import { SallyportError } from '../kit/error.ts'
import { stableHash } from '../kit/hash.ts'
import { quarantineBounds } from '../policy/parse.ts'
import type { QuarantineEntry } from '../store/ports/state-store.ts'

/** An action as an incident offers it. */
export interface RequestedAction {
  readonly kind: string
  /** A principal id, a token fingerprint or a device id; never an address. */
  readonly target: string
  /** 60 to 2,592,000 (thirty days). */
  readonly ttlSeconds: number
}

const kinds: Readonly<Record<string, QuarantineEntry['kind']>> = {
  'quarantine-principal': 'principal',
  'quarantine-token': 'token',
  'quarantine-device': 'device',
}

/**
 * The quarantine entry an incident's action comes to. `by` is the actor, `at` milliseconds since the epoch. Throws
 * `usage/invalid-argument` for an unknown kind, an empty or malformed target, or a duration out of bounds.
 */
export function carryOut(
  action: RequestedAction,
  by: string,
  at: number,
  incident?: string,
): QuarantineEntry {
  const kind = Object.hasOwn(kinds, action.kind) ? kinds[action.kind] : undefined
  if (kind === undefined) {
    throw new SallyportError('usage/invalid-argument', 'There is no such action.', {
      where: 'kind',
      mend: `Use one of ${Object.keys(kinds).join(', ')}.`,
    })
  }
  const target = action.target.trim()
  if (kind === 'principal' && !/^[a-z]{2,16}:\S.{0,510}$/u.test(target)) {
    throw new SallyportError('usage/invalid-argument', 'The target is not a principal.', {
      where: 'target',
      mend: 'Write kind:name, e.g. user:alice.',
    })
  }
  if (kind === 'token' && !/^[0-9a-f]{12,64}$/.test(target)) {
    throw new SallyportError('usage/invalid-argument', 'The target is not a token fingerprint.', {
      where: 'target',
      mend: 'Use the fingerprint shown with the incident, never the token.',
    })
  }
  if (kind === 'device' && !/^[0-9a-f]{16}$/.test(target)) {
    throw new SallyportError('usage/invalid-argument', 'The target is not a device.', {
      where: 'target',
      mend: 'Use the device id shown with the principal; an address is none.',
    })
  }
  const { least, most } = quarantineBounds
  if (!Number.isFinite(action.ttlSeconds) || action.ttlSeconds < least || action.ttlSeconds > most) {
    throw new SallyportError('usage/invalid-argument', 'The duration is out of bounds.', {
      where: 'ttlSeconds',
      mend: `Use ${least} seconds to ${most} seconds (30 days).`,
    })
  }
  return {
    id: `q-${stableHash([kind, target, at, by, incident ?? ''])}`,
    kind,
    target,
    reason: incident === undefined ? 'Suspended by an operator.' : `Suspended for incident ${incident}.`,
    ...(incident === undefined ? {} : { incident }),
    createdAt: at,
    createdBy: by,
    expiresAt: at + Math.round(action.ttlSeconds * 1000),
  }
}
