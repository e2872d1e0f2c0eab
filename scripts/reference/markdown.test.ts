import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { block, code, prose, table } from './markdown.ts'

/** Strings in which what Markdown reads is frequent. */
const odd = fc.string({
  unit: fc.constantFrom('`', '``', '|', '\\', '<', '*', '_', '\n', '\u200b', ' ', 'a'),
  maxLength: 20,
})

describe('a code span', () => {
  it('is closed by nothing it holds, on one line', () => {
    fc.assert(
      fc.property(odd, text => {
        const span = code(text)
        const fence = /^`+/.exec(span)?.[0] ?? ''
        expect(span).not.toMatch(/[\n\u200b]/)
        expect(span.endsWith(fence)).toBe(true)
        const runs = span.slice(fence.length, -fence.length).match(/`+/g) ?? []
        expect(runs.every(run => run.length < fence.length)).toBe(true)
      }),
    )
  })

  it('shows what it was given', () => {
    const rows: readonly (readonly [string, string])[] = [
      ['a', '`a`'],
      ['a`b', '``a`b``'],
      ['`a', '`` `a ``'],
      ['a\tb\r\n', '`a\\tb\\r\\n`'],
      [' a ', '`  a  `'],
    ]
    for (const [text, span] of rows) expect(code(text)).toBe(span)
    expect(rows).toHaveLength(5)
  })
})

it('a block is closed by nothing it holds', () => {
  fc.assert(
    fc.property(odd, text => {
      const lines = block('text', text).split('\n')
      const fence = /^`+/.exec(lines[0] as string)?.[0] ?? ''
      expect(lines.at(-1)).toBe(fence)
      for (const line of lines.slice(1, -1)) expect(line.includes(fence)).toBe(false)
    }),
  )
})

it('a table has the same cells in every row, whatever they hold', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(odd, odd), { minLength: 1, maxLength: 5 }), rows => {
      const cells = rows.map(([a, b]) => [code(`x${a}`), prose(`x${b}`)])
      const lines = table(['one', 'two'], cells).split('\n')
      expect(lines).toHaveLength(rows.length + 2)
      // A bar counts where an even number of backslashes stands before it.
      for (const line of lines) expect(line.match(/(?<!\\)(?:\\\\)*\|/g)).toHaveLength(3)
    }),
  )
})

it('prose keeps code and takes the meaning from the rest', () => {
  expect(prose('a < b, *x* and `c < d`\n  e')).toBe('a \\< b, \\*x\\* and `c < d` e')
})
