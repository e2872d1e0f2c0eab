import { randomFillSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { SaltedPlaces } from './salted-places.ts'
import { createTableBuffer, SharedTable } from './shared-table.ts'

const placesOf = (salt: Int32Array): SaltedPlaces =>
  new SaltedPlaces(new SharedTable(createTableBuffer(512)), salt)

test('a key has one place under one salt, and no two keys the same', () => {
  const salt = new Int32Array([1, 2, 3])
  const [one, other] = [placesOf(salt), placesOf(salt)]
  const seen = new Set<string>()
  for (let key = 0; key < 20_000; key += 1) {
    const place = one.of(`user:${key}`)
    // More keys than are remembered: found anew, each is where it was.
    expect(other.of(`user:${key}`)).toEqual(place)
    seen.add(`${place.high} ${place.low}`)
  }
  expect(one.of('user:0')).toEqual(other.of('user:0'))
  expect(seen.size).toBe(20_000)
})

test('names that fall together under one salt do not under another', () => {
  const known = placesOf(new Int32Array(3))
  const together = new Map<number, string[]>()
  let chosen: readonly string[] = []
  for (let name = 0; chosen.length < 9; name += 1) {
    const { lock } = known.of(`user:${name}`)
    const names = together.get(lock) ?? []
    names.push(`user:${name}`)
    together.set(lock, names)
    chosen = names
  }
  expect(new Set(chosen.map(name => known.of(name).lock)).size).toBe(1)
  const salted = placesOf(randomFillSync(new Int32Array(3)))
  expect(new Set(chosen.map(name => salted.of(name).lock)).size).toBeGreaterThan(1)
})
