import { attributeNumbers } from './conventions.ts'
import { Attributes, type AttributeValue, type Span, type SpanKind, type SpanResource } from './span.ts'

/** Spans for tests: what is not said is ordinary. */
export function attributesWith(values: Readonly<Record<string, AttributeValue>>): Attributes {
  const attributes = new Attributes()
  for (const [name, value] of Object.entries(values)) {
    const number = attributeNumbers.get(name)
    if (number === undefined) throw new Error(`no attribute is called ${name}`)
    attributes.set(number, value)
  }
  return attributes
}

export const resourceNamed = (
  name: string,
  more: Readonly<Record<string, AttributeValue>> = {},
): SpanResource => ({
  attributes: attributesWith({ 'service.name': name, ...more }),
})

export const packedId = (number: number, size: number): string =>
  String.fromCharCode(
    ...Array.from({ length: size }, (_, index) =>
      index === size - 1 ? number & 255 : index === 0 ? 1 + (number >> 8) : 7,
    ),
  )

export function spanOf(
  id: number,
  parent: number,
  kind: SpanKind,
  resource: SpanResource,
  more: {
    readonly name?: string
    readonly attributes?: Readonly<Record<string, AttributeValue>>
    readonly start?: number
    readonly failed?: boolean
    readonly traceState?: string
  } = {},
): Span {
  const start = more.start ?? 1_796_000_000_000 + id
  return {
    resource,
    traceId: packedId(1, 16),
    spanId: packedId(id, 8),
    parentId: parent === 0 ? '' : packedId(parent, 8),
    traceState: more.traceState ?? '',
    name: more.name ?? '',
    kind,
    start,
    end: start + 5,
    failed: more.failed ?? false,
    attributes: attributesWith(more.attributes ?? {}),
  }
}
