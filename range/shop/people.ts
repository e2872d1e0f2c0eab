import { apiHost, Client, type Reply } from './client.ts'
import { cardNumber } from './numbers.ts'
import type { Random } from './random.ts'
import type { ShopUser } from './seed.ts'

/** What a person does in one sitting: one call per step, and what came back. */
export type Sitting = AsyncGenerator<Reply, void, void>

export interface Person {
  readonly user: ShopUser
  readonly client: Client
  readonly random: Random
}

const browsers = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15',
  'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0',
]
const apps = [
  'ShopApp/4.2.1 (iPhone15,3; iOS 18.6)',
  'ShopApp/4.2.0 (SM-S921B; Android 15)',
  'ShopApp/4.1.7 (Pixel 8; Android 15)',
]

/** A person with one device and one address, always the same ones. */
export function person(user: ShopUser, index: number, target: string, random: Random): Person {
  const userAgent =
    user.role === 'service'
      ? 'partner-sync/2.3'
      : user.role === 'customer' && random.chance(0.55)
        ? random.pick(apps)
        : random.pick(browsers)
  // The last network is the staff's and the attackers' own; customers come from the other two.
  const ip =
    user.role === 'customer'
      ? `${index % 2 === 0 ? '203.0.113' : '192.0.2'}.${10 + index}`
      : `192.0.2.${200 + (index % 40)}`
  return { user, random, client: new Client({ target, host: apiHost, userAgent, ip }) }
}

const searches = ['lamp', 'kettle', 'blue mug', 'chair', 'basket', 'rug', 'mirror', 'golden vase', 'stool']
const questions = [
  'Where is my parcel?',
  'Can I change the address?',
  'The colour is not what I expected',
  'Invoice for my company',
]

interface Listed {
  readonly items?: readonly { readonly id?: number | string; readonly slug?: string }[]
}
const listed = (reply: Reply): readonly { readonly id?: number | string; readonly slug?: string }[] =>
  (reply.body as Listed | undefined)?.items ?? []

/** Ends the sitting where a person would: not signed in, shut out, or the shop does not answer. */
class Left extends Error {}

async function* visit(who: Person, act: (call: Call) => Sitting): Sitting {
  const signedIn = await who.client.signIn(who.user.username, who.user.password)
  yield signedIn
  if (signedIn.status !== 200) return
  try {
    yield* act(async (method, path, body) => {
      const reply = await who.client.call(method, path, body)
      if (reply.status === 401 || reply.status === 0) throw new Left()
      return reply
    })
  } catch (thrown) {
    if (!(thrown instanceof Left)) throw thrown
  }
}

type Call = (method: string, path: string, body?: unknown) => Promise<Reply>

/** A customer looks at their own things, and sometimes buys. The first sitting shows every page the shop has for them. */
export const customerSitting = (who: Person, first: boolean): Sitting =>
  visit(who, async function* (call) {
    const { random, user } = who
    const often = (probability: number): boolean => first || random.chance(probability)
    yield await call('GET', '/customers/me')
    const orders = await call('GET', '/orders')
    yield orders
    const own = listed(orders)
    for (let count = first ? 4 : random.int(0, 3); count > 0 && own.length > 0; count -= 1) {
      const { id } = random.pick(own)
      yield await call('GET', `/orders/${id}`)
      if (random.chance(0.35)) yield await call('GET', `/orders/${id}/invoice`)
    }
    if (often(0.3)) yield await call('GET', `/customers/${user.customer}`)
    if (often(0.7)) {
      const shelf = await call('GET', `/products?page=${random.int(1, 8)}`)
      yield shelf
      for (let count = random.int(1, 3); count > 0 && listed(shelf).length > 0; count -= 1) {
        yield await call('GET', `/products/${random.pick(listed(shelf)).slug}`)
      }
    }
    if (often(0.4)) yield await call('GET', `/products/search?q=${encodeURIComponent(random.pick(searches))}`)
    if (random.chance(first ? 0.5 : 0.25)) {
      const found = await call('GET', '/products?page=1&category=living')
      yield found
      const { slug } = listed(found).length > 0 ? random.pick(listed(found)) : {}
      const order = await call('POST', '/orders', { sku: slug, quantity: random.int(1, 3) })
      yield order
      const { id } = (order.body ?? {}) as { id?: number }
      if (random.chance(0.3))
        yield await call('POST', '/coupons/redeem', {
          code: random.pick(['WELCOME10', 'SPRING5', 'THANKYOU15']),
        })
      if (id !== undefined) {
        const payment = await call('POST', '/payments', { orderId: id, card: cardNumber(random) })
        yield payment
        const { id: paymentId } = (payment.body ?? {}) as { id?: string }
        if (paymentId !== undefined) yield await call('GET', `/payments/${paymentId}`)
        yield await call('GET', `/orders/${id}`)
      }
    }
    if (often(0.2)) {
      const payments = await call('GET', '/payments')
      yield payments
      if (listed(payments).length > 0)
        yield await call('GET', `/payments/${random.pick(listed(payments)).id}`)
    }
    if (random.chance(0.12))
      yield await call('PUT', '/customers/me', { phone: `+49 30 ${random.digits(3)} ${random.digits(4)}` })
    if (random.chance(0.15)) {
      yield await call('POST', '/support/tickets', {
        subject: random.pick(questions),
        message: 'Thank you in advance.',
      })
      yield await call('GET', '/support/tickets')
    }
    if (random.chance(0.4)) yield await call('POST', '/auth/logout')
  })

/** Support reads tickets, and the orders and profiles of those who wrote them: other people's, and rightly so. */
export const supportSitting = (who: Person, customers: readonly ShopUser[]): Sitting =>
  visit(who, async function* (call) {
    const { random } = who
    yield await call('GET', '/support/tickets')
    for (let count = random.int(4, 9); count > 0; count -= 1) {
      yield await call('GET', `/orders/${random.int(1_000, 1_330)}`)
      if (random.chance(0.4)) yield await call('GET', `/customers/${random.pick(customers).customer}`)
      if (random.chance(0.2)) yield await call('GET', `/orders/${random.int(1_000, 1_330)}/invoice`)
    }
  })

/** The administrator and the partner's job export what they are there to export. */
export const exportSitting = (who: Person): Sitting =>
  visit(who, async function* (call) {
    const from = who.random.int(0, 12) * 25 + 1_000
    yield await call('GET', `/admin/export?from=${from}&to=${from + 24}&format=json`)
  })
