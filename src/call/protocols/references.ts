import type { Json } from '../content.ts'
import type { JsonObject } from './glance.ts'
import { type ObjectRef, operationBounds } from './operation.ts'

const bareNames = new Set(['id', 'ids', 'uuid', 'guid', '_id', 'slug', 'nodeid', 'oid', 'pk'])
/** Ids of the call itself, or of the device that makes it: another one each time, and nobody's object. */
const callNames =
  /^(?:client_?mutation|request|req|correlation|trace|span|idempotency|csrf|xsrf|nonce|device|visitor|anonymous|session|tracking|operation|query|msg|rpc|batch|page|cursor)$/i
/** Somebody says who they are: a name there is a claim, not a reference. */
const signIn =
  /log_?in|log_?on|sign_?(?:in|up)|register|registration|authenticat|password|token|session|otp|mfa/i
const userNames = new Set(['username', 'user', 'login', 'handle', 'email', 'useremail'])
/** Comparisons of filter languages: the value stands one level further down. */
const comparisons = new Set(['eq', '_eq', 'equals', 'in', '_in', 'is', '_is', 'exact'])
const verbs =
  /^(?:get|fetch|read|find|load|list|show|view|lookup|query|search|retrieve|describe|create|add|insert|update|edit|set|put|patch|modify|change|delete|remove|destroy|cancel|archive|restore|approve|submit|send|download|export|upsert|by|all|my|batch|node|nodes)$/

/** Keys that only hold what they are about. */
const containers =
  /^(?:input|where|filter|filters|data|params|args|arguments|options|payload|object|objects|set|_and|_or|and|or|attributes|body|request)$/i

const deepest = 6
const mostElements = 32

/** Whether an operation of that name is about who the caller is. */
export const signsIn = (name: string): boolean => signIn.test(name)

/**
 * The objects that named arguments refer to. `id: 5` is an object of the operation's own noun, `orderId: 5` one of its
 * own; comparisons (`{ id: { _eq: 5 } }`) and nested inputs are followed to 6 levels. Relay's global ids and `gid://`
 * are read as what they say. At most 32.
 *
 * @param noun what the operation is about, singular
 */
export function referencesIn(args: Json | undefined, noun: string, into: ObjectRef[] = []): ObjectRef[] {
  if (args !== undefined) walk(args, noun, into, deepest)
  return into
}

function walk(value: Json, noun: string, into: ObjectRef[], depth: number): void {
  if (depth === 0 || typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    const list = value as readonly Json[]
    const end = Math.min(list.length, mostElements)
    for (let index = 0; index < end; index += 1) walk(list[index]!, noun, into, depth - 1)
    return
  }
  const object = value as JsonObject
  let left = 128
  for (const key in object) {
    left -= 1
    if (left < 0 || into.length >= operationBounds.objects) return
    const child = object[key]!
    const type = typeNamed(key, noun)
    if (type !== undefined && add(child, type, into, 2)) continue
    if (typeof child === 'object' && child !== null)
      walk(child, containers.test(key) ? noun : (nounOf(key) ?? noun), into, depth - 1)
  }
}

/** Adds a scalar, the scalars of a list, or those of a comparison; false where there were none. */
function add(value: Json, type: string, into: ObjectRef[], depth: number): boolean {
  if (typeof value === 'string' || (typeof value === 'number' && Number.isSafeInteger(value))) {
    const text = String(value)
    if (text === '' || text.length > 2_048) return true
    if (into.length < operationBounds.objects) into.push(readReference(text, type))
    return true
  }
  if (depth === 0 || typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) {
    const list = value as readonly Json[]
    let some = false
    for (let index = 0; index < list.length && index < mostElements; index += 1)
      if (add(list[index]!, type, into, 0)) some = true
    return some
  }
  let some = false
  for (const key of comparisons) {
    const compared = (value as JsonObject)[key]
    if (compared !== undefined && Object.hasOwn(value, key) && add(compared, type, into, depth - 1))
      some = true
  }
  return some
}

const globalId = /^([A-Za-z][A-Za-z0-9_]{1,40})[:|/]([\x21-\x7e]{1,96})$/
const base64 = /^[A-Za-z0-9+/_-]{8,172}={0,2}$/
const schemeId = /^gid:\/\/[\w.-]{1,64}\/([A-Za-z]\w{0,40})\/([\x21-\x7e]{1,96})$/

/** A reference as it was sent, or as the global id in it says: `T3JkZXI6NQ==` is `Order:5`. */
function readReference(text: string, type: string): ObjectRef {
  if (text.length <= 172) {
    if (text.startsWith('gid://')) {
      const found = schemeId.exec(text)
      if (found !== null) return { type: nounOf(found[1]!) ?? type, id: found[2]! }
    } else if (text.length >= 8 && base64.test(text) && !/^\d+$/.test(text)) {
      const found = globalId.exec(Buffer.from(text, 'base64').toString('latin1'))
      if (found !== null) return { type: nounOf(found[1]!) ?? type, id: found[2]! }
    }
  }
  return { type, id: text.length > 128 ? text.slice(0, 128) : text }
}

/** Kind of object a key's value refers to; undefined where the key names something else. */
function typeNamed(key: string, noun: string): string | undefined {
  const known = keyTypes.get(key)
  if (known !== undefined) return known === '' ? undefined : known === '*' ? noun : known
  const type = key.length > 64 ? '' : readKey(key)
  // Keys come from traffic: the memory of them is bounded.
  if (keyTypes.size >= 4_096) keyTypes.clear()
  if (key.length <= 64) keyTypes.set(key, type)
  return type === '' ? undefined : type === '*' ? noun : type
}

const keyTypes = new Map<string, string>()

function readKey(key: string): string {
  const folded = key.toLowerCase()
  if (bareNames.has(folded)) return '*'
  if (userNames.has(folded)) return 'user'
  const stem = /^(.{2,}?)(?:_?ids?|-ids?|_?uuids?|_?guids?)$/i.exec(key)?.[1]
  if (stem === undefined || callNames.test(stem)) return ''
  // `paid`, `valid`, `grid`: the ending must begin a word.
  if (/(?:[a-z0-9])(?:id|ids|uuid|uuids|guid|guids)$/.test(key)) return ''
  return nounOf(stem) ?? '*'
}

const nouns = new Map<string, string>()

/**
 * What a name is about, singular: `getOrderById` → `order`, `order_items` → `order item`, `shop.Orders` → `order`. Undefined where it is
 * only a verb.
 */
export function nounOf(name: string): string | undefined {
  const known = nouns.get(name)
  if (known !== undefined) return known === '' ? undefined : known
  const found = name.length > 200 ? '' : readNoun(name)
  if (nouns.size >= 4_096) nouns.clear()
  if (name.length <= 200) nouns.set(name, found)
  return found === '' ? undefined : found
}

function readNoun(name: string): string {
  const last = name.slice(Math.max(name.lastIndexOf('.'), name.lastIndexOf('/'), name.lastIndexOf(':')) + 1)
  const words = wordsOf(last)
  const kept: string[] = []
  for (const word of words) {
    // `OrderById`, `ordersForUser`: what follows says how it is found.
    if (kept.length > 0 && (word === 'by' || word === 'for' || word === 'with' || word === 'from')) break
    if (!verbs.test(word)) kept.push(word)
  }
  const noun = kept.slice(0, 3)
  const end = noun.pop()
  if (end !== undefined) return [...noun, singular(end)].join(' ')
  // `shop.Orders/Get`, `orders.get`: the word before.
  return last.length === name.length ? '' : readNoun(name.slice(0, name.length - last.length - 1))
}

const wordsOf = (text: string): readonly string[] =>
  text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]/)
    .filter(word => word !== '' && !/^\d+$/.test(word))

function singular(noun: string): string {
  if (noun.endsWith('ies') && noun.length > 4) return `${noun.slice(0, -3)}y`
  if (/(?:ses|xes|ches|shes)$/.test(noun)) return noun.slice(0, -2)
  return noun.endsWith('s') && !noun.endsWith('ss') && noun.length > 3 ? noun.slice(0, -1) : noun
}
