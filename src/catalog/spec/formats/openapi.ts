import { ownershipOf } from '../../ownership/specification-labels.ts'
import { defineSpecFormat, type FormatInput, maxOperations, methods } from '../format.ts'
import { References } from '../references.ts'
import { remoteReferences } from '../remote-references.ts'
import { SchemaReader } from '../schema.ts'
import { securityOf, securityScheme } from '../security-schemes.ts'
import { serversOf } from '../server-url.ts'
import type { SpecBody, Specification, SpecOperation, SpecParameter, SpecServer } from '../specification.ts'
import { sunsetOf } from '../sunset.ts'
import { get, isTree, listAt, textAt, treeAt } from '../tree.ts'
import { uncheckedPatterns } from '../values/unchecked-patterns.ts'

/** OpenAPI Specification 3.0 and 3.1. */
export const openapi = defineSpecFormat({
  id: 'openapi',
  title: 'OpenAPI 3.0 and 3.1',
  recognises: tree => textAt(tree, 'openapi') !== undefined,
  read,
  example: `openapi: 3.1.0
info: { title: Orders, version: 1.0.0 }
servers: [{ url: https://api.shop.example/v1 }]
paths:
  /orders/{orderId}:
    get:
      parameters: [{ name: orderId, in: path, required: true, schema: { type: integer } }]
      responses: { '200': { description: one order } }
`,
})

function read(input: FormatInput): Specification | undefined {
  const { tree, file, problem } = input
  const version = textAt(tree, 'openapi') ?? ''
  if (!version.startsWith('3.')) {
    problem('error', ['openapi'], `OpenAPI ${version.slice(0, 20)} is not known: 3.0 and 3.1 are.`)
    return undefined
  }
  const paths = treeAt(tree, 'paths')
  if (paths === undefined) {
    if (version.startsWith('3.0')) {
      problem('error', [], 'There is no `paths` object.')
      return undefined
    }
    problem('warning', [], 'There is no `paths` object: no operation to compare with.')
  }
  for (const target of remoteReferences(tree))
    problem(
      'warning',
      [],
      `\`$ref: ${target.slice(0, 200)}\` leads out of the document: never fetched, read as "anything". Bundle the files into one.`,
    )
  for (const { path, pattern, reason } of uncheckedPatterns(tree))
    problem('warning', path, `The pattern \`${pattern.slice(0, 100)}\` is not checked: ${reason}.`)
  const references = new References(tree)
  const reader = new Reader(references)
  const schemes = new Map(
    Object.entries(treeAt(get(tree, 'components'), 'securitySchemes') ?? {}).map(([name, raw]) => [
      name,
      securityScheme(name, references.follow(raw)),
    ]),
  )
  const servers = serverList(tree)
  const operations: SpecOperation[] = []
  for (const [path, rawItem] of Object.entries(paths ?? {})) {
    if (path.startsWith('x-')) continue
    if (!path.startsWith('/')) {
      problem('warning', ['paths', path], 'A path begins with `/`: left out.')
      continue
    }
    const item = references.follow(rawItem)
    for (const method of methods) {
      const raw = treeAt(item, method)
      if (raw === undefined) continue
      if (operations.length >= maxOperations) {
        problem('warning', ['paths'], `More than ${maxOperations} operations: the rest is left out.`)
        return made()
      }
      const own =
        listAt(raw, 'servers').length > 0 ? raw : listAt(item, 'servers').length > 0 ? item : undefined
      const sunset = sunsetOf(raw)
      const body = reader.body(get(raw, 'requestBody'))
      operations.push({
        method: method.toUpperCase(),
        path: path.replace(/[?#].*$/, ''),
        servers: own === undefined ? servers : serverList(own),
        parameters: reader.parameters([...listAt(item, 'parameters'), ...listAt(raw, 'parameters')]),
        ...(body === undefined ? {} : { body }),
        exhaustive: true,
        responses: reader.responses(get(raw, 'responses')),
        security: securityOf(raw, tree, schemes),
        deprecated: get(raw, 'deprecated') === true,
        ...(sunset === undefined ? {} : { sunset }),
        ...ownershipOf(raw, item, tree),
      })
    }
  }
  return made()

  function made(): Specification {
    for (const target of references.missing)
      problem('warning', [], `\`$ref: ${target.slice(0, 200)}\` leads nowhere: read as "anything".`)
    return {
      format: 'openapi',
      file,
      title: textAt(get(tree, 'info'), 'title') ?? file,
      version: textAt(get(tree, 'info'), 'version') ?? '',
      servers,
      operations,
    }
  }
}

const serverList = (holder: unknown): readonly SpecServer[] => {
  const servers = listAt(holder, 'servers').flatMap(serversOf)
  return servers.length === 0 ? [{ basePath: '' }] : servers
}

class Reader {
  readonly #references: References
  readonly #schemas: SchemaReader

  constructor(references: References) {
    this.#references = references
    this.#schemas = new SchemaReader(references)
  }

  /** Later ones of the same name and place replace earlier ones: the operation's the path's. */
  parameters(list: readonly unknown[]): readonly SpecParameter[] {
    const parameters = new Map<string, SpecParameter>()
    for (const entry of list) {
      const raw = this.#references.follow(entry)
      const name = textAt(raw, 'name')
      const place = textAt(raw, 'in')
      if (name === undefined) continue
      if (place !== 'path' && place !== 'query' && place !== 'header' && place !== 'cookie') continue
      const explode = get(raw, 'explode')
      const style = textAt(raw, 'style')
      parameters.set(`${place} ${name}`, {
        name,
        in: place,
        required: place === 'path' || get(raw, 'required') === true,
        schema: this.#schemas.schema(get(raw, 'schema')),
        spread: place === 'query' && explode !== false && (style === undefined || style === 'form'),
        opaque: get(raw, 'schema') === undefined,
        ...(get(raw, 'deprecated') === true ? { deprecated: true } : {}),
      })
    }
    return [...parameters.values()]
  }

  body(entry: unknown): SpecBody | undefined {
    if (!isTree(entry)) return undefined
    const raw = this.#references.follow(entry)
    const media = new Map<string, ReturnType<SchemaReader['schema']> | undefined>()
    // A reference that leads nowhere still says that there is a body.
    if (!isTree(raw)) return { required: false, media: new Map([['*/*', undefined]]) }
    for (const [type, value] of Object.entries(treeAt(raw, 'content') ?? {})) {
      const schema = get(value, 'schema')
      media.set(mediaKey(type), schema === undefined ? undefined : this.#schemas.schema(schema))
    }
    return { required: get(raw, 'required') === true, media }
  }

  responses(raw: unknown): ReadonlyMap<string, SpecBody> {
    const responses = new Map<string, SpecBody>()
    if (!isTree(raw)) return responses
    for (const [status, entry] of Object.entries(raw)) {
      if (status.startsWith('x-')) continue
      responses.set(status.toLowerCase(), this.body(entry) ?? { required: false, media: new Map() })
    }
    return responses
  }
}

const mediaKey = (type: string): string => (type.split(';')[0] ?? '').trim().toLowerCase()
