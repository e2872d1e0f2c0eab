import { terminalText } from './terminal-text.ts'

export interface Column<Row> {
  readonly title: string
  readonly value: (row: Row) => string | number | undefined
  readonly align?: 'right'
  /** Takes what width is left; text that does not fit ends in an ellipsis. At most one. */
  readonly grow?: boolean
}

/** Rows as aligned text, two spaces between columns, titles in capitals. Ends with a newline. */
export function formatTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
): string {
  const cells = rows.map(row => columns.map(column => terminalText(String(column.value(row) ?? ''))))
  const titles = columns.map(column => column.title.toUpperCase())
  const widths = titles.map((title, index) =>
    Math.max(title.length, ...cells.map(line => line[index]?.length ?? 0)),
  )
  const growing = columns.findIndex(column => column.grow === true)
  if (growing >= 0) {
    const others = widths.reduce((sum, one, index) => (index === growing ? sum : sum + one + 2), 0)
    widths[growing] = Math.min(widths[growing] ?? 0, Math.max(20, width - others))
  }
  const line = (parts: readonly string[]): string =>
    parts
      .map((part, index) => {
        const room = widths[index] ?? 0
        const text = part.length > room ? `${part.slice(0, Math.max(0, room - 1))}…` : part
        return columns[index]?.align === 'right' ? text.padStart(room) : text.padEnd(room)
      })
      .join('  ')
      .trimEnd()
  return `${[titles, ...cells].map(line).join('\n')}\n`
}
