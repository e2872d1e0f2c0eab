import { expect, test } from 'vitest'
import { withLuhn } from './numbers.ts'
import { seedShop } from './seed.ts'
import { attackerNames, attacks } from './truth.ts'

const seed = seedShop(1)

test('the same seed gives the same shop, another one another', () => {
  expect(seedShop(1)).toEqual(seed)
  expect(seedShop(2)).not.toEqual(seed)
})

test('people, orders and payments fit together', () => {
  const names = new Set(seed.users.map(user => user.username))
  expect(names.size).toBe(seed.users.length)
  expect(new Set(seed.users.map(user => user.customer)).size).toBe(seed.users.length)
  expect(new Set(seed.users.map(user => user.tenant)).size).toBe(4)
  expect(seed.users.filter(user => user.role === 'customer')).toHaveLength(42)
  for (const user of seed.users.filter(({ role }) => role === 'customer')) {
    expect(seed.orders.filter(order => order.customerId === user.username)).toHaveLength(9)
  }
  expect(seed.payments.map(payment => payment.orderId)).toEqual(seed.orders.map(order => order.id))
  // A walk over the numbers meets somebody else at every step.
  expect(seed.orders.every((order, index) => order.customerId !== seed.orders[index + 1]?.customerId)).toBe(
    true,
  )
})

test('cards and accounts check, as data classification expects', () => {
  let cards = 0
  let accounts = 0
  for (const { card, iban } of seed.payments) {
    if (card !== undefined) {
      expect(withLuhn(card.slice(0, -1))).toBe(card)
      expect(card).toHaveLength(16)
      cards += 1
    }
    if (iban !== undefined) {
      const digits = `${iban.slice(4)}1314${iban.slice(2, 4)}`
      expect(BigInt(digits) % 97n).toBe(1n)
      accounts += 1
    }
  }
  expect(cards).toBeGreaterThan(200)
  expect(accounts).toBeGreaterThan(50)
})

test('the truth names accounts that exist and addresses nobody else has', () => {
  const names = seed.users.map(user => user.username)
  for (const name of attackerNames) expect(names).toContain(name)
  expect(new Set(attacks.map(attack => attack.ip)).size).toBe(attacks.length)
  expect(attacks.every(attack => attack.ip.startsWith('198.51.100.'))).toBe(true)
})
