import type { Json } from '../content.ts'
import { parseJson } from './json.ts'

/** One event of a stream: its type where it has one, and its data, JSON where it is JSON. */
export type StreamEvent = { readonly event?: string; readonly id?: string; readonly data: Json }

/**
 * Server-sent events (WHATWG HTML §9.2.6): fields by line, an event ended by a blank line; comments and `retry` are left out, `[DONE]`
 * stays text. At most `limit` events; what follows the last blank line is an event cut off, and left out where `cut` says the body was.
 */
export function parseEventStream(text: string, limit: number, cut: boolean): readonly StreamEvent[] {
  const events: StreamEvent[] = []
  let data: string[] | undefined
  let event: string | undefined
  let id: string | undefined
  const end = (): void => {
    if (data !== undefined) {
      const text = data.length === 1 ? data[0]! : data.join('\n')
      const value = looksLikeValue(text) ? parseJson(text) : undefined
      events.push({
        ...(event === undefined ? {} : { event }),
        ...(id === undefined ? {} : { id }),
        data: value ?? text,
      })
    }
    data = undefined
    event = undefined
    id = undefined
  }
  let from = 0
  while (from < text.length && events.length < limit) {
    let to = text.indexOf('\n', from)
    const last = to < 0
    if (last) to = text.length
    const line = text.slice(from, text.charCodeAt(to - 1) === 13 && to > from ? to - 1 : to)
    from = to + 1
    if (line === '') {
      end()
      continue
    }
    if (last && cut) return events
    const colon = line.indexOf(':')
    if (colon === 0) continue
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1)
    if (field === 'data') {
      if (data === undefined) data = [value]
      else data.push(value)
    } else if (field === 'event') event = value
    else if (field === 'id') id = value
  }
  if (!cut && events.length < limit) end()
  return events
}

const usageKey = '"usage":'
const longestUsage = 2_048

/**
 * The events at the end of a stream whose middle is not known. The first is cut off at its beginning; where it counts tokens, that much
 * of it is kept: `{ usage: … }`. Language models repeat their whole answer in the last event, and the counts after it.
 */
export function parseStreamEnd(text: string, limit: number): readonly StreamEvent[] {
  const blank = /\r?\n\r?\n/.exec(text)
  const first = blank === null ? text : text.slice(0, blank.index)
  const usage = usageIn(first)
  const rest = blank === null ? [] : parseEventStream(text.slice(blank.index + blank[0].length), limit, false)
  return usage === undefined ? rest : [{ data: { usage } }, ...rest]
}

/** The last object under `usage` in JSON whose beginning is missing. */
function usageIn(text: string): Json | undefined {
  const key = text.lastIndexOf(usageKey)
  if (key < 0) return undefined
  const from = text.indexOf('{', key + usageKey.length)
  if (from < 0 || text.slice(key + usageKey.length, from).trim() !== '') return undefined
  let depth = 0
  let quoted = false
  const end = Math.min(text.length, from + longestUsage)
  for (let at = from; at < end; at += 1) {
    const code = text.charCodeAt(at)
    if (quoted) {
      if (code === 92) at += 1
      else if (code === 34) quoted = false
    } else if (code === 34) quoted = true
    else if (code === 123) depth += 1
    else if (code === 125) {
      depth -= 1
      if (depth === 0) return parseJson(text.slice(from, at + 1))
    }
  }
  return undefined
}

const looksLikeValue = (text: string): boolean => {
  const code = text.charCodeAt(0)
  return code === 123 || code === 91
}
