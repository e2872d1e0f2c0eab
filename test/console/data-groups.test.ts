import { expect, test } from 'vitest'
import { groupedClasses } from '../../console/src/format/data-groups.ts'
import { inventoryName } from '../../console/src/format/inventory.ts'
import { criticalities } from '../../console/src/format/labels.ts'
import { criticalities as known } from '../../src/catalog/criticalities.ts'
import { dataClasses } from '../../src/catalog/data-classes/index.ts'
import { inventories } from '../../src/catalog/endpoint.ts'

// The console imports none of the server's code, so the words that both must know are compared here.

test('the console knows the group of every class of data', () => {
  expect(dataClasses.length).toBeGreaterThan(20)
  expect(Object.fromEntries([...groupedClasses()].sort())).toEqual(
    Object.fromEntries(dataClasses.map(({ id, group }) => [id, group] as const).sort()),
  )
})

test('the console offers what an endpoint may be for, and names how it may be known', () => {
  expect([...criticalities].sort()).toEqual([...known].sort())
  expect(Object.keys(inventoryName).sort()).toEqual([...inventories].sort())
})
