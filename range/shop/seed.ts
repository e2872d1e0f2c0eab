import { cardNumber, iban } from './numbers.ts'
import { Random } from './random.ts'

export type ShopRole = 'customer' | 'support' | 'admin' | 'service'

export interface ShopUser {
  /** The token's `sub`, and `customerId` in the orders of a customer. */
  readonly username: string
  readonly password: string
  readonly role: ShopRole
  readonly tenant: string
  /** The number in `/customers/{id}`. */
  readonly customer: number
  readonly name: string
  readonly email: string
  readonly phone: string
  readonly address: {
    readonly street: string
    readonly city: string
    readonly postalCode: string
    readonly country: string
  }
}

export interface ShopProduct {
  readonly id: number
  readonly slug: string
  readonly name: string
  readonly category: string
  readonly price: number
  readonly description: string
}

export interface ShopOrder {
  readonly id: number
  readonly customerId: string
  readonly tenantId: string
  readonly status: 'placed' | 'paid' | 'shipped' | 'delivered'
  readonly items: readonly { readonly sku: string; readonly quantity: number; readonly price: number }[]
  readonly total: number
  readonly placedAt: string
}

export interface ShopPayment {
  readonly id: string
  readonly orderId: number
  readonly customerId: string
  readonly tenantId: string
  readonly amount: number
  readonly currency: 'EUR'
  readonly method: 'card' | 'sepa'
  readonly card?: string
  readonly iban?: string
  readonly status: 'captured'
}

export interface ShopSeed {
  readonly users: readonly ShopUser[]
  readonly products: readonly ShopProduct[]
  readonly orders: readonly ShopOrder[]
  readonly payments: readonly ShopPayment[]
  readonly coupons: readonly string[]
}

export const tenants = ['acme', 'globex', 'initech', 'umbrella'] as const

const customers =
  'alice bruno carla dario elena felix greta henri irene jonas karin lukas marta nadia ottavio paula quentin rosa stefan tilda ugo vera walter xenia yusuf zoe anton bea cyril dora emil flora gustav hanna ivan jelena kasper lotte milan nora'.split(
    ' ',
  )
/** Customers with bad intentions: real accounts, like the others. */
const rogues = ['mallory', 'oscar'] as const
const families =
  'Berger Costa Dubois Eriksen Fontana Gruber Hansen Ivanova Jansen Keller Lindqvist Moreau Novak Olsen'.split(
    ' ',
  )
const streets = ['Lindenstraße', 'Rue des Lilas', 'Via Garibaldi', 'Storgatan', 'Hauptplatz', 'Calle Mayor']
const cities = [
  ['Berlin', 'DE'],
  ['Lyon', 'FR'],
  ['Torino', 'IT'],
  ['Malmö', 'SE'],
  ['Graz', 'AT'],
  ['Zaragoza', 'ES'],
] as const
const adjectives = 'amber blue coral dusty early faded golden hazel indigo jade'.split(' ')
const things = 'lamp kettle chair blanket mug shelf clock basket mirror stool vase rug'.split(' ')
const categories = ['kitchen', 'living', 'office', 'garden']

const day = 86_400_000
const epoch = Date.UTC(2026, 0, 5, 9)

/** Everything the shop begins with. The same seed gives the same shop, in every process that asks. */
export function seedShop(seed: number): ShopSeed {
  const random = new Random(seed)
  const user = (username: string, index: number, role: ShopRole): ShopUser => {
    const [city, country] = random.pick(cities)
    const family = random.pick(families)
    const given = username.charAt(0).toUpperCase() + username.slice(1)
    return {
      username,
      password: `${username}-${random.pick(things)}-${random.digits(4)}`,
      role,
      tenant: tenants[index % tenants.length] ?? tenants[0],
      customer: 2_000 + index * 7,
      name: `${given} ${family}`,
      email: `${username}.${family.toLowerCase()}@mail.example`,
      phone: `+49 30 ${random.digits(3)} ${random.digits(4)}`,
      address: {
        street: `${random.pick(streets)} ${random.int(1, 120)}`,
        city,
        postalCode: random.digits(5),
        country,
      },
    }
  }
  const shoppers = [...customers, ...rogues].map((username, index) => user(username, index, 'customer'))
  const staff = ['support-ines', 'support-marek', 'support-ayla'].map((name, index) =>
    user(name, 60 + index, 'support'),
  )
  const users = [...shoppers, ...staff, user('admin-petra', 70, 'admin'), user('partner-sync', 71, 'service')]

  const products = Array.from({ length: 96 }, (_, index): ShopProduct => {
    const name = `${adjectives[index % 10]} ${things[Math.floor(index / 8)]}`
    return {
      id: index + 1,
      slug: `${name.replace(' ', '-')}-${index + 1}`,
      name,
      category: categories[index % 4] ?? 'living',
      price: random.int(490, 18_900) / 100,
      description: `A ${name} for every day.`,
    }
  })

  const orders: ShopOrder[] = []
  const payments: ShopPayment[] = []
  // Neighbouring numbers belong to different customers, as in a shop that sells to many at once.
  for (let index = 0; index < shoppers.length * 9; index += 1) {
    const customer = shoppers[(index * 5) % shoppers.length]
    if (customer === undefined) continue
    const items = Array.from({ length: random.int(1, 3) }, () => {
      const product = random.pick(products)
      return { sku: product.slug, quantity: random.int(1, 2), price: product.price }
    })
    const total =
      Math.round(items.reduce((sum, { price, quantity }) => sum + price * quantity, 0) * 100) / 100
    const id = 1_000 + index
    const byCard = random.chance(0.7)
    orders.push({
      id,
      customerId: customer.username,
      tenantId: customer.tenant,
      status: random.pick(['paid', 'shipped', 'delivered']),
      items,
      total,
      placedAt: new Date(epoch + Math.floor((index * day) / 4)).toISOString(),
    })
    payments.push({
      id: random.uuid(),
      orderId: id,
      customerId: customer.username,
      tenantId: customer.tenant,
      amount: total,
      currency: 'EUR',
      method: byCard ? 'card' : 'sepa',
      ...(byCard ? { card: cardNumber(random) } : { iban: iban(random) }),
      status: 'captured',
    })
  }
  return { users, products, orders, payments, coupons: ['WELCOME10', 'SPRING5', 'THANKYOU15'] }
}
