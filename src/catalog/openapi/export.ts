import type { Endpoint } from '../endpoint.ts'
import { operationObject } from './operation-object.ts'
import { type PathKey, pathKey } from './path-item-key.ts'
import { SchemaComponents } from './schema-components.ts'
import { blank, type DocumentObject } from './schema-object.ts'
import type { NamedScheme } from './security-scheme.ts'
import { serverObject } from './server-object.ts'

export interface OpenApiOptions {
  readonly title?: string
  /** Of the document, not of OpenAPI. */
  readonly version?: string
  /** Of the servers' URLs; `https` when absent. */
  readonly scheme?: 'http' | 'https'
  /** Also what has too little evidence to be called an endpoint; false when absent. */
  readonly candidates?: boolean
}

const methods = new Set(['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE'])

interface PathGroup {
  readonly path: PathKey
  readonly byMethod: Map<string, Endpoint[]>
}

/**
 * The catalog as one OpenAPI 3.1 document. One host is the document's server; several are servers of their paths, and of
 * their operations where the methods of a path differ in them. Endpoints that share method and path (on several hosts,
 * or as operations of one protocol) become one operation whose schemas are any of theirs. Extensions:
 * `x-sallyport-owner`, `-environment`, `-group`, `-tags` and `-criticality` where they are known,
 * `x-sallyport-data-classes`, `x-sallyport-endpoints`, `x-sallyport-protocols` and `x-sallyport-confidence` of operations
 * and bodies, `x-data-class` of fields, `x-sallyport-methods` where OpenAPI has no word for a method. The same catalog gives the
 * same document, in whatever order it comes.
 */
export function exportOpenApi(endpoints: readonly Endpoint[], options: OpenApiOptions = {}): object {
  const wanted = endpoints
    .filter(({ inventory }) => options.candidates === true || inventory !== 'candidate')
    .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
  const hosts = [...new Set(wanted.map(({ host }) => host))].sort()
  const servers = (of: readonly string[]): DocumentObject[] =>
    of.map(host => serverObject(host, options.scheme ?? 'https')).filter(server => server !== undefined)
  const schemes = new Map<string, NamedScheme>()
  const components = new SchemaComponents()
  const operationIds = new Set<string>()
  const paths = blank()
  for (const group of grouped(wanted)) {
    const item: DocumentObject = {}
    const itemHosts = hostsOf([...group.byMethod.values()].flat())
    const itemServers = hosts.length > 1 ? servers(itemHosts) : []
    if (itemServers.length > 0) item.servers = itemServers
    const unknown = [...group.byMethod.keys()].filter(method => !methods.has(method)).sort()
    if (unknown.length > 0) item['x-sallyport-methods'] = unknown
    for (const [method, own] of group.byMethod) {
      if (!methods.has(method)) continue
      const id = unique(operationIdOf(method, group.path.key), operationIds)
      const operation = operationObject(own, id, group.path.names, namesOf, schemes, components)
      const ownServers = servers(hostsOf(own))
      if (itemServers.length > ownServers.length && ownServers.length > 0) operation.servers = ownServers
      item[method.toLowerCase()] = operation
    }
    paths[group.path.key] = item
  }
  const all = hosts.length === 1 ? servers(hosts) : []
  return {
    openapi: '3.1.0',
    info: { title: options.title ?? 'APIs seen by Sallyport', version: options.version ?? '1.0.0' },
    ...(all.length === 0 ? {} : { servers: all }),
    paths,
    ...(schemes.size === 0 && components.size === 0
      ? {}
      : {
          components: {
            ...(components.size === 0 ? {} : { schemas: components.objects() }),
            ...(schemes.size === 0 ? {} : { securitySchemes: schemeObjects(schemes) }),
          },
        }),
  }
}

const hostsOf = (endpoints: readonly Endpoint[]): readonly string[] =>
  [...new Set(endpoints.map(({ host }) => host))].sort()

const namesOf = ({ template }: Endpoint): readonly string[] => pathKey(template).names

/** By path; templates that differ in names of parameters only are one, under the names of the first. */
function grouped(endpoints: readonly Endpoint[]): readonly PathGroup[] {
  const groups = new Map<string, PathGroup>()
  for (const endpoint of endpoints) {
    const path = pathKey(endpoint.template)
    let group = groups.get(path.shape)
    if (group === undefined) {
      group = { path, byMethod: new Map() }
      groups.set(path.shape, group)
    }
    const own = group.byMethod.get(endpoint.method)
    if (own === undefined) group.byMethod.set(endpoint.method, [endpoint])
    else own.push(endpoint)
  }
  return [...groups.values()].sort((a, b) => (a.path.key < b.path.key ? -1 : 1))
}

/** `getOrdersByOrderId`. */
function operationIdOf(method: string, path: string): string {
  const words = path
    .replace(/\{([^}]*)\}/g, ' by $1 ')
    .split(/[^A-Za-z0-9]+/)
    .filter(word => word !== '')
  return method.toLowerCase() + words.map(word => word[0]!.toUpperCase() + word.slice(1)).join('')
}

function unique(id: string, taken: Set<string>): string {
  let candidate = id
  for (let count = 2; taken.has(candidate); count += 1) candidate = `${id}${count}`
  taken.add(candidate)
  return candidate
}

function schemeObjects(schemes: ReadonlyMap<string, NamedScheme>): DocumentObject {
  const objects = blank()
  for (const name of [...schemes.keys()].sort()) objects[name] = schemes.get(name)!.scheme
  return objects
}
