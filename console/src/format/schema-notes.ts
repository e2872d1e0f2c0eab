import type { EndpointDetailView } from '../../../src/server/api/endpoint.ts'
import { dataClassName } from './names.ts'
import { count, percent } from './number.ts'

export type SchemaNode = NonNullable<EndpointDetailView['requestSchema']>

/** What a place was seen to hold: `string (uuid)`, `integer or null`. */
export function typeText(node: SchemaNode): string {
  const type = typeof node.type === 'string' ? node.type : node.type.join(' or ')
  const shown = type === '' ? 'not looked into' : type
  return node.format === undefined ? shown : `${shown} (${node.format})`
}

const listedValues = 8

/** The values it is limited to, as far as that is claimed. */
function limits(node: SchemaNode): string {
  if (node.enum !== undefined) {
    const shown = node.enum.slice(0, listedValues).map(String).join(', ')
    return `one of ${shown}${node.enum.length > listedValues ? ' …' : ''}`
  }
  if (node.minimum !== undefined && node.maximum !== undefined)
    return `${count(node.minimum)} to ${count(node.maximum)}`
  if (node.minLength !== undefined && node.maxLength !== undefined)
    return node.minLength === node.maxLength
      ? `${count(node.minLength)} characters`
      : `${count(node.minLength)} to ${count(node.maxLength)} characters`
  return ''
}

/** What else is known of a place, each a phrase of its own. */
export function schemaNotes(node: SchemaNode): readonly string[] {
  const { variants } = node
  return [
    limits(node),
    node.testData === undefined ? '' : `only published test values of ${dataClassName(node.testData)}`,
    node.formerDataClass === undefined
      ? ''
      : `taken for ${dataClassName(node.formerDataClass)} until its values spoke against it`,
    variants === undefined
      ? ''
      : `${count(variants.of.length)} shapes, told apart by ${variants.property}: ${variants.of
          .slice(0, listedValues)
          .map(({ value }) => value)
          .join(', ')}${variants.of.length > listedValues ? ' …' : ''}`,
    node.additionalProperties === false ? 'no other fields' : '',
    node.recursesTo === undefined
      ? ''
      : `the same again as ${node.recursesTo === 1 ? 'the object around it' : `${count(node.recursesTo)} levels up`}`,
  ].filter(text => text !== '')
}

/** How often a field was there: `always`, or `in 34 %` of the objects around it. */
export function presence(node: SchemaNode, around: number, required: boolean): string {
  if (required) return 'always'
  return around > node.seen ? `in ${percent(node.seen / around)}` : 'so far always'
}

/** What a whole body's shape rests on. */
export function schemaBasis(node: SchemaNode): string {
  const sure =
    node.confidence === undefined
      ? ''
      : `, ${percent(node.confidence)} sure that the next one has no field that is not here`
  const skipped =
    node.skipped === undefined || node.skipped === 0
      ? ''
      : `; ${count(node.skipped)} more ${node.skipped === 1 ? 'field' : 'fields'} met beyond the bound`
  return `Learned from ${count(node.seen)} ${node.seen === 1 ? 'body' : 'bodies'}${sure}${skipped}.`
}

export interface SchemaChild {
  readonly name: string
  readonly node: SchemaNode
  readonly required: boolean
}

/** Fields, then what stands under a map's keys, then the members of a list. */
export function schemaChildren(node: SchemaNode): readonly SchemaChild[] {
  const required = new Set(node.required ?? [])
  const children: SchemaChild[] = Object.entries(node.properties ?? {}).map(([name, child]) => ({
    name,
    node: child,
    required: required.has(name),
  }))
  if (typeof node.additionalProperties === 'object')
    children.push({ name: '{any key}', node: node.additionalProperties, required: true })
  if (node.items !== undefined) children.push({ name: '[ ]', node: node.items, required: true })
  return children
}
