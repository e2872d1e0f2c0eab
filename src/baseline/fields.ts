import type { Json } from '../call/content.ts'

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
const partNames = new Set(['id', 'name', 'email', 'username', 'sub', 'login', 'slug', 'uuid', 'handle'])

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
const maxElements = 200
const learnedElements = 20
const maxLeaves = 300

/**
 * Visits the scalar leaves of a body: its path (`data.ownerId`, `items[].owner`), value, key and the key above.
 * At most 6 levels, 20 elements of a list and 300 leaves; what lies beyond is not visited.
 */
export function eachLeaf(
  value: Json,
  visit: (path: string, value: string, key: string, parent: string) => void,
): void {
  let leaves = 0
  const walk = (node: Json, path: string, key: string, parent: string, depth: number): void => {
    if (node === null || typeof node === 'boolean') return
    if (typeof node !== 'object') {
      leaves += 1
      if (leaves <= maxLeaves) visit(path, typeof node === 'string' ? node : String(node), key, parent)
      return
    }
    if (depth >= maxDepth || leaves >= maxLeaves) return
    if (Array.isArray(node)) {
      const list = node as readonly Json[]
      const end = Math.min(list.length, learnedElements)
      for (let index = 0; index < end; index += 1)
        walk(list[index] ?? null, `${path}[]`, key, parent, depth + 1)
      return
    }
    for (const name in node as { readonly [key: string]: Json }) {
      const child = (node as { readonly [key: string]: Json })[name]
      if (child !== undefined) walk(child, path === '' ? name : `${path}.${name}`, name, key, depth + 1)
    }
  }
  walk(value, '', '', '', 0)
}

/** Path → distinct values found there, for the fields `wanted`; used where a few known fields are read. */
export function valuesAt(value: Json, path: string): readonly string[] {
  const steps = path.split('.')
  let nodes: Json[] = [value]
  for (const step of steps) {
    const lists = (step.match(/\[\]/g) ?? []).length
    const name = lists === 0 ? step : step.slice(0, -2 * lists)
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
