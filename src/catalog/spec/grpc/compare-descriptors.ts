import type { DescriptorSet, MessageDescriptor } from '../../../call/protocols/grpc/descriptor-set.ts'
import type { SpecChange } from '../spec-change.ts'

/** Types that the wire writes alike, so that one may become another (protobuf.dev, "Updating A Message Type"). */
const alike: readonly (readonly string[])[] = [
  ['int32', 'uint32', 'int64', 'uint64', 'bool'],
  ['sint32', 'sint64'],
  ['fixed32', 'sfixed32'],
  ['fixed64', 'sfixed64'],
  ['string', 'bytes'],
]

const compatible = (a: string, b: string): boolean =>
  alike.some(types => types.includes(a) && types.includes(b))

/** Every change between two descriptor sets, seen from clients built from the first. */
export function compareDescriptors(before: DescriptorSet, after: DescriptorSet): readonly SpecChange[] {
  const changes: SpecChange[] = []
  const tell = (kind: SpecChange['kind'], operation: string, what: string, at = ''): void => {
    changes.push({ kind, operation, at, what })
  }
  const methodsOf = (set: DescriptorSet) =>
    new Map(
      set.services.flatMap(({ name, methods }) => methods.map(one => [`${name}/${one.name}`, one] as const)),
    )
  const now = methodsOf(after)
  const old = methodsOf(before)
  for (const [name, was] of old) {
    const is = now.get(name)
    if (is === undefined) {
      tell(was.deprecated ? 'risky' : 'breaking', name, was.deprecated ? 'is gone, as announced' : 'is gone')
      continue
    }
    if (!was.deprecated && is.deprecated) tell('risky', name, 'is deprecated now')
    if (was.input !== is.input) tell('breaking', name, `type ${was.input} became ${is.input}`, 'request')
    if (was.output !== is.output) tell('breaking', name, `type ${was.output} became ${is.output}`, 'response')
    if (was.clientStreaming !== is.clientStreaming)
      tell('breaking', name, is.clientStreaming ? 'is a stream now' : 'is no stream any more', 'request')
    if (was.serverStreaming !== is.serverStreaming)
      tell('breaking', name, is.serverStreaming ? 'is a stream now' : 'is no stream any more', 'response')
  }
  for (const name of now.keys()) if (!old.has(name)) tell('safe', name, 'is new')
  for (const [name, was] of before.messages) {
    const is = after.messages.get(name)
    if (is === undefined) tell('breaking', name, 'is gone')
    else compareMessages(was, is, tell)
  }
  for (const name of after.messages.keys()) if (!before.messages.has(name)) tell('safe', name, 'is new')
  for (const [name, was] of before.enums) {
    const is = after.enums.get(name)
    if (is === undefined) tell('breaking', name, 'is gone')
    else {
      for (const value of was.values)
        if (!is.values.some(({ number }) => number === value.number))
          tell('breaking', `${name}.${value.name}`, 'is gone')
      for (const value of is.values)
        if (!was.values.some(({ number }) => number === value.number))
          tell('risky', `${name}.${value.name}`, 'is a new value: clients may not know it')
    }
  }
  return changes
}

function compareMessages(
  was: MessageDescriptor,
  is: MessageDescriptor,
  tell: (kind: SpecChange['kind'], operation: string, what: string) => void,
): void {
  const now = new Map(is.fields.map(field => [field.number, field]))
  for (const old of was.fields) {
    const field = now.get(old.number)
    const at = `${was.name}.${old.name}`
    if (field === undefined) {
      tell(old.deprecated ? 'risky' : 'breaking', at, old.deprecated ? 'is gone, as announced' : 'is gone')
      continue
    }
    if (field.name !== old.name)
      tell('risky', at, `is called ${field.name} now: the same on the wire, another name in JSON and in code`)
    if (field.type !== old.type)
      tell(
        compatible(old.type, field.type) ? 'risky' : 'breaking',
        at,
        `type ${old.type} became ${field.type}${compatible(old.type, field.type) ? ', which the wire writes alike' : ''}`,
      )
    if (field.repeated !== old.repeated)
      tell('breaking', at, field.repeated ? 'is a list now' : 'is no list any more')
    if (!old.deprecated && field.deprecated) tell('risky', at, 'is deprecated now')
  }
  const before = new Set(was.fields.map(({ number }) => number))
  for (const field of is.fields)
    if (!before.has(field.number)) tell('safe', `${was.name}.${field.name}`, 'is new')
}
