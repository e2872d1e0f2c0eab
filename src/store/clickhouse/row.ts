import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import type { ApiCall } from '../../call/api-call.ts'
import { formatEventLine, isRejection, parseEventLine } from '../../call/event-line.ts'
import { Redactor } from '../../call/redactor.ts'
import { SallyportError } from '../../kit/error.ts'
import type { EndpointId, PrincipalId, TenantId } from '../../kit/id.ts'
import { facetsOf } from '../call-match.ts'
import type { StoredCall } from '../ports/call-store.ts'

/** What a page reads of a row, as `JSONEachRow` gives it: 64-bit integers as strings. */
export interface CallRow {
  readonly time: string
  readonly id: string
  readonly batch: string
  readonly row: number
  readonly endpoint: string
  readonly principal: string
  readonly tenant: string
  readonly detectors: readonly string[]
  readonly line: string
}

/**
 * What is stored was redacted when it was sealed: there is nothing left to fingerprint, so the key is of no matter.
 */
const reader = new Redactor({ key: randomBytes(32), cacheEntries: 256 })

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\0': '\\0',
  "'": "\\'",
}
const escaped = (character: string): string => escapes[character] ?? character

const special = /[\\\t\n\r\0]/

/** A text field of TabSeparated. */
const field = (text: string): string => (special.test(text) ? text.replace(/[\\\t\n\r\0]/g, escaped) : text)

/** The same for one line of JSON, which has no control characters: only its backslashes are doubled. */
const jsonField = (json: string): string => json.replaceAll('\\', '\\\\')

/** An array of texts in a field of TabSeparated: quoted texts, not escaped once more. */
const listField = (texts: readonly string[]): string =>
  `[${texts.map(text => `'${text.replace(/[\\\t\n\r\0']/g, escaped)}'`).join(',')}]`

/** The batch as TabSeparated, its columns as in `callColumns`. */
export function formatRows(stored: readonly StoredCall[], batch: bigint): Buffer {
  const lines: string[] = []
  for (const [row, each] of stored.entries()) {
    const facets = facetsOf(each)
    const fields = [
      facets.time,
      field(facets.id),
      batch,
      row,
      field(facets.endpoint),
      field(facets.principal),
      field(facets.tenant),
      field(facets.host),
      field(facets.method),
      facets.status,
      field(facets.ip),
      listField(facets.detectors),
      field(facets.target),
      listField(facets.workloads),
      jsonField(formatEventLine(each.call)),
    ]
    lines.push(fields.join('\t'))
  }
  return Buffer.from(`${lines.join('\n')}\n`)
}

/** The call as it was appended; a line that cannot be read back means a damaged store. */
export function storedCallOf(row: CallRow): StoredCall {
  const event = parseEventLine(row.line, 'calls', 0, reader)
  if (isRejection(event) || event.type !== 'call') {
    throw new SallyportError('store/corrupt', 'A stored call cannot be read back.', {
      where: `calls/${row.id}`,
      mend: 'Restore the call store from a backup.',
      cause: event,
    })
  }
  const call: ApiCall = event
  return {
    call,
    endpoint: row.endpoint as EndpointId,
    principal: row.principal as PrincipalId,
    ...(row.tenant === '' ? {} : { tenant: row.tenant as TenantId }),
    detectors: row.detectors,
  }
}
