import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8')

/** First cells of the table whose head is `| room | … |`. */
function roomTable(): readonly { readonly path: string; readonly holds: string }[] {
  const lines = page.split('\n')
  const head = lines.findIndex(line => /^\| *room *\|/.test(line))
  const rows: { path: string; holds: string }[] = []
  for (const line of lines.slice(head + 2)) {
    const cells = /^\| *`([^`]+)` *\| *(.*?) *\|$/.exec(line)
    if (cells === null) break
    rows.push({ path: cells[1] as string, holds: cells[2] as string })
  }
  return rows
}

describe('the rooms in docs/architecture.md', () => {
  const table = roomTable()
  const rooms = readdirSync(join(root, 'src'), { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(entry => `src/${entry.name}`)

  it('are the folders of src, each once, with a word on what they hold', () => {
    const named = table.map(({ path }) => path).filter(path => path.startsWith('src/'))
    expect([...named].sort()).toEqual([...rooms].sort())
    for (const { path, holds } of table) expect(holds.length, path).toBeGreaterThan(5)
    expect(rooms.length).toBeGreaterThan(10)
  })

  it('are there, outside of src too', () => {
    for (const { path } of table) expect(existsSync(join(root, path)), path).toBe(true)
  })

  it('stand in the order in which they may read each other', () => {
    const drawn = /\*\*Direction\.\*\* `([^`]+)`/.exec(page)?.[1] ?? ''
    const columns = drawn.split('←').map(column => column.match(/[a-z]+/g) ?? [])
    const order = columns.flat()
    expect([...order, 'store'].map(room => `src/${room}`).sort()).toEqual([...rooms].sort())
    expect(table.map(({ path }) => path.replace('src/', '')).filter(room => order.includes(room))).toEqual(
      order,
    )
  })
})
