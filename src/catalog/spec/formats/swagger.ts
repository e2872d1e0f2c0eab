import { ownershipOf } from '../../ownership/specification-labels.ts'
import { defineSpecFormat, type FormatInput, maxOperations, methods } from '../format.ts'
import { References } from '../references.ts'
import { remoteReferences } from '../remote-references.ts'
import { SchemaReader, type SpecSchema } from '../schema.ts'
import { securityOf, securityScheme } from '../security-schemes.ts'
import { serverOf } from '../server-url.ts'
import type { SpecBody, Specification, SpecOperation, SpecParameter, SpecServer } from '../specification.ts'
import { sunsetOf } from '../sunset.ts'
import { get, listAt, textAt, treeAt } from '../tree.ts'

/** OpenAPI Specification 2.0, once called Swagger. */
export const swagger = defineSpecFormat({
  id: 'swagger',
  title: 'OpenAPI 2.0 (Swagger)',
  recognises: tree => textAt(tree, 'swagger') !== undefined,
  read,
  example: `swagger: '2.0'
info: { title: Orders, version: '1' }
host: api.shop.example
basePath: /v1
schemes: [https]
paths:
  /orders/{orderId}:
    get:
      parameters: [{ name: orderId, in: path, required: true, type: integer }]
      responses: { '200': { description: one order } }
`,
})

function read({ tree, file, problem }: FormatInput): Specification | undefined {
  if (textAt(tree, 'swagger') !== '2.0' && textAt(tree, 'swagger') !== '2') {
    problem('error', ['swagger'], 'Only version 2.0 is known.')
    return undefined
  }
  const paths = treeAt(tree, 'paths')
  if (paths === undefined) {
    problem('error', [], 'There is no `paths` object.')
    return undefined
  }
  for (const target of remoteReferences(tree))
    problem(
      'warning',
      [],
      `\`$ref: ${target.slice(0, 200)}\` leads out of the document: never fetched, read as "anything". Bundle the files into one.`,
    )
  const references = new References(tree)
  const schemas = new SchemaReader(references)
  const servers = serverList(tree)
  const schemes = new Map(
    Object.entries(treeAt(tree, 'securityDefinitions') ?? {}).map(([name, raw]) => [
      name,
      securityScheme(name, raw),
    ]),
  )
  const operations: SpecOperation[] = []
  for (const [path, rawItem] of Object.entries(paths)) {
    if (!path.startsWith('/')) continue
    const item = references.follow(rawItem)
    for (const method of methods) {
      const raw = treeAt(item, method)
      if (raw === undefined) continue
      if (operations.length >= maxOperations) {
        problem('warning', ['paths'], `More than ${maxOperations} operations: the rest is left out.`)
        break
      }
      const inputs = [...listAt(item, 'parameters'), ...listAt(raw, 'parameters')].map(one =>
        references.follow(one),
      )
      const body = bodyOf(inputs, listOf(raw, tree, 'consumes'), schemas)
      const sunset = sunsetOf(raw)
      operations.push({
        method: method.toUpperCase(),
        path,
        servers,
        parameters: parametersOf(inputs, schemas),
        ...(body === undefined ? {} : { body }),
        exhaustive: true,
        responses: responsesOf(
          treeAt(raw, 'responses') ?? {},
          listOf(raw, tree, 'produces'),
          references,
          schemas,
        ),
        security: securityOf(raw, tree, schemes),
        deprecated: get(raw, 'deprecated') === true,
        ...(sunset === undefined ? {} : { sunset }),
        ...ownershipOf(raw, item, tree),
      })
    }
  }
  return {
    format: 'swagger',
    file,
    title: textAt(get(tree, 'info'), 'title') ?? file,
    version: textAt(get(tree, 'info'), 'version') ?? '',
    servers,
    operations,
  }
}

function serverList(tree: unknown): readonly SpecServer[] {
  const base = textAt(tree, 'basePath') ?? ''
  const host = textAt(tree, 'host')
  if (host === undefined) return [serverOf(base) ?? { basePath: '' }]
  const schemes = listAt(tree, 'schemes').filter(one => typeof one === 'string')
  const list = schemes.length === 0 ? ['https'] : schemes
  return list.flatMap(scheme => serverOf(`${scheme}://${host}${base}`) ?? [])
}

const listOf = (operation: unknown, tree: unknown, key: string): readonly string[] => {
  const own = listAt(operation, key)
  const list = (own.length > 0 ? own : listAt(tree, key)).filter(one => typeof one === 'string')
  return list.length === 0 ? ['*/*'] : list.map(type => (type.split(';')[0] ?? '').trim().toLowerCase())
}

function parametersOf(inputs: readonly unknown[], schemas: SchemaReader): readonly SpecParameter[] {
  const parameters = new Map<string, SpecParameter>()
  for (const raw of inputs) {
    const name = textAt(raw, 'name')
    const place = textAt(raw, 'in')
    if (name === undefined || (place !== 'path' && place !== 'query' && place !== 'header')) continue
    parameters.set(`${place} ${name}`, {
      name,
      in: place,
      required: place === 'path' || get(raw, 'required') === true,
      schema: schemas.schema(raw),
      spread: false,
      opaque: false,
    })
  }
  return [...parameters.values()]
}

function bodyOf(
  inputs: readonly unknown[],
  types: readonly string[],
  schemas: SchemaReader,
): SpecBody | undefined {
  const body = inputs.findLast(raw => textAt(raw, 'in') === 'body')
  const form = inputs.filter(raw => textAt(raw, 'in') === 'formData')
  if (body !== undefined)
    return media(get(body, 'required') === true, types, schemas.schema(get(body, 'schema')))
  if (form.length === 0) return undefined
  const required = form.flatMap(raw => (get(raw, 'required') === true ? [textAt(raw, 'name') ?? ''] : []))
  const properties = Object.fromEntries(form.map(raw => [textAt(raw, 'name') ?? '', raw]))
  return media(required.length > 0, ['*/*'], schemas.schema({ type: 'object', properties, required }))
}

const media = (required: boolean, types: readonly string[], schema: SpecSchema | undefined): SpecBody => ({
  required,
  media: new Map(types.map(type => [type, schema])),
})

function responsesOf(
  raw: object,
  types: readonly string[],
  references: References,
  schemas: SchemaReader,
): ReadonlyMap<string, SpecBody> {
  const responses = new Map<string, SpecBody>()
  for (const [status, entry] of Object.entries(raw)) {
    if (status.startsWith('x-')) continue
    const schema = get(references.follow(entry), 'schema')
    responses.set(
      status.toLowerCase(),
      schema === undefined
        ? { required: false, media: new Map() }
        : media(false, types, schemas.schema(schema)),
    )
  }
  return responses
}
