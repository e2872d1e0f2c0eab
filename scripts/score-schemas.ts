import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import type { ApiCall } from '../src/call/api-call.ts'
import type { Json } from '../src/call/content.ts'
import { isRejection, parseEventLine } from '../src/call/event-line.ts'
import { readMask } from '../src/call/mask.ts'
import { Redactor } from '../src/call/redactor.ts'
import { templateSegments } from '../src/catalog/placeholders.ts'
import { formatOf } from '../src/catalog/schema/field-format.ts'
import { OperationSchema } from '../src/catalog/schema/operation-schema.ts'
import type { SchemaNode } from '../src/catalog/schema-node.ts'

/**
 * Scores learned schemas against the documents that the traffic was made from:
 * `node scripts/score-schemas.ts <folder> [--bodies N] [--json]`.
 *
 * The folder holds `traffic.jsonl.gz`, lines of `{call, operation, document, n}`, and `documents/<document>.json.gz`. Each operation
 * gets its calls by its label, so that templates do not count here. Of each side (requests and answers of successful
 * calls) the first N bodies (20) teach; the later ones are fresh.
 *
 * - property recall: of the documented properties that came in the N bodies, those learned; and of those that came in any
 *   body of the operation
 * - property precision: of the properties learned, those documented
 * - type: of the properties learned and documented, those whose learned types are those documented (`number` learned as
 *   `integer` is wrong); properties that only ever were null or masked say nothing; places where the recording itself
 *   contradicts the document (an object where it says string) are left out and counted
 * - required: likewise, over properties whose object was seen `requiredAfter` times or more and over all; a property documented as
 *   required that a body of the recording lacks is left out (the recording contradicts the document)
 * - format: precision over places with a documented format, recall of the documented ones that values can tell, and the
 *   share of all claims that every body of the recording bears out; enumeration: precision and recall
 * - fresh bodies accepted: those that validate against the learned schema
 *
 * Exit 0 when every target is met, 1 when one is not, 2 where something is missing.
 */

const targets = { propertyRecall: 0.99, type: 0.99, required: 0.95, accepted: 0.99 }

interface Row {
  readonly call: ApiCall
  readonly operation: string
  readonly document: string
}
type Spec = { readonly [key: string]: unknown }

const fail = (what: string): never => {
  process.stderr.write(`${what}\n`)
  process.exit(2)
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, bodies: { type: 'string', default: '20' }, show: { type: 'string' } },
})
const folder =
  positionals[0] ??
  fail('Which folder? node scripts/score-schemas.ts <folder of traffic.jsonl.gz and documents/>')
const bodies = Number(values.bodies)
if (!Number.isInteger(bodies) || bodies < 1) fail('--bodies takes a whole number from 1.')
const traffic = join(folder, 'traffic.jsonl.gz')
if (!existsSync(traffic)) fail(`traffic.jsonl.gz is missing in ${folder}.`)

const redactor = new Redactor({ key: createHash('sha256').update('score').digest() })
const operations = new Map<string, Row[]>()
for (const [index, line] of gunzipSync(readFileSync(traffic)).toString('utf8').split('\n').entries()) {
  if (line === '') continue
  const label = JSON.parse(line) as { call: unknown; operation: string | null; document: string }
  if (label.operation === null) continue
  const event = parseEventLine(JSON.stringify(label.call), 'traffic', index + 1, redactor)
  if (isRejection(event) || event.type !== 'call') continue
  const key = `${label.document} ${label.operation}`
  const rows = operations.get(key) ?? []
  rows.push({ call: event, operation: label.operation, document: label.document })
  operations.set(key, rows)
}

const documents = new Map<string, Spec>()
function documentOf(name: string): Spec {
  const known = documents.get(name)
  if (known !== undefined) return known
  const path = join(folder, 'documents', `${name}.json.gz`)
  if (!existsSync(path)) fail(`documents/${name}.json.gz is missing in ${folder}.`)
  const spec = JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as Spec
  documents.set(name, spec)
  return spec
}

const object = (value: unknown): Spec | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Spec) : undefined

function follow(spec: Spec, value: unknown): Spec | undefined {
  let at = object(value)
  for (let hops = 0; at !== undefined && typeof at.$ref === 'string' && hops < 32; hops += 1) {
    let to: unknown = spec
    for (const part of at.$ref.replace(/^#\//, '').split('/'))
      to = object(to)?.[decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')]
    at = object(to)
  }
  return at
}

/** What a document says of one place, combined schemas taken together. */
interface Documented {
  readonly types: ReadonlySet<string>
  readonly format: string | undefined
  readonly enumeration: readonly unknown[] | undefined
  readonly properties: ReadonlyMap<string, readonly unknown[]>
  readonly required: ReadonlySet<string>
  readonly items: readonly unknown[]
  readonly map: boolean
  /** A choice between shapes, in which required and type depend on which it is. */
  readonly choice: boolean
}

function documented(spec: Spec, schemas: readonly unknown[], choice = false, depth = 0): Documented {
  const types = new Set<string>()
  const properties = new Map<string, unknown[]>()
  const required = new Set<string>()
  const items: unknown[] = []
  let format: string | undefined
  let enumeration: unknown[] | undefined
  let map = false
  let chosen = choice
  const add = (given: unknown, level: number): void => {
    const schema = follow(spec, given)
    if (schema === undefined || level > 12) return
    for (const type of [schema.type].flat()) if (typeof type === 'string') types.add(type)
    if (schema.nullable === true) types.add('null')
    if (typeof schema.format === 'string') format ??= schema.format
    if (Array.isArray(schema.enum)) enumeration ??= schema.enum
    for (const [name, property] of Object.entries(object(schema.properties) ?? {})) {
      types.add('object')
      properties.set(name, [...(properties.get(name) ?? []), property])
    }
    if (Array.isArray(schema.required)) for (const name of schema.required) required.add(String(name))
    if (schema.items !== undefined) {
      types.add('array')
      items.push(schema.items)
    }
    if (schema.additionalProperties !== undefined && schema.additionalProperties !== false) map = true
    for (const part of [schema.allOf].flat()) if (part !== undefined) add(part, level + 1)
    for (const part of [schema.oneOf, schema.anyOf].flat()) {
      if (part === undefined) continue
      chosen = true
      add(part, level + 1)
    }
  }
  for (const schema of schemas) add(schema, depth)
  return { types, format, enumeration, properties, required, items, map, choice: chosen }
}

function operationSpec(spec: Spec, operation: string): Spec | undefined {
  const space = operation.indexOf(' ')
  const method = operation.slice(0, space).toLowerCase()
  const path = operation.slice(space + 1)
  const paths = object(spec.paths) ?? {}
  // The traffic's paths begin with the server's.
  const found = Object.keys(paths)
    .filter(key => path === key || path.endsWith(key))
    .sort((a, b) => b.length - a.length)
    .map(key => follow(spec, object(follow(spec, paths[key]))?.[method]))
  return found.find(one => one !== undefined)
}

function bodySpec(spec: Spec, holder: unknown): unknown {
  const content = object(follow(spec, holder)?.content)
  return content === undefined ? undefined : object(Object.values(content)[0])?.schema
}

/** What stands where a schema recurses is what stands above: the same properties, so that the tree is one no more. */
function withCycles(node: SchemaNode, above: readonly SchemaNode[] = []): SchemaNode {
  const { recursesTo = 0 } = node
  const outer = above[above.length - recursesTo]
  if (recursesTo > 0 && outer !== undefined) return { ...outer, type: node.type, seen: node.seen }
  const properties: Record<string, SchemaNode> = Object.create(null) as Record<string, SchemaNode>
  const copy: { -readonly [Key in keyof SchemaNode]: SchemaNode[Key] } = {
    ...node,
    ...(node.properties === undefined ? {} : { properties }),
  }
  const way = [...above, copy]
  for (const [name, child] of Object.entries(node.properties ?? {})) properties[name] = withCycles(child, way)
  if (node.items !== undefined) copy.items = withCycles(node.items, way)
  if (typeof node.additionalProperties === 'object')
    copy.additionalProperties = withCycles(node.additionalProperties, way)
  return copy
}

/** Whole-body validation against a learned schema: types, required, enumerations, formats, ranges, closed objects, kinds. */
function accepts(schema: SchemaNode, value: Json, textual: boolean): boolean {
  const types = typeof schema.type === 'string' ? [schema.type] : schema.type
  if (types.every(type => type === 'null')) return true
  if (Array.isArray(value)) {
    if (!types.includes('array')) return false
    return schema.items === undefined || value.every(item => accepts(schema.items!, item as Json, textual))
  }
  if (value === null) return types.includes('null')
  if (typeof value === 'object')
    return types.includes('object') && acceptsObject(schema, value as never, textual)
  if (typeof value === 'boolean') return types.includes('boolean')
  if (typeof value === 'number') return acceptsNumber(schema, types, value)
  if (readMask(value) !== undefined) return true
  if (textual && /^-?\d+(?:\.\d+)?$/.test(value) && !types.includes('string'))
    return acceptsNumber(schema, types, Number(value))
  if (textual && (value === 'true' || value === 'false') && types.includes('boolean')) return true
  if (!types.includes('string')) return false
  if (schema.enum !== undefined && !schema.enum.includes(value)) return false
  if (schema.format !== undefined && formatOf(value) !== schema.format) return false
  return (
    value.length >= (schema.minLength ?? 0) && value.length <= (schema.maxLength ?? Number.POSITIVE_INFINITY)
  )
}

const acceptsNumber = (schema: SchemaNode, types: readonly string[], value: number): boolean =>
  (types.includes('number') || (types.includes('integer') && Number.isInteger(value))) &&
  value >= (schema.minimum ?? Number.NEGATIVE_INFINITY) &&
  value <= (schema.maximum ?? Number.POSITIVE_INFINITY)

function acceptsObject(
  schema: SchemaNode,
  value: { readonly [key: string]: Json },
  textual: boolean,
): boolean {
  if (schema.required?.some(name => !Object.hasOwn(value, name)) === true) return false
  if (schema.variants !== undefined) {
    const { property, of } = schema.variants
    const kind = of.find(one => one.value === value[property])
    if (kind === undefined || kind.required.some(name => !Object.hasOwn(value, name))) return false
    const others = new Set(of.flatMap(one => one.properties))
    for (const name in value) if (others.has(name) && !kind.properties.includes(name)) return false
  }
  for (const name in value) {
    const property = schema.properties?.[name] ?? schema.additionalProperties
    if (property === false) return false
    if (property !== undefined && !accepts(property, value[name]!, textual)) return false
  }
  return true
}

/** The first place, from the root down, at which a value is refused. */
function whyNot(schema: SchemaNode, value: Json, textual: boolean, at: string): string {
  if (Array.isArray(value) && schema.items !== undefined)
    for (const item of value as readonly Json[])
      if (!accepts(schema.items, item, textual)) return whyNot(schema.items, item, textual, `${at}[]`)
  if (isObject(value)) {
    const given = value as { readonly [key: string]: Json }
    const lacking = schema.required?.find(name => !Object.hasOwn(given, name))
    if (lacking !== undefined) return `${at} lacks ${lacking}`
    for (const name of Object.keys(given)) {
      const property = schema.properties?.[name]
      if (property !== undefined && !accepts(property, given[name]!, textual))
        return whyNot(property, given[name]!, textual, `${at}.${name}`)
    }
  }
  return `${at} ${JSON.stringify({ ...schema, properties: undefined, items: undefined })} for ${JSON.stringify(value).slice(0, 40)}`
}

const score = {
  operations: 0,
  sides: 0,
  sent: 0,
  sentLearned: 0,
  everSent: 0,
  everLearned: 0,
  learned: 0,
  learnedDocumented: 0,
  typed: 0,
  typeRight: 0,
  judgedRequired: 0,
  requiredRight: 0,
  settledRequired: 0,
  settledRight: 0,
  requiredFalse: 0,
  requiredMissed: 0,
  contradicted: 0,
  formatClaimed: 0,
  formatHeld: 0,
  formatAdded: 0,
  formatClaimedRight: 0,
  formatDocumented: 0,
  formatFound: 0,
  enumClaimed: 0,
  enumClaimedRight: 0,
  enumDocumented: 0,
  enumFound: 0,
  fresh: 0,
  accepted: 0,
}
const shown = {
  type: [] as string[],
  required: [] as string[],
  accepted: [] as string[],
  format: [] as string[],
  precision: [] as string[],
}

/** Every value at one place of all the bodies given. */
const childrenOf = (values: readonly Json[], key: string | undefined): readonly Json[] =>
  values.flatMap(value => {
    if (value === null || typeof value !== 'object') return []
    if (key === undefined) return Array.isArray(value) ? (value as readonly Json[]) : []
    return !Array.isArray(value) && Object.hasOwn(value, key)
      ? [(value as { [key: string]: Json })[key]!]
      : []
  })

const isObject = (value: Json): boolean =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
const textFormats = new Set(['date', 'date-time', 'uuid', 'email', 'uri', 'ipv4', 'ipv6', 'time', 'duration'])

/** Compares one place and all below it; `taught` and `all` are the values that came there. */
function compare(
  spec: Spec,
  schemas: readonly unknown[],
  node: SchemaNode | undefined,
  taught: readonly Json[],
  all: readonly Json[],
  at: string,
  choice = false,
): void {
  const truth = documented(spec, schemas, choice)
  if (truth.items.length > 0 || all.some(value => Array.isArray(value))) {
    const below = childrenOf(all, undefined)
    if (below.length > 0 && truth.items.length > 0)
      compare(spec, truth.items, node?.items, childrenOf(taught, undefined), below, `${at}[]`, truth.choice)
  }
  const learned = new Set(Object.keys(node?.properties ?? {}))
  for (const name of learned) {
    score.learned += 1
    if (truth.properties.has(name) || truth.map) score.learnedDocumented += 1
    else shown.precision.push(`${at}.${name}`)
  }
  for (const [name, property] of truth.properties) {
    const allHere = childrenOf(all, name)
    if (allHere.length === 0) continue
    const here = childrenOf(taught, name)
    const child = node?.properties?.[name]
    score.everSent += 1
    if (child !== undefined) score.everLearned += 1
    if (here.length === 0) continue
    score.sent += 1
    if (child === undefined) continue
    score.sentLearned += 1
    const place = `${at}.${name}`
    const own = documented(spec, property, truth.choice)
    compareValue(own, child, here, allHere, place)
    compareRequired(truth, name, node!, taught, all, place)
    compare(spec, property, child, here, allHere, place, truth.choice)
  }
}

const typeOf = (value: Json): string =>
  Array.isArray(value)
    ? 'array'
    : value === null
      ? 'null'
      : typeof value === 'number' && Number.isInteger(value)
        ? 'integer'
        : typeof value
/** A whole number is a `number` too; a form writes numbers and truth as text. */
const isWhole = (value: Json, wanted: readonly string[]): boolean =>
  (typeof value === 'number' && wanted.includes('number')) ||
  (typeof value === 'string' &&
    formText.test(value) &&
    wanted.some(type => type !== 'object' && type !== 'array'))
const formText = /^(?:true|false|-?\d+(?:\.\d+)?)$/

function compareValue(
  truth: Documented,
  node: SchemaNode,
  here: readonly Json[],
  all: readonly Json[],
  place: string,
): void {
  const told = here.filter(
    value => value !== null && !(typeof value === 'string' && readMask(value) !== undefined),
  )
  const types = (typeof node.type === 'string' ? [node.type] : node.type).filter(type => type !== 'null')
  const wanted = [...truth.types].filter(type => type !== 'null')
  if (told.some(value => wanted.length > 0 && !wanted.includes(typeOf(value)) && !isWhole(value, wanted))) {
    score.contradicted += 1
    return
  }
  if (told.length > 0 && wanted.length > 0 && types.length > 0) {
    score.typed += 1
    if (types.every(type => wanted.includes(type))) score.typeRight += 1
    else shown.type.push(`${place}: ${types.join('|')} for ${wanted.join('|')} in ${told.length}`)
  }
  if (node.format !== undefined) {
    score.formatClaimed += 1
    if (
      all.every(
        value =>
          typeof value !== 'string' || readMask(value) !== undefined || formatOf(value) === node.format,
      )
    )
      score.formatHeld += 1
    if (truth.format === undefined) score.formatAdded += 1
    else if (node.format === truth.format) score.formatClaimedRight += 1
    else shown.format.push(`${place}: ${node.format} for ${truth.format ?? 'none'}`)
  }
  if (
    truth.format !== undefined &&
    textFormats.has(truth.format) &&
    wanted.includes('string') &&
    told.length > 0
  ) {
    score.formatDocumented += 1
    if (node.format === truth.format) score.formatFound += 1
    else if (node.format === undefined)
      shown.format.push(`${place}: none for ${truth.format}, as in ${JSON.stringify(told[0])}`)
  }
  if (node.enum !== undefined) {
    score.enumClaimed += 1
    if (truth.enumeration !== undefined && node.enum.every(value => truth.enumeration!.includes(value)))
      score.enumClaimedRight += 1
  }
  if (truth.enumeration !== undefined && wanted.includes('string') && told.length > 0) {
    score.enumDocumented += 1
    if (node.enum !== undefined) score.enumFound += 1
  }
}

function compareRequired(
  truth: Documented,
  name: string,
  node: SchemaNode,
  taught: readonly Json[],
  all: readonly Json[],
  place: string,
): void {
  if (truth.choice) return
  const wanted = truth.required.has(name)
  if (wanted && all.some(value => isObject(value) && !Object.hasOwn(value as object, name))) {
    score.contradicted += 1
    return
  }
  const claimed = node.required?.includes(name) === true
  score.judgedRequired += 1
  if (claimed === wanted) score.requiredRight += 1
  else {
    if (claimed) score.requiredFalse += 1
    else score.requiredMissed += 1
    shown.required.push(`${place}: ${claimed ? 'claimed' : 'missed'} after ${taught.filter(isObject).length}`)
  }
  if (taught.filter(isObject).length < 10) return
  score.settledRequired += 1
  if (claimed === wanted) score.settledRight += 1
}

const structured = (
  content: ApiCall['request']['content'],
): content is Extract<typeof content, { value: unknown }> =>
  content.kind === 'json' || content.kind === 'form' || content.kind === 'multipart'

for (const [key, rows] of operations) {
  const spec = documentOf(rows[0]!.document)
  const operation = operationSpec(spec, rows[0]!.operation)
  if (operation === undefined) continue
  score.operations += 1
  const successes = rows.filter(({ call }) => call.response !== undefined && call.response.status < 300)
  const requests = successes.filter(({ call }) => structured(call.request.content))
  // Answers of one status: what the document says of another is another schema.
  const statuses = new Map<number, number>()
  for (const { call } of successes)
    statuses.set(call.response!.status, (statuses.get(call.response!.status) ?? 0) + 1)
  const status = [...statuses].sort((a, b) => b[1] - a[1])[0]?.[0]
  const answers = successes.filter(
    ({ call }) => call.response!.status === status && structured(call.response!.content),
  )
  const sides = [
    {
      name: 'request',
      rows: requests,
      schema: bodySpec(spec, operation.requestBody),
      of: (call: ApiCall) => call.request.content,
    },
    {
      name: 'answer',
      rows: answers,
      schema: bodySpec(spec, responseSpec(operation, status)),
      of: (call: ApiCall) => call.response!.content,
    },
  ]
  for (const side of sides) {
    if (side.rows.length < bodies || side.schema === undefined) continue
    score.sides += 1
    const learning = new OperationSchema()
    const template = templateSegments(rows[0]!.operation.slice(rows[0]!.operation.indexOf(' ') + 1))
    for (const { call } of side.rows.slice(0, bodies)) {
      if (side.name === 'request') learning.learnRequest(call, [], template)
      else learning.learnResponse(call)
    }
    const messages = learning.build(template, false)
    const found = (side.name === 'request' ? messages.requests : messages.responses).find(
      body => body.schema !== undefined,
    )?.schema
    if (found === undefined) continue
    const learned = withCycles(found)
    const all = side.rows.map(({ call }) => (side.of(call) as { value: Json }).value)
    compare(spec, [side.schema], learned, all.slice(0, bodies), all, `${key} ${side.name} $`)
    const textual = side.of(side.rows[0]!.call).kind !== 'json'
    for (const value of all.slice(bodies)) {
      score.fresh += 1
      if (accepts(learned, value, textual)) score.accepted += 1
      else shown.accepted.push(`${key} ${side.name}: ${whyNot(learned, value, textual, '$')}`)
    }
  }
}

function responseSpec(operation: Spec, status: number | undefined): unknown {
  const responses = object(operation.responses) ?? {}
  return responses[String(status)] ?? responses[`${Math.floor((status ?? 0) / 100)}XX`] ?? responses.default
}

const share = (part: number, whole: number): number => (whole === 0 ? 1 : part / whole)
const figures = {
  propertyRecall: share(score.sentLearned, score.sent),
  propertyRecallOfAllBodies: share(score.everLearned, score.everSent),
  propertyPrecision: share(score.learnedDocumented, score.learned),
  type: share(score.typeRight, score.typed),
  required: share(score.requiredRight, score.judgedRequired),
  requiredAfterTen: share(score.settledRight, score.settledRequired),
  formatPrecision: share(score.formatClaimedRight, score.formatClaimed - score.formatAdded),
  formatHeldByAllBodies: share(score.formatHeld, score.formatClaimed),
  formatRecall: share(score.formatFound, score.formatDocumented),
  enumPrecision: share(score.enumClaimedRight, score.enumClaimed),
  enumRecall: share(score.enumFound, score.enumDocumented),
  accepted: share(score.accepted, score.fresh),
}
if (score.sides === 0) fail(`No operation of ${traffic} has ${bodies} bodies.`)
if (values.show !== undefined)
  for (const line of (shown[values.show as keyof typeof shown] ?? []).slice(0, 40))
    process.stderr.write(`${line}\n`)
if (values.json === true)
  process.stdout.write(`${JSON.stringify({ bodies, score, figures, targets }, null, 2)}\n`)
else {
  const percent = (value: number): string => `${(value * 100).toFixed(2)} %`
  const aim = (name: string): string =>
    name in targets ? `  target ${percent(targets[name as keyof typeof targets])}` : ''
  process.stdout.write(
    `${score.operations} operations, ${score.sides} sides with ${bodies} bodies, ${score.fresh} fresh bodies\n` +
      `${Object.entries(figures)
        .map(([name, value]) => `${name.padEnd(28)}${percent(value).padStart(9)}${aim(name)}`)
        .join('\n')}\n`,
  )
}
const missed = Object.entries(targets).filter(
  ([name, target]) => figures[name as keyof typeof figures] < target,
)
if (missed.length > 0) process.exitCode = 1
