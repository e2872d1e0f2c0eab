/** What one request of ClickHouse's HTTP interface asks, as far as the front understands it. */
export interface FrontRequest {
  /** The statement; for an insert without its data. */
  readonly sql: string
  readonly queryId: string
  readonly format: string
  /** What has to be said to a fresh connection before the statement. */
  readonly preparation: string
}

/** A request the front does not understand; `code` is ClickHouse's number for it. */
export class FrontError extends Error {
  readonly code: number
  readonly type: string
  constructor(code: number, type: string, message: string) {
    super(message)
    this.code = code
    this.type = type
  }
}

const identifier = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/

/** Parameters of the HTTP layer: there is no setting of that name in the engine. */
const httpOnly = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'wait_end_of_query',
  'buffer_size',
  'compress',
  'decompress',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
  'http_response_buffer_size',
  'enable_http_compression',
  'http_zlib_compression_level',
  'cancel_http_readonly_queries_on_client_close',
])

const unsupported = new Set([
  'session_id',
  'session_timeout',
  'session_check',
  'role',
  'user',
  'password',
  'quota_key',
])

/** A string literal of ClickHouse's SQL. */
export const literal = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

/**
 * Reads the URL's parameters. Query parameters (`param_x`) become `SET param_x = '…'` on the request's own connection,
 * not chdb's binding call: that one keeps parameters per process, and two at once see each other's.
 */
export function readRequest(url: URLSearchParams, body: string): FrontRequest {
  const settings: string[] = []
  for (const [name, value] of url) {
    if (httpOnly.has(name)) continue
    if (unsupported.has(name) || !identifier.test(name)) {
      throw new FrontError(36, 'BAD_ARGUMENTS', `The parameter ${name.slice(0, 80)} is not supported here`)
    }
    settings.push(`${name} = ${literal(value)}`)
  }
  const database = url.get('database')
  if (database !== null && !identifier.test(database)) {
    throw new FrontError(36, 'BAD_ARGUMENTS', 'The name of the database is not an identifier')
  }
  const query = url.get('query') ?? ''
  const sql = [query, body]
    .filter(part => part.trim() !== '')
    .join('\n')
    .trim()
  if (sql === '') throw new FrontError(62, 'SYNTAX_ERROR', 'Empty query')
  return {
    sql,
    queryId: url.get('query_id') ?? crypto.randomUUID(),
    format: url.get('default_format') ?? 'TabSeparated',
    preparation: [
      ...(database === null ? [] : [`USE ${database}`]),
      ...(settings.length === 0 ? [] : [`SET ${settings.join(', ')}`]),
    ].join('; '),
  }
}

export interface InsertTarget {
  readonly table: string
  readonly columns?: readonly string[]
  readonly format: string
}

// Each part is bounded and followed by a character that it cannot contain, so reading is linear.
const insertForm =
  /^INSERT INTO ([A-Za-z_][A-Za-z0-9_]{0,127}(?:\.[A-Za-z_][A-Za-z0-9_]{0,127})?) ?(?:\(([A-Za-z0-9_, ]{1,4000})\))? ?FORMAT ([A-Za-z]{1,40})$/

/** The parts of `INSERT INTO t (a, b) FORMAT F`, or undefined for any other statement. */
export function readInsert(sql: string): InsertTarget | undefined {
  const match = insertForm.exec(sql.trim())
  if (match === null) return undefined
  const [, table = '', columns, format = ''] = match
  if (columns === undefined) return { table, format }
  return { table, columns: columns.split(',').map(column => column.trim()), format }
}
