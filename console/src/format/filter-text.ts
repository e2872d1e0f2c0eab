import { type CallFilter, excludable, type FilterField, filterFields } from './call-filter.ts'

type Conditions = Pick<CallFilter, 'text' | 'only' | 'not'>

const quoted = (value: string): string => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

const isPlain = (value: string): boolean => value !== '' && !/[\s"\\]/.test(value)

const isField = (text: string): text is FilterField => filterFields.some(field => field === text)

/** A word of the search line that would be read as a condition has to be quoted to be text. */
const looksLikeCondition = (word: string): boolean => {
  const colon = word.indexOf(':')
  return colon > 0 && isField(word.slice(0, colon).replace(/^-/, ''))
}

/** The conditions as one line, as log tools have it: `status:4xx -principal:user:anna /invoices`. */
export function lineOf(conditions: Conditions): string {
  const parts: string[] = []
  const value = (text: string): string => (isPlain(text) ? text : quoted(text))
  for (const field of filterFields) {
    const only = conditions.only[field]
    if (only !== undefined) parts.push(`${field}:${value(only)}`)
    for (const not of conditions.not[field] ?? []) parts.push(`-${field}:${value(not)}`)
  }
  if (conditions.text !== '') {
    const plain = conditions.text.split(' ').every(word => isPlain(word) && !looksLikeCondition(word))
    parts.push(plain ? conditions.text : quoted(conditions.text))
  }
  return parts.join(' ')
}

interface Token {
  readonly key: string
  readonly value: string
  readonly wasQuoted: boolean
}

/** Reads the line from left to right, once. A quote that is not closed ends with the line. */
function tokens(line: string): readonly Token[] {
  const found: Token[] = []
  let at = 0
  while (at < line.length) {
    if (/\s/.test(line.charAt(at))) {
      at += 1
      continue
    }
    let word = ''
    let key = ''
    let wasQuoted = false
    while (at < line.length && !/\s/.test(line.charAt(at))) {
      const char = line.charAt(at)
      if (char === ':' && key === '' && !wasQuoted && isField(word.replace(/^-/, ''))) {
        key = word
        word = ''
        at += 1
      } else if (char === '"' && word === '') {
        wasQuoted = true
        at += 1
        while (at < line.length && line.charAt(at) !== '"') {
          if (line.charAt(at) === '\\') at += 1
          word += line.charAt(at)
          at += 1
        }
        at += 1
        break
      } else {
        word += char
        at += 1
      }
    }
    found.push({ key, value: word, wasQuoted })
  }
  return found
}

/** The conditions of a line. Words that are no condition are searched for in path and query, joined by spaces. */
export function conditionsOf(line: string): Conditions {
  const only: Partial<Record<FilterField, string>> = {}
  const not: Partial<Record<FilterField, string[]>> = {}
  const text: string[] = []
  for (const { key, value, wasQuoted } of tokens(line)) {
    const negative = key.startsWith('-')
    const field = negative ? key.slice(1) : key
    if (key === '' || !isField(field)) {
      if (value !== '' || wasQuoted) text.push(value)
    } else if (value !== '') {
      if (!negative) only[field] = value
      else if (excludable.includes(field) && !not[field]?.includes(value))
        not[field] = [...(not[field] ?? []), value]
    }
  }
  return { text: text.join(' '), only, not }
}
