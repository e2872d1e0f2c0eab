/**
 * Reads the plain part of YAML 1.2 that manifests are written in, about ten times as fast as a full parser: block mappings and
 * sequences, scalars of one line, `|` blocks, empty `{}` and `[]`, whole lines of comment. Everything else, and everything that is
 * wrong, is left to a full parser: no alias, tag, directive or flow collection is read here. Linear in the text.
 *
 * @returns undefined where the text is not plain; else what it says, by the core schema (YAML 1.2.2 §10.3)
 */
export function readPlainYaml(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: new PlainReader(text.split('\n')).document() }
  } catch (thrown) {
    if (thrown === notPlain) return undefined
    throw thrown
  }
}

/** Not an `Error`: no stack is made for it. */
const notPlain = Symbol('not plain')
const maxDepth = 64

/** A key in the first columns of what stands on a line: letters, digits and what Kubernetes puts into names. */
const keyed = /^([A-Za-z][A-Za-z0-9_./-]{0,250}):(?: +|$)/
/** Words of the schema would be keys of another type. */
const typedKeys = new Set([
  'null',
  'Null',
  'NULL',
  'true',
  'True',
  'TRUE',
  'false',
  'False',
  'FALSE',
  '__proto__',
])
const startsPlain = /^[A-Za-z0-9_./(<$+\u00A1-\uD7FF]|^-[^\s-]/
/** A comment, a mapping on one line, a tab or a control: for others to judge. */
const mayEndPlain = /: | #|:$|[^\x20-\x7E\u00A1-\uD7FF]/

class PlainReader {
  readonly #lines: readonly string[]
  /** Index of the line at hand. */
  #at = 0
  #depth = 0

  constructor(lines: readonly string[]) {
    this.#lines = lines
  }

  document(): unknown {
    const indent = this.#next()
    if (indent !== 0) throw notPlain
    const value = this.#block(0)
    if (this.#next() >= 0) throw notPlain
    return value
  }

  /** Goes on to the next line that says something: its indentation, -1 at the end. */
  #next(): number {
    for (; this.#at < this.#lines.length; this.#at += 1) {
      const line = this.#lines[this.#at]!
      let indent = 0
      while (line.charCodeAt(indent) === 0x20) indent += 1
      if (indent === line.length) continue
      const first = line.charCodeAt(indent)
      if (first === 0x23 /* # */) continue
      if (first <= 0x20 || line.charCodeAt(line.length - 1) <= 0x20) throw notPlain
      return indent
    }
    return -1
  }

  /** The mapping or sequence that begins on the line at hand. */
  #block(indent: number): unknown {
    this.#depth += 1
    if (this.#depth > maxDepth) throw notPlain
    const isItem = isItemAt(this.#lines[this.#at]!, indent)
    const value = isItem ? this.#sequence(indent) : this.#mapping(indent, undefined)
    this.#depth -= 1
    return value
  }

  #sequence(indent: number): unknown[] {
    const items: unknown[] = []
    for (;;) {
      const line = this.#lines[this.#at]!
      let column = indent + 1
      while (line.charCodeAt(column) === 0x20) column += 1
      const rest = line.slice(column)
      if (rest === '') {
        this.#at += 1
        items.push(this.#below(indent, false))
      } else if (keyed.test(rest)) {
        this.#depth += 1
        if (this.#depth > maxDepth) throw notPlain
        items.push(this.#mapping(column, rest))
        this.#depth -= 1
      } else items.push(this.#scalar(rest, indent))
      const after = this.#next()
      if (after < indent) return items
      if (after > indent) throw notPlain
      // The key after a sequence that stands in the column of its own key.
      if (!isItemAt(this.#lines[this.#at]!, indent)) return items
    }
  }

  /** @param opening What stands on the line at hand, where that is behind the dash of an item. */
  #mapping(indent: number, opening: string | undefined): Record<string, unknown> {
    const members: Record<string, unknown> = {}
    let text = opening ?? this.#lines[this.#at]!.slice(indent)
    for (;;) {
      const found = keyed.exec(text)
      if (found === null) throw notPlain
      const key = found[1]!
      if (typedKeys.has(key)) throw notPlain
      const rest = text.slice(found[0].length)
      if (rest === '') {
        this.#at += 1
        members[key] = this.#below(indent, true)
      } else members[key] = this.#scalar(rest, indent)
      const after = this.#next()
      if (after < indent) return members
      if (after > indent || isItemAt(this.#lines[this.#at]!, indent)) throw notPlain
      text = this.#lines[this.#at]!.slice(indent)
    }
  }

  /** What stands below a key or a dash. */
  #below(indent: number, ofKey: boolean): unknown {
    const below = this.#next()
    if (below > indent) return this.#block(below)
    // A sequence may stand in the column of its key.
    return ofKey && below === indent && isItemAt(this.#lines[this.#at]!, indent) ? this.#block(below) : null
  }

  /** A scalar that begins on the line at hand, in a block of this indentation; goes on behind it. */
  #scalar(text: string, indent: number): unknown {
    this.#at += 1
    if (text === '|' || text === '|-') return this.#literal(indent, text === '|')
    const value = scalarOf(text)
    // It would go on there.
    if (this.#next() > indent) throw notPlain
    return value
  }

  /** The lines of a literal block (§8.1.2), with one line break at the end or none. */
  #literal(indent: number, ends: boolean): string {
    const begin = this.#at
    let column = -1
    let last = begin
    for (; this.#at < this.#lines.length; this.#at += 1) {
      const line = this.#lines[this.#at]!
      let spaces = 0
      while (line.charCodeAt(spaces) === 0x20) spaces += 1
      if (spaces === line.length) {
        // Blank lines before the first one may not be longer than it.
        if (column < 0) throw notPlain
        continue
      }
      if (column < 0) {
        if (spaces <= indent) throw notPlain
        column = spaces
      } else if (spaces < column) {
        if (spaces > indent || line.charCodeAt(spaces) === 0x09) throw notPlain
        break
      }
      if (line.endsWith('\r')) throw notPlain
      last = this.#at + 1
    }
    if (column < 0) throw notPlain
    // Blank lines that are longer than the block say spaces.
    for (let index = last; index < this.#at; index += 1)
      if (this.#lines[index]!.length > column) throw notPlain
    const body = this.#lines
      .slice(begin, last)
      .map(line => line.slice(column))
      .join('\n')
    return ends ? `${body}\n` : body
  }
}

const isItemAt = (line: string, indent: number): boolean =>
  line.charCodeAt(indent) === 0x2d && (line.length === indent + 1 || line.charCodeAt(indent + 1) === 0x20)

/** By the core schema; a text where nothing of that fits. */
function scalarOf(text: string): unknown {
  const first = text.charCodeAt(0)
  if (first === 0x22 || first === 0x27) return quoted(text, text[0]!)
  if (text === '{}') return {}
  if (text === '[]') return []
  if (text === '~') return null
  if (!startsPlain.test(text) || mayEndPlain.test(text)) throw notPlain
  const word = words.get(text)
  if (word !== undefined) return word.value
  // Digits, a sign or a point begin what may be a number.
  if (!/^[-+.0-9]/.test(text)) return text
  // Neither exponents, other bases nor numbers beyond what is exact.
  if (/^[-+]?[0-9]{1,15}$/.test(text)) return Number(text)
  if (/^[-+]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][-+]?[0-9]{1,9})?$/.test(text))
    throw notPlain
  if (/^[-+]?(?:0[ox]|\.(?:inf|nan))/i.test(text) || /^[-+]?[0-9]{16}/.test(text)) throw notPlain
  return text
}

const words: ReadonlyMap<string, { readonly value: unknown }> = new Map(
  [
    [null, 'null', 'Null', 'NULL'],
    [true, 'true', 'True', 'TRUE'],
    [false, 'false', 'False', 'FALSE'],
  ].flatMap(([value, ...names]) => names.map(name => [String(name), { value }] as const)),
)

/** Without escapes, on one line. */
function quoted(text: string, mark: string): string {
  const inner = text.slice(1, -1)
  if (text.length < 2 || !text.endsWith(mark) || inner.includes(mark)) throw notPlain
  if (mark === '"' && inner.includes('\\')) throw notPlain
  if (/[^\x20-\x7E\u00A1-\uD7FF]/.test(inner)) throw notPlain
  return inner
}
