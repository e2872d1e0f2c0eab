import type { SchemaNode, SchemaVariants } from '../schema-node.ts'
import { integerFormat } from './field-format.ts'
import type { FieldNode } from './field-node.ts'
import type { SchemaLimits, SchemaScope } from './schema-limits.ts'

export interface SchemaView {
  readonly limits: SchemaLimits
  /** The values were written as text: several types of them are together text. */
  readonly textual: boolean
  /** Traffic spans long enough that what never came may be called not allowed. */
  readonly closable: boolean
}

/** The immutable picture of a learned place and of everything below it. */
export function nodeSchema(node: FieldNode, view: SchemaView, name = ''): SchemaNode {
  const types = typesOf(node, view.textual)
  const dataClass = node.evidence?.label()
  const isText = types.includes('string')
  // Where text and numbers are mixed on a textual wire, the strings alone do not describe the values.
  const whole = !view.textual || node.integers + node.numbers + node.booleans === 0
  const text = isText && whole ? node.text : undefined
  const format = text?.format() ?? numberFormat(node, types, view)
  const words =
    dataClass === undefined && node.masked === 0 && !namesThings(name)
      ? text?.enumeration(view.limits)
      : undefined
  return {
    type: types.length === 1 ? types[0]! : types,
    ...(format === undefined ? {} : { format }),
    ...classFacts(node),
    ...objectFacts(node, view),
    ...(node.items === undefined ? {} : { items: nodeSchema(node.items, view, name) }),
    ...(words === undefined ? {} : { enum: words }),
    ...(text?.format() === undefined && words === undefined ? lengthFacts(node, view) : {}),
    ...(types.includes('integer') || types.includes('number') ? rangeFacts(node, view) : {}),
    seen: node.seen,
  }
}

const thing =
  /(?:^|[a-z_. -])(?:[iI][dD]|ID|[nN]ame|[uU]ser|[tT]itle|[oO]wner|[aA]uthor|[lL]ogin|[eE]mail|[kK]ey|[sS]lug|[tT]oken|[hH]ost)s?$/

/** Does a field of that name say which thing is meant? Then its values are no closed set, however few they were. */
const namesThings = (name: string): boolean => thing.test(name)

/** The schema of a whole body, with how much it can be relied on. */
export function bodySchema(node: FieldNode, scope: SchemaScope, view: SchemaView): SchemaNode {
  const skipped = scope.skippedFields + scope.skippedDepth
  return {
    ...nodeSchema(node, view),
    confidence: confidenceOf(node),
    ...(skipped === 0 ? {} : { skipped }),
  }
}

function numberFormat(node: FieldNode, types: readonly string[], { limits }: SchemaView): string | undefined {
  if (!types.includes('integer') || types.includes('string')) return undefined
  return integerFormat(node.low, node.high, node.integers >= limits.rangeAfter)
}

function classFacts({ evidence }: FieldNode): Pick<SchemaNode, 'dataClass' | 'formerDataClass' | 'testData'> {
  const dataClass = evidence?.label()
  if (dataClass !== undefined) return { dataClass }
  const formerDataClass = evidence?.former
  const testData = evidence?.testData
  return {
    ...(formerDataClass === undefined ? {} : { formerDataClass }),
    ...(testData === undefined ? {} : { testData }),
  }
}

function typesOf(node: FieldNode, textual: boolean): readonly string[] {
  const types: string[] = []
  const numbers = node.integers + node.numbers
  if (node.objects > 0) types.push('object')
  if (node.arrays > 0) types.push('array')
  const plain = node.strings - node.masked
  const mixed = textual && numbers > 0 && node.booleans > 0
  if (plain > 0 || mixed || (node.masked > 0 && numbers + node.booleans === 0)) types.push('string')
  if (!(textual && types.includes('string'))) {
    if (node.numbers > 0) types.push('number')
    else if (node.integers > 0) types.push('integer')
    if (node.booleans > 0) types.push('boolean')
  }
  if (node.nulls > 0) types.push('null')
  return types
}

function objectFacts(
  node: FieldNode,
  view: SchemaView,
): Pick<SchemaNode, 'properties' | 'required' | 'additionalProperties' | 'variants' | 'recursesTo'> {
  if (node.properties === undefined) return {}
  if (node.recursesTo > 0) return { recursesTo: node.recursesTo }
  const names = [...node.properties.keys()].sort()
  const { requiredAfter, closedAfter } = view.limits
  const required =
    node.objects >= requiredAfter
      ? names.filter(name => node.properties?.get(name)?.seen === node.objects)
      : []
  // A null prototype: keys come from traffic, `__proto__` included.
  const properties: Record<string, SchemaNode> = Object.create(null) as Record<string, SchemaNode>
  let singles = 0
  for (const name of names) {
    const child = node.properties.get(name)!
    properties[name] = nodeSchema(child, view, name)
    if (child.bodies === 1) singles += 1
  }
  const closed =
    view.closable &&
    node.values === undefined &&
    node.objects >= closedAfter &&
    singles === 0 &&
    names.length > 0
  const found = node.variants?.variants(view.limits, node.properties)
  const variants: SchemaVariants | undefined =
    found === undefined ? undefined : { property: node.variants!.property, of: found }
  return {
    ...(names.length === 0 && node.values !== undefined ? {} : { properties }),
    ...(required.length === 0 ? {} : { required }),
    ...(node.values === undefined ? {} : { additionalProperties: nodeSchema(node.values, view) }),
    ...(closed ? { additionalProperties: false as const } : {}),
    ...(variants === undefined ? {} : { variants }),
  }
}

function lengthFacts(node: FieldNode, { limits }: SchemaView): Pick<SchemaNode, 'minLength' | 'maxLength'> {
  const { text } = node
  // What a secret's length was is not known.
  if (text === undefined || node.masked > 0 || text.count < limits.rangeAfter) return {}
  return {
    ...(text.shortest >= 2 ? { minLength: Math.floor(text.shortest / 2) } : {}),
    maxLength: Math.max(1, Math.ceil(text.longest * 1.5)),
  }
}

function rangeFacts(node: FieldNode, { limits }: SchemaView): Pick<SchemaNode, 'minimum' | 'maximum'> {
  if (node.integers + node.numbers < limits.rangeAfter) return {}
  const wide = (value: number): number => (Number.isFinite(value * 2) ? value * 2 : value)
  const whole = node.numbers === 0
  const low = node.low >= 0 ? 0 : wide(node.low)
  const high = node.high <= 0 ? 0 : wide(node.high)
  return { minimum: whole ? Math.floor(low) : low, maximum: whole ? Math.ceil(high) : high }
}

/** 1 − f₁/n: fields that came in one body only, over the bodies (Good 1953). */
export function confidenceOf(node: FieldNode): number {
  if (node.bodies === 0) return 0
  let singles = 0
  const walk = (at: FieldNode): void => {
    if (at.bodies === 1) singles += 1
    if (at.items !== undefined) walk(at.items)
    if (at.values !== undefined) walk(at.values)
    for (const child of at.properties?.values() ?? []) walk(child)
  }
  walk(node)
  return Math.max(0, Math.round((1 - singles / node.bodies) * 10_000) / 10_000)
}
