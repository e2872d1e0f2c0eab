import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatTable } from './table.ts'
import { terminalText } from './terminal-text.ts'

const columns = [
  { title: 'n', value: (row: { n: number; text: string }) => row.n, align: 'right' as const },
  { title: 'text', value: (row: { n: number; text: string }) => row.text, grow: true },
]

describe('formatTable', () => {
  it('aligns columns and cuts the growing one', () => {
    const rows = [
      { n: 1, text: 'short' },
      { n: 100, text: 'x'.repeat(50) },
    ]
    expect(formatTable(columns, rows, 30)).toBe(`  N  TEXT\n  1  short\n100  ${'x'.repeat(24)}…\n`)
  })

  it('prints the titles of an empty table', () => {
    expect(formatTable(columns, [], 80)).toBe('N  TEXT\n')
  })

  it('never lets a value of the traffic move the cursor', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        const printed = formatTable(columns, [{ n: 1, text }], 200)
        expect(printed.split('\n')).toHaveLength(3)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
        expect(printed.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/)
      }),
    )
  })
})

describe('terminalText', () => {
  it('shows that something was there', () => {
    expect(terminalText('a\u001b[2Jb')).toBe('a\u{fffd}[2Jb')
  })
})
