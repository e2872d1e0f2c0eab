import type { Account } from '../../world/accounts.ts'
import type { JsonObject } from '../../world/http.ts'
import { address, cardNumber } from '../../world/names.ts'
import type { Stream } from '../../world/stream.ts'
import { Ids } from '../../world/style.ts'
import type { World } from '../../world/world.ts'
import { makeProducts, type Product } from './catalogue.ts'

export interface Address {
  readonly id: string
  readonly owner: string
  line1: string
  city: string
  postalCode: string
  country: string
}

export interface CardOnFile {
  readonly id: string
  readonly owner: string
  readonly number: string
  readonly holder: string
  readonly expiry: string
}

export interface Order {
  readonly id: string
  readonly owner: string
  readonly created: number
  readonly lines: readonly {
    readonly product: string
    readonly title: string
    readonly quantity: number
    readonly price: number
  }[]
  readonly total: number
  readonly discount: number
  readonly address: string
  readonly card: string
  status: 'placed' | 'paid' | 'shipped' | 'delivered' | 'cancelled' | 'returned'
}

export interface Cart {
  lines: { product: string; quantity: number }[]
  coupon: string | undefined
  address: string | undefined
  reserved: boolean
}

export interface Wishlist {
  readonly id: string
  readonly owner: string
  title: string
  readonly products: string[]
  readonly sharedWith: Set<string>
  public: boolean
}

/** A customer who asked for help: whose data support may look at until it is closed. */
export interface Case {
  readonly id: string
  readonly customer: string
  readonly agent: string
  readonly until: number
}

export interface GiftCard {
  readonly code: string
  balance: number
}

/** Everything the shop knows. */
export class ShopStore {
  readonly world: World
  readonly stream: Stream
  readonly #productIds: Ids
  readonly orderIds: Ids
  readonly addressIds: Ids
  readonly listIds: Ids
  readonly caseIds: Ids
  readonly cardIds: Ids
  readonly products: Map<string, Product>
  readonly orders = new Map<string, Order>()
  readonly ordersOf = new Map<string, Order[]>()
  readonly addresses = new Map<string, Address>()
  readonly cards = new Map<string, CardOnFile>()
  readonly carts = new Map<string, Cart>()
  readonly wishlists = new Map<string, Wishlist>()
  readonly cases = new Map<string, Case>()
  readonly giftCards = new Map<string, GiftCard>()
  readonly coupons = new Map<
    string,
    { readonly percent: number; readonly once: boolean; readonly used: Map<string, number> }
  >()

  constructor(world: World) {
    this.world = world
    const { style } = world
    this.stream = world.stream.fork('store')
    const ids = (type: string, prefix: string): Ids => new Ids(this.stream, style.idStyle(type), prefix)
    this.orderIds = ids('orders', 'ord')
    this.addressIds = ids('addresses', 'adr')
    this.listIds = ids('wishlists', 'wl')
    this.caseIds = ids('cases', 'case')
    this.cardIds = ids('cards', 'pm')
    this.#productIds = ids('products', 'prd')
    this.products = makeProducts(this.stream.fork('products'), this.#productIds, world.start, 320)
    for (const [code, percent] of [
      ['WELCOME10', 10],
      ['SPRING15', 15],
    ] as const)
      this.coupons.set(code, { percent, once: true, used: new Map() })
    for (let index = 0; index < 40; index += 1) {
      const code = this.giftCode(this.stream)
      this.giftCards.set(code, { code, balance: this.stream.pick([10, 25, 50, 100]) })
    }
  }

  giftCode(stream: Stream): string {
    return `GC${stream.digits(6)}`
  }

  /** What somebody new brings along: an address or two, a card. */
  welcome(account: Account, stream: Stream, now: number): void {
    for (let count = stream.int(1, 2); count > 0; count -= 1) this.addAddress(account, address(stream), now)
    this.addCard(
      account,
      cardNumber(stream),
      `${String(stream.int(1, 12)).padStart(2, '0')}/${stream.int(27, 31)}`,
      now,
    )
  }

  /** What an account has from the start: that, and orders of the past. */
  furnish(account: Account, stream: Stream, now: number): void {
    this.welcome(account, stream, now)
    for (let count = stream.poisson(4); count > 0; count -= 1) {
      const order = this.place(
        account,
        this.someLines(stream),
        undefined,
        now - stream.int(2, 200) * 86_400_000,
      )
      order.status = 'delivered'
    }
    if (stream.chance(0.4))
      this.addWishlist(account, 'Favourites', stream.some([...this.products.keys()], 4), now)
  }

  /** A product that was taken out of the shop. */
  goneProduct(stream: Stream): string {
    return this.#productIds.guess(stream, this.world.start)
  }

  someLines(stream: Stream): { product: string; quantity: number }[] {
    const all = [...this.products.keys()]
    return Array.from({ length: stream.int(1, 4) }, () => ({
      product: stream.popular(all),
      quantity: stream.int(1, 3),
    }))
  }

  addAddress(account: Account, facts: Omit<Address, 'id' | 'owner'>, now: number): Address {
    const added: Address = { id: this.addressIds.next(now), owner: account.id, ...facts }
    this.addresses.set(added.id, added)
    return added
  }

  addCard(account: Account, number: string, expiry: string, now: number): CardOnFile {
    const card = { id: this.cardIds.next(now), owner: account.id, number, holder: account.name, expiry }
    this.cards.set(card.id, card)
    return card
  }

  addWishlist(account: Account, title: string, products: readonly string[], now: number): Wishlist {
    const list: Wishlist = {
      id: this.listIds.next(now),
      owner: account.id,
      title,
      products: [...products],
      sharedWith: new Set(),
      public: false,
    }
    this.wishlists.set(list.id, list)
    return list
  }

  place(
    account: Account,
    lines: readonly { readonly product: string; readonly quantity: number }[],
    coupon: string | undefined,
    now: number,
  ): Order {
    const priced = lines.flatMap(({ product, quantity }) => {
      const found = this.products.get(product)
      return found === undefined ? [] : [{ product, title: found.title, quantity, price: found.price }]
    })
    const sum = priced.reduce((total, { price, quantity }) => total + price * quantity, 0)
    const percent = coupon === undefined ? 0 : (this.coupons.get(coupon)?.percent ?? 0)
    const order: Order = {
      id: this.orderIds.next(now),
      owner: account.id,
      created: now,
      lines: priced,
      total: cents(sum * (1 - percent / 100)),
      discount: cents((sum * percent) / 100),
      address: this.addressesOf(account.id)[0]?.id ?? '',
      card: [...this.cards.values()].find(({ owner }) => owner === account.id)?.number.slice(-4) ?? '',
      status: 'placed',
    }
    this.orders.set(order.id, order)
    const own = this.ordersOf.get(account.id)
    if (own === undefined) this.ordersOf.set(account.id, [order])
    else own.push(order)
    return order
  }

  addressesOf(account: string): readonly Address[] {
    return [...this.addresses.values()].filter(({ owner }) => owner === account)
  }

  cart(account: string): Cart {
    let cart = this.carts.get(account)
    if (cart === undefined) {
      cart = { lines: [], coupon: undefined, address: undefined, reserved: false }
      this.carts.set(account, cart)
    }
    return cart
  }

  /** May this member of staff look at this customer now? */
  hasCase(agent: string, customer: string, now: number): boolean {
    for (const one of this.cases.values())
      if (one.agent === agent && one.customer === customer && one.until > now) return true
    return false
  }

  orderView(order: Order): JsonObject & { readonly id: string } {
    const { id, owner, created, lines, total, discount, card, status } = order
    const where = this.addresses.get(order.address)
    const account = this.world.accounts.byId(owner)
    return {
      id,
      customerId: owner,
      status,
      createdAt: new Date(created).toISOString(),
      items: lines.map(({ product, title, quantity, price }) => ({
        productId: product,
        title,
        quantity,
        unitPrice: price,
      })),
      total,
      discount,
      currency: 'EUR',
      payment: { method: 'card', last4: card },
      shippingAddress:
        where === undefined
          ? null
          : {
              name: account?.name,
              line1: where.line1,
              city: where.city,
              postalCode: where.postalCode,
              country: where.country,
            },
      contact: { email: account?.email, phone: account?.phone },
    }
  }
}

export const cents = (value: number): number => Math.round(value * 100) / 100
