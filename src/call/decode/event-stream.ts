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

const looksLikeValue = (text: string): boolean => {
  const code = text.charCodeAt(0)
  return code === 123 || code === 91
}
