import { memo } from '../kit/memo.ts'
import type { Json } from './content.ts'
import { isMask } from './mask.ts'
import { mayBeNamed, redactText } from './redact-text.ts'
import type { Redactor } from './redactor.ts'
import { shortestSecret } from './secret-value.ts'

/** The shortest key that could hold a name and a value, `pin=123`. */
const shortestNamed = 7

/**
 * Names that say something about a secret within an object of its name and never hold it: `{ token: { value, type, expires_at } }`.
 * Without case, `_` and `-`. `id` and `name` are not among them: a session's id is the session.
 */
const about = new Set([
  'active',
  'alg',
  'algorithm',
  'count',
  'created',
  'createdat',
  'createdon',
  'description',
  'enabled',
  'expired',
  'expires',
  'expiresat',
  'expiresin',
  'expiry',
  'issued',
  'issuedat',
  'lastused',
  'lastusedat',
  'length',
  'role',
  'roles',
  'scope',
  'scopes',
  'state',
  'status',
  'type',
  'tokentype',
  'updated',
  'updatedat',
])
const aboutNames = memo(key => about.has(key.replaceAll(/[_-]/g, '').toLowerCase()))
const isAbout = (key: string): boolean => key.length <= 16 && aboutNames(key)

/** What stands where the tree went deeper than it is followed. */
export const cutMark = '[cut: nested too deeply]'

/**
 * Replaces the secrets of a decoded tree, in place where it can: values under a secret's name by their masks, and secrets by their
 * form within any string. Beyond `limits.depth` the tree is cut. Returns the tree.
 */
export function redactTree(tree: Json, redactor: Redactor): Json {
  return redactAt(tree, redactor, undefined, redactor.limits.depth)
}

const redactAt = (value: Json, redactor: Redactor, what: string | undefined, depth: number): Json => {
  if (typeof value === 'string') return redactString(value, redactor, what)
  if (typeof value === 'number') {
    if (what !== undefined) return redactor.maskNamed(what, String(value))
    return value === 0 ? 0 : value
  }
  if (typeof value !== 'object' || value === null) return value
  if (depth === 0) return cutMark
  if (Array.isArray(value)) {
    const list = value as Json[]
    for (let index = 0; index < list.length; index += 1) {
      const before = list[index]!
      const after = redactAt(before, redactor, what, depth - 1)
      if (!Object.is(after, before)) list[index] = after
    }
    return list
  }
  const object = value as { [key: string]: Json }
  // Renaming a key adds one: whoever walks on meets the list as it was.
  let renamed: string[] | undefined
  for (const key in object) {
    const before = object[key]!
    const after = redactAt(
      before,
      redactor,
      redactor.names.classOf(key) ?? (what === undefined || isAbout(key) ? undefined : what),
      depth - 1,
    )
    // The key is the tree's own, also when it is `__proto__`: assignment changes that property and nothing else.
    if (!Object.is(after, before)) object[key] = after
    // A body that is not what its type says may come out as one long key.
    if (key.length >= shortestNamed && (key.length >= shortestSecret || mayBeNamed(key))) {
      renamed ??= []
      renamed.push(key)
    }
  }
  if (renamed === undefined) return object
  for (const key of renamed) {
    const shown = redactText(key, redactor)
    if (shown === key) continue
    const held = object[key]!
    delete object[key]
    put(object, shown, held)
  }
  return object
}

const redactString = (value: string, redactor: Redactor, what: string | undefined): string => {
  if (what !== undefined) return isMask(value) ? value : redactor.maskNamed(what, value)
  if (value.length < 5) return value
  if (value.length >= shortestSecret || mayBeNamed(value)) return redactText(value, redactor)
  return value
}

/** Sets a key of a fresh object, whatever it is called. */
export function put(object: { [key: string]: Json }, key: string, value: Json): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
  } else object[key] = value
}
