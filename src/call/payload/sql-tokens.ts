import { sqlClass } from './sql-words.ts'

/** Where the value would land in the statement: outside any string, or inside one. */
export type SqlContext = 'bare' | "'" | '"' | '`'

/** Tokens beyond this are not read: no statement needs them to be recognised. */
export const maxTokens = 160

const isSpace = (code: number): boolean => code <= 32 || code === 0xa0
const isDigit = (code: number): boolean => code >= 48 && code <= 57
const isWordStart = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code > 127
const isWordPart = (code: number): boolean => isWordStart(code) || isDigit(code) || code === 36 || code === 46

/** The position after the string that runs from `at`; doubled and backslashed quotes do not end it. */
function endOfString(text: string, at: number, quote: number): number {
  let index = at
  while (index < text.length) {
    const code = text.charCodeAt(index)
    if (code === 92) index += 2
    else if (code === quote) {
      if (text.charCodeAt(index + 1) !== quote) return index + 1
      index += 2
    } else index += 1
  }
  return text.length
}

/**
 * One pass over `lower` as SQL of no particular dialect, folded to one letter per token: `n` number, `s` string,
 * `v` variable, `w` word, `X` function that only attacks call, `f` common function, `c` comment to the end, operators as
 * themselves, keywords by `sqlClass`. Runs of equal parentheses fold to one, signs and inline comments vanish, `union all`
 * folds to `U`, `order by` to `Y`, `insert into` and the like to `E`. In a quoted context the text up to the first such
 * quote is the end of the application's own string, hence `s`.
 */
export function foldSql(lower: string, context: SqlContext): string {
  let out = ''
  let last = ''
  let previousWord = ''
  let index = 0
  if (context !== 'bare') {
    const quote = lower.indexOf(context)
    if (quote === -1) return ''
    out = last = 's'
    index = quote + 1
  }
  let tokens = 0
  const push = (symbol: string): void => {
    tokens += 1
    if ((symbol === '(' || symbol === ')') && last === symbol) return
    if (symbol === '!' && (last === '&' || last === '!' || last === '=')) return
    if (symbol === '=' && last === '=') return
    out += symbol
    last = symbol
  }
  const replaceLast = (symbol: string): void => {
    out = out.slice(0, -1) + symbol
    last = symbol
  }
  const skipComment = (): number => {
    // `/*!50000 …*/` is executed by MySQL: its content is part of the statement.
    if (lower.charCodeAt(index + 2) === 33) {
      let digits = index + 3
      while (isDigit(lower.charCodeAt(digits))) digits += 1
      return digits - index - 3 <= 6 ? digits : index + 3
    }
    const end = lower.indexOf('*/', index + 2)
    if (end !== -1) return end + 2
    push('c')
    return lower.length
  }
  while (index < lower.length && tokens < maxTokens) {
    const code = lower.charCodeAt(index)
    if (isSpace(code)) {
      index += 1
      continue
    }
    const next = lower.charCodeAt(index + 1)
    if (isDigit(code) || (code === 46 && isDigit(next))) {
      let end = index + 1
      while (end < lower.length && isWordPart(lower.charCodeAt(end))) end += 1
      const text = lower.slice(index, end)
      // `1.` and `1e1` are numbers, `12b` is a word; `1union` reads as both in MySQL's lexer only after a dot or exponent.
      push(/^(?:\d+\.?\d*(?:e\d+)?|0x[\da-f]*|0b[01]+|\.\d+)$/.test(text) ? 'n' : 'w')
      previousWord = ''
      index = end
      continue
    }
    if (isWordStart(code)) {
      let end = index + 1
      while (end < lower.length && isWordPart(lower.charCodeAt(end))) end += 1
      let word = lower.slice(index, end)
      if (word.endsWith('.')) {
        word = word.slice(0, -1)
      }
      let after = end
      while (after < lower.length && isSpace(lower.charCodeAt(after))) after += 1
      const calls = lower.charCodeAt(after) === 40 && after - end <= 1
      // With a space before it, the parenthesis belongs to a function only where an argument begins: `Sleep (Berlin)` is a name.
      const parted = calls && after > end && !/[\d(@\s]/.test(lower[after + 1] ?? ' ')
      const symbol = parted && sqlClass(word, true) === 'X' ? 'w' : sqlClass(word, calls)
      index = end
      if (last === 'U' && (word === 'all' || word === 'distinct' || word === 'distinctrow')) continue
      if (last === 'S' && (word === 'all' || word === 'distinct' || word === 'top')) continue
      if (word === 'by' && (previousWord === 'order' || previousWord === 'group')) replaceLast('Y')
      else if (previousWord === 'waitfor' && (word === 'delay' || word === 'time')) replaceLast('B')
      else if (last === 'k' && previousWord === 'into' && (word === 'outfile' || word === 'dumpfile'))
        replaceLast('I')
      else if (last === 'k' && previousWord === 'procedure' && word === 'analyse') replaceLast('P')
      else if (
        last === 'e' &&
        /^(?:into|from|table|database|user|view|index|procedure|function|schema|trigger|login)$/.test(word)
      )
        replaceLast('E')
      else push(symbol === 'e' ? 'e' : symbol)
      previousWord = word
      continue
    }
    if (code === 47 && next === 42) {
      index = skipComment()
      continue
    }
    previousWord = ''
    if (code === 39 || code === 34) {
      index = endOfString(lower, index + 1, code)
      push('s')
      continue
    }
    if (code === 96) {
      const start = index + 1
      const end = lower.indexOf('`', start)
      index = end === -1 ? start : end + 1
      push(end === -1 ? '?' : sqlClass(lower.slice(start, end), false) === 'M' ? 'M' : 'w')
      continue
    }
    if (code === 42 && next === 47) {
      index += 2
      continue
    }
    // Operators of JSON: `->`, `->>`, `#>`, `@>`, `<@`, `?`, `?|`, `?&`.
    if (
      ((code === 45 || code === 35 || code === 64) && next === 62) ||
      (code === 60 && next === 64) ||
      (code === 63 && (last === 's' || last === 'w'))
    ) {
      push('=')
      index += code === 63 && next !== 124 && next !== 38 ? 1 : 2
      continue
    }
    // `{fn …}` and `{x …}` of ODBC and MySQL stand for what is in them.
    if (code === 123) {
      const odbc = /^\{\s{0,8}[a-z]\w{0,15}\s/.exec(lower.slice(index, index + 32))
      const word = odbc?.[0].slice(1).trim()
      if (word !== undefined) {
        index += sqlClass(word, false) === 'i' || word === 'if' ? 1 : odbc![0].length
        continue
      }
    }
    if (code === 125) {
      index += 1
      continue
    }
    if (code === 45 && next === 45) {
      push('c')
      const line = lower.indexOf('\n', index)
      if (line === -1) break
      index = line + 1
      continue
    }
    if (code === 35) {
      push('c')
      const line = lower.indexOf('\n', index)
      if (line === -1) break
      index = line + 1
      continue
    }
    if (code === 64) {
      let end = index + 1
      while (end < lower.length && (isWordPart(lower.charCodeAt(end)) || lower.charCodeAt(end) === 64))
        end += 1
      push(end > index + 1 ? 'v' : '?')
      index = end
      continue
    }
    if (code === 124 && next === 124) {
      push('|')
      index += 2
      continue
    }
    if (code === 38 && next === 38) {
      push('&')
      index += 2
      continue
    }
    if (code === 61 || code === 60 || code === 62 || (code === 33 && next === 61)) {
      push('=')
      index += 1
      continue
    }
    if (code === 33) {
      push('!')
      index += 1
      continue
    }
    if (code === 40 || code === 41 || code === 44 || code === 59) {
      push(lower[index]!)
      index += 1
      continue
    }
    if (code === 42) {
      push('*')
      index += 1
      continue
    }
    if (code === 43 || code === 45 || code === 47 || code === 37 || code === 94 || code === 126) {
      // A sign is part of the number that follows.
      const unary =
        last === '' ||
        last === '=' ||
        last === '&' ||
        last === '(' ||
        last === ',' ||
        last === 'S' ||
        last === '+' ||
        last === '*'
      if (!unary) push('+')
      index += 1
      continue
    }
    push('?')
    index += 1
  }
  return out
}
