import type { SpecChange } from '../spec-change.ts'
import {
  type GraphqlField,
  type GraphqlSchema,
  type GraphqlType,
  rootKinds,
  type TypeRef,
  typeText,
} from './graphql-schema.ts'

/** Every change between two GraphQL schemas, type by type, seen from clients written for the first. */
export function compareGraphql(before: GraphqlSchema, after: GraphqlSchema): readonly SpecChange[] {
  const changes: SpecChange[] = []
  const tell = (kind: SpecChange['kind'], operation: string, at: string, what: string): void => {
    changes.push({ kind, operation, at, what })
  }
  for (const kind of rootKinds) {
    const was = before.roots.get(kind)
    const is = after.roots.get(kind)
    if (was !== undefined && is === undefined) tell('breaking', kind, '', 'can no longer be asked')
    else if (was === undefined && is !== undefined) tell('safe', kind, '', 'is new')
  }
  for (const [name, was] of before.types) {
    const is = after.types.get(name)
    if (is === undefined) tell('breaking', name, '', 'is gone')
    else if (is.kind !== was.kind) tell('breaking', name, '', `was ${was.kind}, is ${is.kind}`)
    else compareTypes(was, is, tell)
  }
  for (const name of after.types.keys()) if (!before.types.has(name)) tell('safe', name, '', 'is new')
  return changes
}

type Tell = (kind: SpecChange['kind'], operation: string, at: string, what: string) => void

function compareTypes(was: GraphqlType, is: GraphqlType, tell: Tell): void {
  const input = was.kind === 'input'
  for (const [name, old] of was.fields) {
    const now = is.fields.get(name)
    const at = `${was.name}.${name}`
    if (now === undefined) {
      const announced = old.deprecated !== undefined
      tell(announced ? 'risky' : 'breaking', at, '', announced ? 'is gone, as announced' : 'is gone')
      continue
    }
    compareTypeOf(old, now, at, '', input, tell)
    if (old.deprecated === undefined && now.deprecated !== undefined)
      tell('risky', at, '', 'is deprecated now')
    compareArguments(old, now, at, tell)
  }
  for (const [name, now] of is.fields)
    if (!was.fields.has(name)) {
      const demands = input && now.type.required && !now.hasDefault
      tell(
        demands ? 'breaking' : 'safe',
        `${was.name}.${name}`,
        '',
        demands ? 'is new and required' : 'is new',
      )
    }
  for (const value of was.values.keys())
    if (!is.values.has(value)) tell('breaking', `${was.name}.${value}`, '', 'is gone')
    else if (was.values.get(value) === undefined && is.values.get(value) !== undefined)
      tell('risky', `${was.name}.${value}`, '', 'is deprecated now')
  for (const value of is.values.keys())
    if (!was.values.has(value))
      tell('risky', `${was.name}.${value}`, '', 'is a new value: clients may not know it')
  const members = (list: readonly string[], other: readonly string[]): readonly string[] =>
    list.filter(one => !other.includes(one))
  for (const name of members(was.members, is.members)) tell('breaking', was.name, '', `no longer has ${name}`)
  for (const name of members(is.members, was.members))
    tell('risky', was.name, '', `may also be ${name}: clients may not know it`)
  for (const name of members(was.interfaces, is.interfaces))
    tell('breaking', was.name, '', `no longer implements ${name}`)
  for (const name of members(is.interfaces, was.interfaces))
    tell('risky', was.name, '', `also implements ${name}: clients may not know it`)
}

function compareArguments(was: GraphqlField, is: GraphqlField, at: string, tell: Tell): void {
  for (const [name, old] of was.args) {
    const now = is.args.get(name)
    if (now === undefined) tell('breaking', at, `argument:${name}`, 'is gone')
    else compareTypeOf(old, now, at, `argument:${name}`, true, tell)
  }
  for (const [name, now] of is.args)
    if (!was.args.has(name)) {
      const demands = now.type.required && !now.hasDefault
      tell(demands ? 'breaking' : 'safe', at, `argument:${name}`, demands ? 'is new and required' : 'is new')
    }
}

function compareTypeOf(
  was: GraphqlField,
  is: GraphqlField,
  operation: string,
  at: string,
  input: boolean,
  tell: Tell,
): void {
  const before = typeText(was.type)
  const after = typeText(is.type)
  if (before === after) return
  // What is given may be demanded less, what is answered may be promised more.
  const safe = input ? covers(is.type, was.type) : covers(was.type, is.type)
  tell(safe ? 'safe' : 'breaking', operation, at, `type ${before} became ${after}`)
}

/** True where every value of the second type is one of the first. */
function covers(wide: TypeRef, narrow: TypeRef): boolean {
  if (wide.required && !narrow.required) return false
  if (wide.kind === 'list') return narrow.kind === 'list' && covers(wide.of, narrow.of)
  return narrow.kind === 'named' && narrow.name === wide.name
}
