import type { Content } from '../call/content.ts'
import type { Identity } from '../identity/identity.ts'
import { memoOf } from '../kit/memo.ts'
import { attributeOf } from './attributes.ts'
import { maxElements, valuesAt } from './fields.ts'
import { JsonFields } from './json-fields.ts'
import type { OwnerBinding } from './owner-binding.ts'
import { crossesByName } from './privilege.ts'

export interface OwnerVerdict {
  /** Whom the answer belongs to: the caller's own value, or the first foreign one; empty where nothing is known. */
  readonly owner: string
  readonly tenant: string
  /** It belongs to another user, and the caller is not among those who may. */
  readonly foreign: boolean
  readonly foreignTenant: boolean
}

/**
 * Whether a caller is among those who may cross: by a role whose name says so, as a service account (user scope), or as
 * learned (a role, `kind:<kind>` or `principal:<id>` in `exemptRoles`).
 */
export function isExempt(binding: OwnerBinding, identity: Identity): boolean {
  const { exemptRoles, scope } = binding
  if (scope === 'user' && identity.kind === 'service') return true
  for (const role of identity.roles) if (exemptRoles.includes(role) || crossesByName(role, scope)) return true
  if (exemptRoles.length === 0) return false
  return (
    exemptRoles.includes(`kind:${identity.kind}`) || exemptRoles.includes(`principal:${identity.principal}`)
  )
}

/** Names are compared as written, e-mail addresses without regard to case. */
export function sameName(a: string, b: string): boolean {
  return a === b || (a.length === b.length && a.includes('@') && a.toLowerCase() === b.toLowerCase())
}

/**
 * Whether a value names somebody in the way `own` does: an address is contradicted by another address, not by the telephone number in the
 * same list.
 */
export const isComparable = (value: string, own: string): boolean =>
  !own.includes('@') || own.startsWith('@') || value.includes('@')

/**
 * Judges an answer by the bindings of its endpoint. Pure.
 *
 * @param bindings those of one endpoint; ones whose field is `path:<name>` are judged where `params` are given
 * @param content the response body; only decoded JSON can be judged
 * @param params the values of the path's placeholders
 */
export function judgeOwner(
  bindings: readonly OwnerBinding[],
  content: Content,
  identity: Identity,
  params: readonly (readonly [name: string, value: string])[] = [],
): OwnerVerdict {
  return judgeRead(
    bindings,
    field => (content.kind === 'json' ? valuesAt(content.value, field) : []),
    identity,
    params,
  )
}

/** The same where the fields of the answer were read without decoding all of it (see `answerFields`). */
export function judgeRead(
  bindings: readonly OwnerBinding[],
  valuesOf: (field: string) => readonly string[],
  identity: Identity,
  params: readonly (readonly [name: string, value: string])[] = [],
): OwnerVerdict {
  return judgeValues(bindings, identity, field =>
    field.startsWith(ofPath)
      ? params.filter(([name]) => name === field.slice(ofPath.length)).map(([, value]) => value)
      : valuesOf(field),
  )
}

/** Reads the fields of an answer's JSON that its bindings judge by. */
export const answerFields = memoOf(
  (bindings: readonly OwnerBinding[]) =>
    new JsonFields(
      bindings.flatMap(({ field }) => (field.startsWith(ofPath) ? [] : [field])),
      maxElements,
    ),
)

const ofPath = 'path:'

/** The same over field values that were kept from an answer. */
export function judgeValues(
  bindings: readonly OwnerBinding[],
  identity: Identity,
  valuesOf: (field: string) => readonly string[],
): OwnerVerdict {
  let owner = ''
  let tenant = ''
  let foreign = false
  let foreignTenant = false
  for (const binding of bindings) {
    const own = attributeOf(identity, binding.claim)
    const found = valuesOf(binding.field)
    // Who has no name of that kind is told by the form of the others' what to look at.
    const form = own ?? found.find(value => value.includes('@')) ?? ''
    const values = found.every(value => isComparable(value, form))
      ? found
      : found.filter(value => isComparable(value, form))
    const [first] = values
    if (first === undefined) continue
    const other =
      own === undefined
        ? undefined
        : values.find(value => !sameName(value, own) && identity.names?.includes(value) !== true)
    const crosses = other !== undefined && !isExempt(binding, identity)
    if (binding.scope === 'user') {
      if (owner === '' || (crosses && !foreign)) owner = other ?? own ?? first
      foreign ||= crosses
    } else {
      if (tenant === '' || (crosses && !foreignTenant)) tenant = other ?? own ?? first
      foreignTenant ||= crosses
    }
  }
  return { owner, tenant, foreign, foreignTenant }
}
