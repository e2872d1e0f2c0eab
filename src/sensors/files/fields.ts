import { isRecord, type JsonRecord, parseTime } from '../../call/field-reader.ts'

/** Characters kept of a name that a log gives. */
const longest = 1_024

/** The value at a dotted path, where the whole path may also be one name; only own fields. */
export function at(record: JsonRecord, path: string): unknown {
  if (Object.hasOwn(record, path)) return record[path]
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    const head = path.slice(0, dot)
    const inner = Object.hasOwn(record, head) ? record[head] : undefined
    if (isRecord(inner)) return at(inner, path.slice(dot + 1))
  }
  return undefined
}

/** A text that says something, cut to a length; a number as text. */
export function textAt(record: JsonRecord | undefined, path: string, bound = longest): string | undefined {
  const value = record === undefined ? undefined : at(record, path)
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' && value !== '-' ? value.slice(0, bound) : undefined
}

/** The first of several paths that says something. */
export function firstText(record: JsonRecord, paths: readonly string[], bound = longest): string | undefined {
  for (const path of paths) {
    const text = textAt(record, path, bound)
    if (text !== undefined) return text
  }
  return undefined
}

/** A finite number, also where it is written as text. */
export function numberAt(record: JsonRecord | undefined, path: string): number | undefined {
  const text = textAt(record, path)
  const number = text === undefined ? Number.NaN : Number(text)
  return Number.isFinite(number) ? number : undefined
}

export function recordAt(record: JsonRecord | undefined, path: string): JsonRecord | undefined {
  const value = record === undefined ? undefined : at(record, path)
  return isRecord(value) ? value : undefined
}

/** The objects of a list; none where there is no list. */
export function listAt(record: JsonRecord | undefined, path: string): readonly JsonRecord[] {
  const value = record === undefined ? undefined : at(record, path)
  return Array.isArray(value) ? value.filter(isRecord) : []
}

/** RFC 3339 at a path, as epoch milliseconds. */
export function timeAt(record: JsonRecord, path: string): number | undefined {
  const text = textAt(record, path)
  const time = text === undefined ? Number.NaN : parseTime(text)
  return Number.isNaN(time) ? undefined : time
}

type Defined<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> }

/** The fields that are known. */
export function known<const Fields extends object>(fields: Fields): Defined<Fields> {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) kept[name] = value
  return kept as Defined<Fields>
}
