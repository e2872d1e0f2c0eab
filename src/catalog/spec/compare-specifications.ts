import { compareSchemas } from './compare-schemas.ts'
import { compareGraphql } from './graphql/compare-graphql.ts'
import { compareDescriptors } from './grpc/compare-descriptors.ts'
import { shapeOf } from './match.ts'
import type { SpecChange } from './spec-change.ts'
import type { SpecBody, Specification, SpecOperation, SpecSecurity } from './specification.ts'

export type { SpecChange }

/** Every change between two versions of a specification: breaking first, then by operation. */
export function compareSpecifications(before: Specification, after: Specification): readonly SpecChange[] {
  return sorted(changesBetween(before, after))
}

function changesBetween(before: Specification, after: Specification): SpecChange[] {
  if (before.graphql !== undefined && after.graphql !== undefined)
    return [...compareGraphql(before.graphql, after.graphql)]
  if (before.descriptors !== undefined && after.descriptors !== undefined)
    return [...compareDescriptors(before.descriptors, after.descriptors)]
  const old = operationsOf(before)
  const now = operationsOf(after)
  const changes: SpecChange[] = []
  for (const [shape, was] of old) {
    const is = now.get(shape)
    const operation = nameOf(was)
    if (is === undefined) {
      const announced = was.deprecated || was.sunset !== undefined
      changes.push({
        kind: announced ? 'risky' : 'breaking',
        operation,
        at: '',
        what: announced ? 'is gone, as announced' : 'is gone',
      })
    } else changes.push(...compareOperations(was, is, nameOf(is)))
  }
  for (const [shape, is] of now)
    if (!old.has(shape)) changes.push({ kind: 'safe', operation: nameOf(is), at: '', what: 'is new' })
  return changes
}

function sorted(changes: SpecChange[]): readonly SpecChange[] {
  const order = ['breaking', 'risky', 'safe']
  const text = (change: SpecChange): string => `${change.operation}\0${change.at}\0${change.what}`
  return changes.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || (text(a) < text(b) ? -1 : 1))
}

const nameOf = (operation: SpecOperation): string =>
  `${operation.method} ${operation.servers[0]?.basePath ?? ''}${operation.path}`

function operationsOf(specification: Specification): ReadonlyMap<string, SpecOperation> {
  const operations = new Map<string, SpecOperation>()
  for (const operation of specification.operations) {
    const key = shapeOf(nameOf(operation))
    if (!operations.has(key)) operations.set(key, operation)
  }
  return operations
}

function compareOperations(was: SpecOperation, is: SpecOperation, operation: string): readonly SpecChange[] {
  const changes: SpecChange[] = []
  const tell = (kind: SpecChange['kind'], at: string, what: string): void => {
    changes.push({ kind, operation, at, what })
  }
  if (!was.deprecated && is.deprecated) tell('risky', '', 'is deprecated now')
  compareParameters(was, is, tell)
  compareSecurity(was.security, is.security, tell)
  if (was.body === undefined && is.body?.required === true) tell('breaking', 'request', 'demands a body now')
  else if (was.body !== undefined && is.body === undefined) tell('risky', 'request', 'takes no body any more')
  else if (was.body !== undefined && is.body !== undefined) {
    if (!was.body.required && is.body.required) tell('breaking', 'request', 'demands a body now')
    compareBodies(was.body, is.body, 'request', 'request', tell)
  }
  for (const [status, body] of was.responses) {
    const other = is.responses.get(status)
    if (other === undefined)
      tell(status.startsWith('2') ? 'breaking' : 'risky', `response ${status}`, 'is gone')
    else compareBodies(body, other, 'response', `response ${status}`, tell)
  }
  for (const status of is.responses.keys())
    if (!was.responses.has(status))
      tell(status.startsWith('2') ? 'risky' : 'safe', `response ${status}`, 'is new')
  return changes
}

type Tell = (kind: SpecChange['kind'], at: string, what: string) => void

function compareParameters(was: SpecOperation, is: SpecOperation, tell: Tell): void {
  // Path parameters are one by place, whatever they are called.
  const keys = (operation: SpecOperation): Map<string, SpecOperation['parameters'][number]> => {
    const places = [...operation.path.matchAll(/\{([^{}]*)\}/g)].map(match => match[1] ?? '')
    return new Map(
      operation.parameters.map(one => [
        one.in === 'path' ? `path ${places.indexOf(one.name)}` : `${one.in} ${one.name.toLowerCase()}`,
        one,
      ]),
    )
  }
  const before = keys(was)
  const after = keys(is)
  for (const [key, one] of before) {
    const at = `${one.in}:${one.name}`
    const other = after.get(key)
    if (other === undefined) tell('risky', at, 'is no longer named')
    else {
      if (!one.required && other.required) tell('breaking', at, 'is required now')
      for (const change of compareSchemas(one.schema, other.schema, 'request'))
        tell(change.kind, change.at === '$' ? at : `${at}.${change.at}`, change.what)
    }
  }
  for (const [key, one] of after)
    if (!before.has(key) && one.in !== 'path')
      tell(
        one.required ? 'breaking' : 'safe',
        `${one.in}:${one.name}`,
        one.required ? 'is new and required' : 'is new',
      )
}

function compareSecurity(
  was: readonly (readonly SpecSecurity[])[],
  is: readonly (readonly SpecSecurity[])[],
  tell: Tell,
): void {
  const open = (list: typeof was): boolean => list.length === 0 || list.some(one => one.length === 0)
  const text = (list: typeof was): readonly string[] =>
    list.map(one =>
      one
        .map(({ scheme, at }) => (at === undefined ? scheme : `${scheme} in ${at}`))
        .sort()
        .join(' with '),
    )
  if (open(was) && open(is)) return
  if (open(is))
    tell('risky', 'security', `no credential is demanded any more, before: ${text(was).join(' or ')}`)
  else if (open(was)) tell('breaking', 'security', `demands ${text(is).join(' or ')} now`)
  else {
    const now = new Set(text(is))
    const gone = text(was).filter(one => !now.has(one))
    if (gone.length > 0) tell('breaking', 'security', `no longer takes ${gone.join(' or ')}`)
    const before = new Set(text(was))
    const fresh = text(is).filter(one => !before.has(one))
    if (fresh.length > 0) tell('risky', 'security', `also takes ${fresh.join(' or ')}`)
  }
}

function compareBodies(
  was: SpecBody,
  is: SpecBody,
  side: 'request' | 'response',
  at: string,
  tell: Tell,
): void {
  for (const [type, schema] of was.media) {
    const other = is.media.get(type)
    if (!is.media.has(type))
      tell('breaking', at, `no longer ${side === 'request' ? 'takes' : 'gives'} ${type}`)
    else if (schema !== undefined && other !== undefined)
      for (const change of compareSchemas(schema, other, side))
        tell(change.kind, `${at}:${change.at}`, change.what)
  }
}
