import type { Json } from '../call/content.ts'
import { hash32 } from '../kit/hash.ts'

export type FieldHint = 'user' | 'tenant'

const userNames = new Set([
  'owner',
  'ownerid',
  'ownername',
  'owneremail',
  'owneruserid',
  'ownedby',
  'user',
  'userid',
  'username',
  'useremail',
  'uid',
  'customer',
  'customerid',
  'customername',
  'customeremail',
  'account',
  'accountid',
  'accountowner',
  'accountname',
  'createdby',
  'creator',
  'creatorid',
  'author',
  'authorid',
  'email',
  'emailaddress',
  'patient',
  'patientid',
  'member',
  'memberid',
  'player',
  'playerid',
  'buyer',
  'buyerid',
  'payer',
  'payerid',
  'holder',
  'holderid',
  'accountholder',
  'cardholder',
  'login',
  'loginname',
  'sub',
  'subject',
  'principal',
  'principalid',
  'personid',
  'employeeid',
  'clientid',
  'profileid',
  'subscriberid',
  'guestid',
  'studentid',
  'driverid',
  'riderid',
  'userhandle',
  'handle',
  'belongsto',
])
const tenantNames = new Set([
  'tenant',
  'tenantid',
  'tenantname',
  'tenantslug',
  'tid',
  'org',
  'orgid',
  'orgname',
  'orgslug',
  'organization',
  'organizationid',
  'organisation',
  'organisationid',
  'workspace',
  'workspaceid',
  'company',
  'companyid',
  'merchant',
  'merchantid',
  'shopid',
  'practiceid',
  'realm',
])
const partNames = new Set([
  'id',
  'name',
  'email',
  'username',
  'sub',
  'login',
  'slug',
  'uuid',
  'handle',
  'reference',
])

const hints = new Map<string, FieldHint | null>()

function plainHint(name: string): FieldHint | undefined {
  const known = hints.get(name)
  if (known !== undefined) return known ?? undefined
  const folded = name.toLowerCase().replace(/[^a-z0-9]/g, '')
  const hint = userNames.has(folded) ? 'user' : tenantNames.has(folded) ? 'tenant' : undefined
  // Field names come from traffic: the memory of them is bounded.
  if (hints.size >= 4_096) hints.clear()
  hints.set(name, hint ?? null)
  return hint
}

/** Whether a field's name says that it names who something belongs to: `ownerId`, `user.email` (by its parent), `tenant`. */
export function fieldHint(name: string, parent = ''): FieldHint | undefined {
  const own = plainHint(name)
  if (own !== undefined && !(own === 'user' && plainHint(parent) === 'tenant')) return own
  if (parent !== '' && partNames.has(name.toLowerCase())) return plainHint(parent)
  return own
}

const maxDepth = 6
/** Elements of a list that are judged; of these the first tenth is enough to learn from. */
export const maxElements = 200
const learnedElements = 20
const maxLeaves = 300

/** A place in bodies, shared by all values met there. */
export interface Place {
  /** `data.ownerId`, `items[].owner`. */
  readonly path: string
  readonly key: string
  /** The key above. */
  readonly parent: string
  /** Whether its name says that it names who something belongs to. */
  readonly hint: FieldHint | undefined
  /** Hash of the path. */
  readonly mark: number
  /** What it says, by the number of the question: see `memoPlace`. */
  readonly said: unknown[]
}

const notAsked = Symbol('not asked')
let questions = 0

/** A pure function of a place that is answered once for each: bodies share their places, and each has some tens. */
export function memoPlace<Value>(of: (place: Place) => Value): (place: Place) => Value {
  const question = questions
  questions += 1
  return place => {
    const { said } = place
    while (said.length <= question) said.push(notAsked)
    const known = said[question]
    if (known !== notAsked) return known as Value
    const value = of(place)
    said[question] = value
    return value
  }
}

/** A scalar of a body: numbers as text. */
export interface Leaf {
  readonly place: Place
  readonly value: string
}

class PlaceNode implements Place {
  readonly path: string
  readonly key: string
  readonly parent: string
  readonly hint: FieldHint | undefined
  readonly mark: number
  readonly said: unknown[] = []
  readonly #fields = new Map<string, PlaceNode>()
  #elements: PlaceNode | undefined

  constructor(path: string, key: string, parent: string) {
    this.path = path
    this.key = key
    this.parent = parent
    this.hint = fieldHint(key, parent)
    this.mark = hash32(path)
  }

  field(name: string): PlaceNode {
    let node = this.#fields.get(name)
    if (node === undefined) {
      node = new PlaceNode(this.path === '' ? name : `${this.path}.${name}`, name, this.key)
      this.#fields.set(name, node)
      places += 1
    }
    return node
  }

  elements(): PlaceNode {
    this.#elements ??= new PlaceNode(`${this.path}[]`, this.key, this.parent)
    return this.#elements
  }
}

/** Places remembered, so that a path is put together and hashed once. Names come from traffic: emptied when full. */
const maxPlaces = 50_000
let places = 0
let root = new PlaceNode('', '', '')

/** Where walks of a body begin. */
export function rootPlace(): PlaceNode {
  if (places > maxPlaces) {
    places = 0
    root = new PlaceNode('', '', '')
  }
  return root
}

/** What was read last: several detectors look at the same two bodies, one after the other. */
const read: { value: Json | undefined; leaves: readonly Leaf[] }[] = [
  { value: undefined, leaves: [] },
  { value: undefined, leaves: [] },
]
let turn = 0

/**
 * The scalar leaves of a body, in its order; `null` and booleans are none. At most 6 levels, 20 elements of a list and 300 leaves; what
 * lies beyond is not visited.
 */
export function leavesOf(value: Json): readonly Leaf[] {
  const scalar = value === null || typeof value !== 'object'
  if (!scalar) for (const one of read) if (one.value === value) return one.leaves
  const leaves: Leaf[] = []
  const walk = (node: Json, place: PlaceNode, depth: number): void => {
    if (node === null || typeof node === 'boolean') return
    if (typeof node !== 'object') {
      if (leaves.length < maxLeaves)
        leaves.push({ place, value: typeof node === 'string' ? node : String(node) })
      return
    }
    if (depth >= maxDepth || leaves.length >= maxLeaves) return
    if (Array.isArray(node)) {
      const list = node as readonly Json[]
      const end = Math.min(list.length, learnedElements)
      for (let index = 0; index < end; index += 1) walk(list[index] ?? null, place.elements(), depth + 1)
      return
    }
    for (const name in node as { readonly [key: string]: Json }) {
      const child = (node as { readonly [key: string]: Json })[name]
      if (child !== undefined) walk(child, place.field(name), depth + 1)
    }
  }
  walk(value, rootPlace(), 0)
  if (!scalar) {
    turn = 1 - turn
    read[turn] = { value, leaves }
  }
  return leaves
}

/** Visits `leavesOf` a body. */
export function eachLeaf(
  value: Json,
  visit: (path: string, value: string, key: string, parent: string) => void,
): void {
  for (const { place, value: found } of leavesOf(value)) visit(place.path, found, place.key, place.parent)
}

type Step = readonly [name: string, lists: number]
const stepsOfPath = new Map<string, readonly Step[]>()

export function stepsOf(path: string): readonly Step[] {
  let steps = stepsOfPath.get(path)
  if (steps === undefined) {
    steps = path.split('.').map(step => {
      const lists = (step.match(/\[\]/g) ?? []).length
      return [lists === 0 ? step : step.slice(0, -2 * lists), lists]
    })
    if (stepsOfPath.size >= 4_096) stepsOfPath.clear()
    stepsOfPath.set(path, steps)
  }
  return steps
}

/** The elements of the list at a path without inner lists (`entry`, `data.items`, or nothing for a body that is a list), the first `most`. */
export function elementsAt(value: Json, path: string, most: number): readonly Json[] {
  let node: Json | undefined = value
  for (const name of path === '' ? [] : path.split('.')) {
    if (node === null || typeof node !== 'object' || Array.isArray(node) || !Object.hasOwn(node, name))
      return []
    node = (node as { readonly [key: string]: Json })[name]
  }
  return Array.isArray(node) ? (node as readonly Json[]).slice(0, most) : []
}

/** Path → distinct values found there, for the fields `wanted`; used where a few known fields are read. */
export function valuesAt(value: Json, path: string): readonly string[] {
  let nodes: Json[] = [value]
  for (const [name, lists] of stepsOf(path)) {
    const next: Json[] = []
    for (const node of nodes) {
      if (node === null || typeof node !== 'object') continue
      let found: Json | undefined =
        name === ''
          ? node
          : Array.isArray(node)
            ? undefined
            : (node as { readonly [key: string]: Json })[name]
      if (name !== '' && !Object.hasOwn(node, name)) found = undefined
      if (found === undefined) continue
      let level: Json[] = [found]
      for (let depth = 0; depth < lists; depth += 1) {
        const inner: Json[] = []
        for (const item of level)
          if (Array.isArray(item))
            for (const element of (item as readonly Json[]).slice(0, maxElements)) inner.push(element)
        level = inner
      }
      for (const item of level) next.push(item)
    }
    nodes = next
  }
  const values: string[] = []
  for (const node of nodes) {
    if (typeof node === 'string') values.push(node)
    else if (typeof node === 'number') values.push(String(node))
  }
  return values
}
