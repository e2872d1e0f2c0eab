import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createTableBuffer, SharedTable } from './shared-table.ts'

/** Adds one to each of ten keys in turn, in a table that another thread adds to. */
const adding = `
  const { workerData } = require('node:worker_threads')
  import(workerData.module).then(({ SharedTable }) => {
    const table = new SharedTable(workerData.buffer)
    for (let turn = 0; turn < workerData.turns; turn += 1) {
      const place = table.place(turn % 10, turn % 10, 1)
      table.locked(place, () => { table.values[table.ensure(place, 0)] += 1 })
    }
  })
`

const sets = 3
/** The number of a key, as whoever owns the table reads it. */
const read = (table: SharedTable, set: number, name: number): number | undefined => {
  const place = table.place(set, name, -name)
  return table.locked(place, () => {
    const at = table.find(place)
    return at === -1 ? undefined : table.values[at]
  })
}

describe('SharedTable', () => {
  test('holds of each set the eight that a plain list with the same rule would hold, and counts what it forgot', () => {
    const write = fc.record({
      set: fc.nat(2 * sets - 1),
      name: fc.integer({ min: 1, max: 12 }),
      value: fc.integer({ min: 1, max: 1e15 }),
      worthless: fc.integer({ min: 0, max: 1e15 }),
    })
    fc.assert(
      fc.property(fc.array(write, { maxLength: 150 }), writes => {
        const buffer = createTableBuffer(8 * sets)
        const [one, other] = [new SharedTable(buffer), new SharedTable(buffer)]
        const lists: { name: number; value: number }[][] = Array.from({ length: sets }, () => [])
        let forgotten = 0
        for (const [turn, { set, name, value, worthless }] of writes.entries()) {
          const table = turn % 2 === 0 ? one : other
          const place = table.place(set, name, -name)
          table.locked(place, () => {
            table.values[table.ensure(place, worthless)] = value
          })
          const list = lists[set % sets]!
          const held = list.find(entry => entry.name === name)
          if (held !== undefined) held.value = value
          else if (list.length < 8) list.push({ name, value })
          else {
            const lowest = list.reduce((least, entry) => (entry.value < least.value ? entry : least))
            if (lowest.value > worthless) forgotten += 1
            Object.assign(lowest, { name, value })
          }
        }
        for (const table of [one, other])
          for (let set = 0; set < sets; set += 1)
            for (let name = 1; name <= 12; name += 1)
              expect(read(table, set, name)).toBe(lists[set]!.find(entry => entry.name === name)?.value)
        expect(one.forgotten + other.forgotten).toBe(forgotten)
      }),
    )
  })

  test('a key that is new begins at 0, also where another one stood', () => {
    const table = new SharedTable(createTableBuffer(8))
    const numbers = Array.from({ length: 20 }, (_, name) => {
      const place = table.place(0, name + 1, 0)
      const at = table.ensure(place, 0)
      const before = table.values[at]
      table.values[at] = 7 + name
      return before
    })
    expect(numbers).toEqual(Array.from({ length: 20 }, () => 0))
    expect(table.forgotten).toBe(12)
  })

  test('has room for what it was made for, and leaves its head alone', () => {
    const table = new SharedTable(createTableBuffer(20))
    for (let set = 0; set < 3; set += 1)
      for (let name = 1; name <= 8; name += 1) table.values[table.ensure(table.place(set, name, name), 0)] = 1
    expect(table.forgotten).toBe(0)
    expect([...table.head]).toEqual([0, 0, 0, 0])
    // Of the four sets that two more would take, there are three.
    expect(table.place(3, 1, 1)).toEqual(table.place(0, 1, 1))
  })

  test('threads that change one number do not undo what another did', async () => {
    const turns = 100_000
    const workerData = {
      buffer: createTableBuffer(80),
      module: new URL('./shared-table.ts', import.meta.url).href,
      turns,
    }
    const threads = [1, 2].map(() => new Worker(adding, { eval: true, workerData }))
    await Promise.all(
      threads.map(
        thread => new Promise((resolve, reject) => thread.once('error', reject).once('exit', resolve)),
      ),
    )
    const table = new SharedTable(workerData.buffer)
    const numbers = Array.from({ length: 10 }, (_, key) => {
      const place = table.place(key, key, 1)
      return table.locked(place, () => table.values[table.find(place)])
    })
    expect(numbers).toEqual(Array.from({ length: 10 }, () => (2 * turns) / 10))
  })
})
