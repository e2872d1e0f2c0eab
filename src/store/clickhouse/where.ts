import { checkQuery, exactKeys, statusRange } from '../call-match.ts'
import { type CallKey, parseCallCursor } from '../call-order.ts'
import type { CallQuery } from '../ports/call-store.ts'

/** A condition and the values it binds. Values never enter the text. */
export interface Where {
  readonly sql: string
  readonly params: Readonly<Record<string, string | number | readonly string[]>>
}

const place = (comparison: '<' | '>' | '>='): string =>
  `(time, id, batch, row) ${comparison} ({kt:Int64}, {ki:String}, {kb:UInt64}, {kr:UInt32})`

const keyParams = (key: CallKey): Record<string, string | number> => ({
  kt: key.time,
  ki: key.id,
  kb: String(key.batch),
  kr: key.row,
})

// The bare time beside the tuple lets the primary index do its part.

/** Calls that follow a place in the order; with `from`, the one at the place too. */
export const whereAfter = (key: CallKey, from = false): Where => ({
  sql: `time >= {kt:Int64} AND ${place(from ? '>=' : '>')}`,
  params: keyParams(key),
})

/** Calls before a place in the order. */
export const whereBefore = (key: CallKey): Where => ({
  sql: `time <= {kt:Int64} AND ${place('<')}`,
  params: keyParams(key),
})

/** Every condition of the query, its cursor included and its limit not. Refuses what `checkQuery` refuses. */
export function whereOf(query: CallQuery): Where {
  checkQuery(query)
  const conditions: string[] = []
  const params: Record<string, string | number | readonly string[]> = {}
  const bind = (value: string | number | readonly string[], type: string): string => {
    const name = `p${Object.keys(params).length}`
    params[name] = value
    return `{${name}:${type}}`
  }
  // Whole milliseconds are stored: the first that is not before `since`, the first that is not before `until`.
  if (query.since !== undefined) conditions.push(`time >= ${bind(Math.ceil(query.since), 'Int64')}`)
  if (query.until !== undefined) conditions.push(`time < ${bind(Math.ceil(query.until), 'Int64')}`)
  for (const key of exactKeys) {
    const wanted = query[key]
    if (wanted !== undefined) conditions.push(`${key} = ${bind(wanted, 'String')}`)
    const excluded = query.not?.[key]
    if (excluded !== undefined && excluded.length > 0) {
      conditions.push(`${key} NOT IN ${bind([...excluded], 'Array(String)')}`)
    }
  }
  const status = (text: string): string => {
    const { from, to } = statusRange(text)
    return `status BETWEEN ${bind(from, 'UInt16')} AND ${bind(to, 'UInt16')}`
  }
  if (query.status !== undefined) conditions.push(status(query.status))
  for (const excluded of query.not?.status ?? []) conditions.push(`NOT (${status(excluded)})`)
  if (query.detector !== undefined) conditions.push(`has(detectors, ${bind(query.detector, 'String')})`)
  if (query.workload !== undefined) {
    const name = bind(query.workload, 'String')
    conditions.push(
      `arrayExists(w -> w = ${name} OR endsWith(w, concat('/', ${name})) OR (position(w, '/') > 0 AND endsWith(${name}, concat('/', w))), workloads)`,
    )
  }
  if (query.text !== undefined && query.text !== '') {
    conditions.push(`positionCaseInsensitiveUTF8(target, ${bind(query.text, 'String')}) > 0`)
  }
  if (query.ids !== undefined) conditions.push(`id IN ${bind([...query.ids], 'Array(String)')}`)
  if (query.cursor !== undefined) {
    const page = whereBefore(parseCallCursor(query.cursor))
    conditions.push(page.sql)
    Object.assign(params, page.params)
  }
  return { sql: conditions.length === 0 ? '1' : conditions.join(' AND '), params }
}
