import { defineSpecFormat, type FormatInput, maxOperations } from '../format.ts'
import { anySchema } from '../schema.ts'
import { serverOf } from '../server-url.ts'
import type {
  Specification,
  SpecOperation,
  SpecParameter,
  SpecScheme,
  SpecSecurity,
} from '../specification.ts'
import { get, isTree, listAt, textAt, treeAt } from '../tree.ts'

/** Folders within folders. */
const maxDepth = 32

/** Postman collections 2.0 and 2.1: examples rather than promises, so only operations and security are compared. */
export const postman = defineSpecFormat({
  id: 'postman',
  title: 'Postman collection 2.x',
  recognises: tree => Array.isArray(get(tree, 'item')) && isTree(get(tree, 'info')),
  read,
  example: `{ "info": { "name": "Orders", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
  "variable": [{ "key": "base", "value": "https://api.shop.example/v1" }],
  "item": [{ "name": "one order", "request": { "method": "GET", "url": "{{base}}/orders/:orderId?expand=items" } }] }
`,
})

function read({ tree, file, problem }: FormatInput): Specification {
  const variables = new Map<string, string>()
  for (const variable of listAt(tree, 'variable')) {
    const key = textAt(variable, 'key') ?? textAt(variable, 'id')
    const value = textAt(variable, 'value')
    if (key !== undefined && value !== undefined) variables.set(key, value)
  }
  const operations = new Map<string, SpecOperation>()
  walk(listAt(tree, 'item'), get(tree, 'auth'), 0)
  if (operations.size === 0) problem('warning', ['item'], 'No request in it.')
  const info = treeAt(tree, 'info')
  const version = get(info, 'version')
  const all = [...operations.values()]
  return {
    format: 'postman',
    file,
    title: textAt(info, 'name') ?? file,
    version: typeof version === 'string' ? version : '',
    servers: [...new Map(all.flatMap(one => one.servers).map(one => [one.host ?? '', one])).values()],
    operations: all,
  }

  function walk(items: readonly unknown[], inherited: unknown, depth: number): void {
    if (depth > maxDepth) return
    for (const item of items) {
      const auth = get(item, 'auth') ?? inherited
      const nested = get(item, 'item')
      if (Array.isArray(nested)) walk(nested, auth, depth + 1)
      const request = get(item, 'request')
      if (request === undefined) continue
      if (operations.size >= maxOperations) {
        problem('warning', ['item'], `More than ${maxOperations} requests: the rest is left out.`)
        return
      }
      const made = operationOf(request, auth, variables)
      if (made !== undefined)
        operations.set(`${made.method} ${made.servers[0]?.host ?? ''}${made.path}`, made)
    }
  }
}

function operationOf(
  request: unknown,
  inherited: unknown,
  variables: ReadonlyMap<string, string>,
): SpecOperation | undefined {
  const url = typeof request === 'string' ? request : rawUrl(get(request, 'url'))
  if (url === undefined) return undefined
  let address = url
  for (let round = 0; round < 4 && address.includes('{{'); round += 1)
    address = address.replace(
      /\{\{([^{}]{1,128})\}\}/g,
      (whole, key: string) => variables.get(key.trim()) ?? whole,
    )
  // An unknown variable in front is a server that is not told; elsewhere it is a value.
  const relative = /^\{\{[^{}]*\}\}/.test(address)
  address = address.replace(/^\{\{[^{}]*\}\}/, '')
  const [bare = '', query = ''] = (address.split('#')[0] ?? '').split('?', 2)
  const absolute = relative || bare.startsWith('/') ? bare : bare.includes('://') ? bare : `http://${bare}`
  const server = serverOf(absolute)
  if (server === undefined) return undefined
  const path = (server.basePath === '' ? '/' : server.basePath)
    .split('/')
    .map(segment => segment.replace(/^:(.+)$/, '{$1}').replace(/\{\{([^{}]*)\}\}/g, '{$1}'))
    .join('/')
  const parameters: SpecParameter[] = query
    .split('&')
    .map(pair => pair.split('=')[0] ?? '')
    .filter(name => name !== '')
    .map(name => ({ name, in: 'query', required: false, schema: anySchema, spread: false, opaque: true }))
  const security = securityOf(get(request, 'auth') ?? inherited)
  return {
    method: (textAt(request, 'method') ?? 'GET').toUpperCase(),
    path,
    servers: [server.host === undefined ? { basePath: '' } : { host: server.host, basePath: '' }],
    parameters,
    exhaustive: false,
    responses: new Map(),
    security: security === undefined ? [] : [[security]],
    deprecated: false,
  }
}

function rawUrl(url: unknown): string | undefined {
  if (typeof url === 'string') return url
  const raw = textAt(url, 'raw')
  if (raw !== undefined) return raw
  const parts = (key: string): string[] =>
    listAt(url, key).map(part => (typeof part === 'string' ? part : (textAt(part, 'value') ?? '')))
  const path = parts('path').join('/')
  const host = parts('host').join('.')
  return path === '' && host === '' ? undefined : `${host === '' ? '' : `https://${host}`}/${path}`
}

const schemes: Readonly<Record<string, SpecScheme>> = {
  basic: 'basic',
  bearer: 'bearer',
  jwt: 'bearer',
  oauth2: 'bearer',
  apikey: 'api-key',
}

function securityOf(auth: unknown): SpecSecurity | undefined {
  const type = textAt(auth, 'type')
  if (type === undefined || type === 'noauth') return undefined
  return { name: type, scheme: Object.hasOwn(schemes, type) ? (schemes[type] ?? 'other') : 'other' }
}
