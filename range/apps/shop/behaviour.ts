import { minute } from '../../world/calendar.ts'
import { type Crowd, think, type Visit } from '../../world/crowd.ts'
import { type Ask, type JsonObject, textOf } from '../../world/http.ts'
import { address, cardNumber, password } from '../../world/names.ts'
import { itemsOf } from '../../world/style.ts'
import type { Script, Step } from '../../world/timeline.ts'
import type { World } from '../../world/world.ts'
import { categories } from './catalogue.ts'
import type { ShopPaths } from './routes.ts'
import type { ShopStore } from './store.ts'

/** What people do in the shop. */
export class ShopBehaviour {
  readonly #world: World
  readonly #store: ShopStore
  readonly #paths: ShopPaths

  constructor(world: World, store: ShopStore, paths: ShopPaths) {
    this.#world = world
    this.#store = store
    this.#paths = paths
  }

  get(path: string, query = ''): Ask {
    return { method: 'GET', path: `${this.#world.at(path)}${query === '' ? '' : `?${query}`}` }
  }

  post(path: string, body: JsonObject): Ask {
    return { method: 'POST', path: this.#world.at(path), body }
  }

  register(crowd: Crowd): void {
    crowd.does('customer', visit => this.customer(visit))
    crowd.does('support', visit => this.support(visit))
    crowd.does('analyst', visit => this.analyst(visit))
    crowd.does('admin', visit => this.admin(visit))
    crowd.does('merchandiser', visit => this.merchandiser(visit))
  }

  *customer(visit: Visit): Script {
    const { client, stream } = visit
    const me = this.#world.accounts.paths.me
    yield* client.together([
      this.get(me),
      this.get(this.#paths.cart),
      this.get(this.#paths.products, this.#world.style.page(0)),
    ])
    yield* think(visit)
    const doing = stream.weighted([
      ['browse', 8],
      ['order', 4],
      ['look', 5],
      ['account', 1],
      ['list', 1],
      ['gift', 0.4],
    ])
    if (doing === 'browse') yield* this.browse(visit)
    else if (doing === 'order') yield* this.order(visit)
    else if (doing === 'look') yield* this.look(visit)
    else if (doing === 'account') yield* this.account(visit)
    else if (doing === 'gift') yield* this.giftCard(visit)
    else yield* this.wishlist(visit)
  }

  *browse(visit: Pick<Visit, 'client' | 'stream'>): Step<readonly string[]> {
    const { client, stream } = visit
    const { style } = this.#world
    const seen: string[] = []
    for (let round = stream.int(1, 4); round > 0; round -= 1) {
      const list = stream.chance(0.3)
        ? this.get(
            this.#paths.search,
            `q=${encodeURIComponent(stream.pick([...this.#store.products.values()]).title.split(' ')[0] ?? '')}&${style.page(0)}`,
          )
        : this.get(
            this.#paths.products,
            `category=${stream.pick(categories)}&${style.page(stream.chance(0.2) ? style.pageSize : 0)}`,
          )
      const answer = yield* client.send(list)
      yield* think(visit)
      const shown = itemsOf(answer.json)
      for (let look = stream.int(0, 3); look > 0 && shown.length > 0; look -= 1) {
        const id = textOf(stream.popular(shown).id) ?? ''
        seen.push(id)
        yield* client.send(this.get(`${this.#paths.products}/${id}`))
        yield* think(visit)
      }
    }
    return seen
  }

  *order(visit: Visit): Script {
    const { client, stream, person } = visit
    const { world } = visit
    const seen = yield* this.browse(visit)
    const chosen =
      seen.length > 0
        ? stream.some(seen, stream.int(1, 3))
        : [stream.popular([...this.#store.products.keys()])]
    for (const productId of chosen) {
      const added = yield* client.send(
        this.post(`${this.#paths.cart}/items`, {
          productId,
          quantity: stream.weighted([
            [1, 8],
            [2, 2],
            [3, 1],
          ]),
        }),
      )
      // A click that came to nothing is clicked again; an older version of the app did so by itself.
      if (!added.ok && stream.chance(0.3))
        yield* client.send(this.post(`${this.#paths.cart}/items`, { productId, quantity: 1 }))
      yield* think(visit)
    }
    yield* client.send(this.get(this.#paths.cart))
    if (stream.chance(0.35)) return
    yield* think(visit)
    if (stream.chance(0.12)) {
      yield* client.send(
        this.post(`${this.#paths.cart}/coupon`, { code: stream.pick(['WELCOME10', 'SPRING15', 'FREESHIP']) }),
      )
      yield* think(visit)
    }
    const listed = yield* client.together([this.get(this.#paths.addresses), this.get(this.#paths.cards)])
    const where = itemsOf(listed[0]!.json)
    const cards = itemsOf(listed[1]!.json)
    let addressId = textOf(where[0]?.id)
    if (addressId === undefined || stream.chance(0.06)) {
      const made = yield* client.send(this.post(this.#paths.addresses, address(stream)))
      addressId = textOf(made.json.id) ?? addressId
    }
    yield* think(visit)
    yield* client.send(this.post(`${this.#paths.checkout}/address`, { addressId }))
    yield* think(visit)
    let method = textOf(cards[0]?.id)
    if (method === undefined) {
      const card = this.#store.addCard(person.account, `400000${stream.digits(10)}`, '04/29', world.now)
      method = card.id
    }
    const card = this.#store.cards.get(method)
    // One in six types the number.
    const paid =
      stream.chance(0.16) && card !== undefined
        ? {
            cardNumber: stream.chance(0.08) ? cardNumber(stream) : card.number,
            cvv: stream.digits(3),
            expiry: card.expiry,
          }
        : { paymentMethodId: method }
    const payment = yield* client.send(this.post(`${this.#paths.checkout}/payment`, paid))
    if (!payment.ok) {
      yield* think(visit)
      yield* client.send(this.post(`${this.#paths.checkout}/payment`, { paymentMethodId: method }))
    }
    yield stream.between(800, 3_000)
    const placed = yield* client.send(
      this.post(this.#paths.checkout, { note: stream.chance(0.1) ? 'Please ring twice.' : '' }),
    )
    const id = textOf(placed.json.id)
    if (id !== undefined) {
      yield stream.between(300, 1_500)
      yield* client.send(this.get(`${this.#paths.orders}/${id}`))
    }
  }

  *look(visit: Visit): Script {
    const { client, stream } = visit
    const { style } = this.#world
    // An older page of the account says whose orders it wants.
    const whose = stream.chance(0.1)
      ? `${style.snake ? 'customer_id' : 'customerId'}=${visit.person.account.id}&`
      : ''
    const answer = yield* client.send(this.get(this.#paths.orders, `${whose}${style.page(0)}`))
    const orders = itemsOf(answer.json)
    yield* think(visit)
    for (const order of stream.some(orders, stream.int(1, 3))) {
      const id = textOf(order.id) ?? ''
      yield* client.send(this.get(`${this.#paths.orders}/${id}`))
      yield* think(visit)
      if (stream.chance(0.25)) yield* client.send(this.get(`${this.#paths.orders}/${id}/invoice`))
      if (order.status === 'delivered' && stream.chance(0.03))
        yield* client.send(this.post(`${this.#paths.orders}/${id}/return`, { reason: 'too small' }))
      if (order.status === 'paid' && stream.chance(0.05))
        yield* client.send(this.post(`${this.#paths.orders}/${id}/cancel`, { reason: 'ordered twice' }))
    }
  }

  *account(visit: Visit): Script {
    const { client, stream, person } = visit
    const me = this.#world.accounts.paths.me
    yield* client.send(this.get(me))
    yield* think(visit)
    if (stream.chance(0.3))
      yield* client.send({
        method: 'PATCH',
        path: this.#world.at(me),
        body: { phone: `+4915${stream.digits(9)}` },
      })
    if (stream.chance(0.1)) {
      const fresh = password(stream)
      const changed = yield* client.send(
        this.post(this.#world.accounts.paths.password, {
          currentPassword: person.password,
          newPassword: fresh,
        }),
      )
      if (changed.ok) person.password = fresh
    }
    if (stream.chance(0.08))
      yield* client.send(
        this.post('/me/picture', { imageUrl: `https://pictures.example/u/${person.id}.jpg` }),
      )
    const answer = yield* client.send(this.get(this.#paths.addresses))
    const first = itemsOf(answer.json)[0]
    if (first !== undefined && stream.chance(0.4)) {
      yield* client.send(this.get(`${this.#paths.addresses}/${textOf(first.id)}`))
      yield* think(visit)
      yield* client.send({
        method: 'PUT',
        path: this.#world.at(`${this.#paths.addresses}/${textOf(first.id)}`),
        body: address(stream),
      })
    }
  }

  /** Own lists, and those that somebody sent a link to. */
  *wishlist(visit: Visit): Script {
    const { client, stream, person } = visit
    const lists = [...this.#store.wishlists.values()]
    const shared = lists.filter(list => list.public && list.owner !== person.account.id)
    if (shared.length > 0 && stream.chance(0.6)) {
      yield* client.send(this.get(`${this.#paths.wishlists}/${stream.pick(shared).id}`))
      return
    }
    const own = lists.find(({ owner }) => owner === person.account.id)
    const id =
      own?.id ?? textOf((yield* client.send(this.post(this.#paths.wishlists, { title: 'Birthday' }))).json.id)
    if (id === undefined) return
    yield* think(visit)
    yield* client.send(this.get(`${this.#paths.wishlists}/${id}`))
    if (stream.chance(0.4)) yield* client.send(this.post(`${this.#paths.wishlists}/${id}/share`, {}))
  }

  *giftCard({ client, stream }: Visit): Script {
    const code = stream.pick([...this.#store.giftCards.keys()])
    if (stream.chance(0.3)) {
      yield* client.send(this.get(`${this.#paths.giftCards}/${code.slice(0, -1)}${stream.int(0, 9)}`))
      yield stream.between(5_000, 20_000)
    }
    yield* client.send(this.get(`${this.#paths.giftCards}/${code}`))
  }

  /** A case is opened for a customer who called; then, and only then, their data is looked at. */
  *support(visit: Visit): Script {
    const { client, stream, world } = visit
    const customers = world.people.filter(({ role }) => role === 'customer')
    for (let cases = stream.int(2, 7); cases > 0; cases -= 1) {
      const customer = stream.pick(customers)
      yield* client.send(
        this.get(`${this.#paths.support}/customers`, `email=${encodeURIComponent(customer.account.email)}`),
      )
      yield* think(visit)
      yield* client.send(
        this.post(`${this.#paths.support}/cases`, {
          customerId: customer.account.id,
          reason: stream.pick(['parcel lost', 'wrong item', 'refund', 'login trouble']),
        }),
      )
      yield* client.send(this.get(`${this.#paths.support}/customers/${customer.account.id}`))
      yield* think(visit)
      for (const { id } of stream.some(
        this.#store.ordersOf.get(customer.account.id) ?? [],
        stream.int(0, 3),
      )) {
        yield* client.send(this.get(`${this.#paths.orders}/${id}`))
        yield* think(visit)
      }
      yield stream.between(minute, 8 * minute)
    }
  }

  /** A report that goes through every page, and an export at the end of the month. */
  *analyst({ client, stream, world }: Visit): Script {
    const { style } = world
    const pages = stream.chance(0.4) ? 12 : 3
    for (let page = 0; page < pages; page += 1) {
      const answer = yield* client.send(this.get(`${this.#paths.admin}/orders`, style.page(page * 100, 100)))
      if (itemsOf(answer.json).length === 0) break
      yield stream.between(1_500, 9_000)
    }
    if (world.calendar.isMonthEnd(world.now) || stream.chance(0.1))
      yield* client.send(this.post(`${this.#paths.admin}/exports`, { kind: 'orders' }))
  }

  *admin(visit: Visit): Script {
    const { client, stream, world } = visit
    yield* client.send(this.get(`${this.#paths.admin}/users`, world.style.page(0)))
    yield* think(visit)
    yield* client.send(this.get(`${this.#paths.admin}/orders`, world.style.page(0)))
    if (stream.chance(0.1))
      yield* client.send(this.post(`${this.#paths.admin}/exports`, { kind: 'customers' }))
  }

  *merchandiser(visit: Visit): Script {
    const { client, stream, world } = visit
    const listed = yield* client.send(
      this.get(this.#paths.products, `category=${stream.pick(categories)}&${world.style.page(0)}`),
    )
    yield* think(visit)
    for (const row of stream.some(itemsOf(listed.json), stream.int(2, 8))) {
      const product = this.#store.products.get(textOf(row.id) ?? '')
      if (product === undefined) continue
      yield* client.send(this.get(`${this.#paths.products}/${product.id}`))
      yield* think(visit)
      yield* client.send({
        method: 'PUT',
        path: this.#world.at(`${this.#paths.products}/${product.id}`),
        body: {
          price: Math.round(product.price * stream.between(0.9, 1.1) * 100) / 100,
          stock: product.stock + stream.int(0, 120),
        },
      })
      yield* think(visit)
    }
  }
}
