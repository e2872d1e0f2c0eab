import { expect, it } from 'vitest'
import { WaitingRecords } from './waiting-records.ts'

it('keeps what the store refused, in order, up to its bound, and counts what it lost', async () => {
  const stored: number[] = []
  let full = true
  let lost = 0
  const records = new WaitingRecords<number>({
    write: async items => {
      if (full) throw new Error('the disk is full')
      stored.push(...items)
    },
    save: work =>
      work().then(
        () => true,
        () => false,
      ),
    most: 5,
    lost: count => {
      lost += count
    },
  })
  records.add([1, 2, 3])
  await records.flush()
  records.add([4])
  const refused = records.flush()
  // What comes while one is being written waits for the next.
  records.add([5, 6, 7])
  await refused
  expect([stored, lost]).toEqual([[], 2])
  full = false
  await records.flush()
  await records.flush()
  expect([stored, lost]).toEqual([[3, 4, 5, 6, 7], 2])
})
