import { parseEventLine } from '../../../call/event-line.ts'
import { isRecord, type JsonRecord, parseTime } from '../../../call/field-reader.ts'
import { defineFileFormat } from '../file-format.ts'

const kinds = new Set<unknown>(['call', 'access', 'runtime', 'flow', 'identity', 'resource'])

/** Is it an event, by its fields? */
export const isEventRecord = (value: JsonRecord): boolean =>
  (isRecord(value.request) && typeof value.request.target === 'string') ||
  (kinds.has(value.type) && 'time' in value)

const isEventLine = (line: string): boolean => {
  // Most lines of other formats are told apart without an error of the parser.
  if (!line.startsWith('{')) return false
  try {
    const value: unknown = JSON.parse(line)
    return isRecord(value) && isEventRecord(value)
  } catch {
    return false
  }
}

/** The first `"time"` of the line; a quote within a string is escaped, so this is a key. */
export function timeOfLine(line: string, key = '"time"'): number | undefined {
  const at = line.indexOf(key)
  if (at < 0) return undefined
  let from = at + key.length
  while (line.charCodeAt(from) <= 32 || line.charCodeAt(from) === 58) from += 1
  if (line.charCodeAt(from) === 34) {
    const end = line.indexOf('"', from + 1)
    const time = end < 0 ? Number.NaN : parseTime(line.slice(from + 1, end))
    return Number.isNaN(time) ? undefined : time
  }
  const number = Number.parseFloat(line.slice(from, from + 24))
  return Number.isFinite(number) ? number : undefined
}

export const jsonl = defineFileFormat({
  id: 'jsonl',
  title: 'Event lines (JSON Lines)',
  records: 'lines',
  // A first line longer than the head cannot be parsed: its keys must do.
  recognise: (head, lines) =>
    lines.some(isEventLine) ||
    (lines.length === 0 && head.trimStart().startsWith('{') && head.includes('"request"')),
  timeOf: line => timeOfLine(line),
  read: (record, { source, redactor }) => parseEventLine(record.text, source, record.position, redactor),
})
