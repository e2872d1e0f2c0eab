import type { StoreAccess } from '../../call/access.ts'
import type { Span } from './span.ts'

export interface StoreUse {
  readonly store: StoreAccess['store']
  readonly operation?: string
  readonly rows?: number
}

/**
 * The store that a client's span reached: by its database or messaging attributes, else by a name as instrumentations give it
 * (`SELECT shop.orders`, `sql.conn.query`). The text of a query is read for its table and not kept.
 */
export function storeUseOf(span: Span): StoreUse | undefined {
  const { attributes } = span
  const host = attributes.text('server.address') ?? attributes.text('net.peer.name')
  const bucket = attributes.text('aws.s3.bucket')
  if (bucket !== undefined) {
    // As audit logs name it: a bucket has one name wherever it is reached.
    const method = attributes.text('rpc.method')
    return {
      store: { system: 'aws.s3', collection: bucket },
      ...(method === undefined ? {} : { operation: method.slice(method.lastIndexOf('/') + 1) }),
    }
  }
  const system = attributes.text('db.system.name')
  if (system !== undefined) {
    const query = attributes.text('db.query.summary') ?? attributes.text('db.query.text') ?? span.name
    const namespace = attributes.text('db.namespace')
    const collection = attributes.text('db.collection.name') ?? tableIn(query)
    const operation = attributes.text('db.operation.name') ?? verbIn(query)
    const rows = attributes.number('db.response.returned_rows')
    return {
      store: {
        system: present(system),
        ...(host === undefined ? {} : { host }),
        ...(namespace === undefined ? {} : { namespace }),
        ...(collection === undefined ? {} : { collection }),
      },
      ...(operation === undefined ? {} : { operation }),
      ...(rows === undefined ? {} : { rows }),
    }
  }
  const queue = attributes.text('messaging.system')
  if (queue !== undefined) {
    const collection = attributes.text('messaging.destination.name')
    return {
      store: {
        system: queue,
        ...(host === undefined ? {} : { host }),
        ...(collection === undefined ? {} : { collection }),
      },
      operation:
        attributes.text('messaging.operation.type') ?? (span.kind === 'producer' ? 'publish' : 'receive'),
    }
  }
  return modelUse(span, host) ?? (span.kind === 'client' ? byName(span.name) : undefined)
}

/** A model or a tool: what an agent reaches. */
function modelUse(span: Span, host: string | undefined): StoreUse | undefined {
  const { attributes } = span
  const operation = attributes.text('gen_ai.operation.name')
  const method = attributes.text('mcp.method.name')
  const tool = attributes.text('gen_ai.tool.name')
  if (method !== undefined && span.kind === 'client') {
    const collection = tool ?? attributes.text('mcp.resource.uri')
    return {
      store: {
        system: 'mcp',
        ...(host === undefined ? {} : { host }),
        ...(collection === undefined ? {} : { collection }),
      },
      operation: method,
    }
  }
  if (operation === undefined) return undefined
  const provider = attributes.text('gen_ai.provider.name') ?? 'gen_ai'
  const collection =
    operation === 'execute_tool'
      ? tool
      : (attributes.text('gen_ai.response.model') ?? attributes.text('gen_ai.request.model'))
  return {
    store: {
      system: operation === 'execute_tool' ? 'tool' : provider,
      ...(host === undefined ? {} : { host }),
      ...(collection === undefined ? {} : { collection }),
    },
    operation,
  }
}

/** Former names of systems. */
const systems: Readonly<Record<string, string>> = {
  mssql: 'microsoft.sql_server',
  oracle: 'oracle.db',
  dynamodb: 'aws.dynamodb',
  cosmosdb: 'azure.cosmosdb',
  spanner: 'gcp.spanner',
}

const present = (system: string): string => systems[system] ?? system

const verbs =
  /^\s{0,8}(select|insert|update|delete|merge|upsert|replace|truncate|create|drop|alter|with|call|exec|find|aggregate|get|set|hget|hset|mget|del|incr|publish)\b/i

/** The first word of a statement, in upper case; `WITH` reads. */
export function verbIn(query: string): string | undefined {
  const verb = verbs.exec(query.slice(0, 256))?.[1]?.toUpperCase()
  return verb === 'WITH' ? 'SELECT' : verb
}

const beforeTable = new Set(['from', 'into', 'update', 'table', 'join'])

/** The first table that a statement names, without quotes; undefined where none is found in its first 2,048 characters. */
export function tableIn(query: string): string | undefined {
  const words = query
    .slice(0, 2048)
    .split(/[\s,;()]/)
    .filter(word => word !== '')
  for (let index = 0; index + 1 < words.length; index += 1) {
    if (!beforeTable.has(words[index]!.toLowerCase())) continue
    let name = words[index + 1]!
    if (/^(?:only|if|not|exists|select|lateral)$/i.test(name)) name = words[index + 2] ?? ''
    const clean = name.replaceAll(/["`[\]]/g, '')
    if (/^[A-Za-z_][\w$.-]{0,127}$/.test(clean)) return clean
  }
  // Summaries and names: `SELECT shop.orders`.
  const [verb = '', name = '', ...more] = words
  return more.length === 0 && verbs.test(verb) && /^[A-Za-z_][\w$.-]{0,127}$/.test(name) ? name : undefined
}

/** By the name of a span that says nothing else. */
function byName(name: string): StoreUse | undefined {
  const [verb = '', place = ''] = name.split(' ', 3)
  if (/^(?:SELECT|INSERT|UPDATE|DELETE|REPLACE|MERGE|UPSERT)$/.test(verb) && place !== '') {
    const dot = place.lastIndexOf('.')
    return {
      store: {
        system: 'sql',
        ...(dot > 0
          ? { namespace: place.slice(0, dot), collection: place.slice(dot + 1) }
          : { collection: place }),
      },
      operation: verb,
    }
  }
  const system =
    /^(sql|redis|mongo|mongodb|mysql|postgresql|postgres|cassandra|memcached|elasticsearch|dynamodb|kafka)[.:]/i.exec(
      name,
    )?.[1]
  if (system === undefined) return undefined
  return {
    store: { system: system.toLowerCase() },
    operation: /exec|insert|set|put/i.test(name) ? 'UPDATE' : 'SELECT',
  }
}
