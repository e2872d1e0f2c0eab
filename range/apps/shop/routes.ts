import { Desk } from '../../world/desk.ts'
import type { Json, JsonObject } from '../../world/http.ts'
import { isObject } from '../../world/http.ts'
import { isInside } from '../../world/inside.ts'
import type { Reply, Request, Route } from '../../world/service.ts'
import type { World } from '../../world/world.ts'
import { categories, productRow, productView } from './catalogue.ts'
import { type Address, cents, type Order, type ShopStore } from './store.ts'

/** What is wrong with the shop; each is a switch. */
export interface ShopWeakness {
  /** Any signed-in customer may read any order, or change it. */
  readonly readsAnyOrder: boolean
  readonly changesAnyOrder: boolean
  readonly readsAnyAddress: boolean
  /** `customerId` in the query wins over the caller's own. */
  readonly believesQuery: boolean
  /** Endpoints of the back office without a check of the role. */
  readonly openBackOffice: boolean
  /** `DELETE` and `PUT` of products without one. */
  readonly openVerbs: boolean
  /** Support may look at anybody, case or not. */
  readonly supportUnbound: boolean
  /** The checkout may be called without the steps before it. */
  readonly checkoutAlone: boolean
  readonly couponsForever: boolean
  readonly anyPageSize: boolean
  /** The search builds its SQL from the text. */
  readonly trustsSearch: boolean
  /** Pictures are fetched from wherever the caller says. */
  readonly fetchesAnything: boolean
  /** `?expand=payment` hands out the whole card number. */
  readonly showsCards: boolean
}

export interface ShopPaths {
  readonly products: string
  readonly orders: string
  readonly addresses: string
  readonly cards: string
  readonly cart: string
  readonly checkout: string
  readonly wishlists: string
  readonly giftCards: string
  readonly search: string
  readonly support: string
  readonly admin: string
  readonly partner: string
  readonly health: string
}

export function shopRoutes(
  world: World,
  store: ShopStore,
  paths: ShopPaths,
  weak: ShopWeakness,
): readonly Route[] {
  const { style, service } = world

  const desk = new Desk(world, {
    most: weak.anyPageSize ? 5_000 : 100,
    staff: ({ me, session, now }, owner) => {
      const roles = session?.roles ?? []
      if (roles.includes('admin') || roles.includes('analyst') || me.service) return true
      return roles.includes('support') && store.hasCase(me.id, owner, now)
    },
    unbound: ({ session }) => weak.supportUnbound && session?.roles.includes('support') === true,
  })
  const listed = desk.listed.bind(desk)
  const ownOrder = (request: Request, open: boolean, give: (found: Order) => Reply): Reply => {
    const id = request.parameter('orderId')
    return desk.reach(request, { type: 'orders', id, found: store.orders.get(id), open, give })
  }
  const ownAddress = (request: Request, id: string, open: boolean, give: (found: Address) => Reply): Reply =>
    desk.reach(request, { type: 'addresses', id, found: store.addresses.get(id), open, give })

  const cartView = (request: Request): JsonObject => {
    const cart = store.cart(request.me.id)
    const items = cart.lines.flatMap(({ product, quantity }) => {
      const found = store.products.get(product)
      return found === undefined
        ? []
        : [{ productId: product, title: found.title, quantity, unitPrice: found.price }]
    })
    return {
      items,
      couponCode: cart.coupon ?? null,
      addressId: cart.address ?? null,
      total: cents(items.reduce((sum, { unitPrice, quantity }) => sum + unitPrice * quantity, 0)),
      currency: 'EUR',
    }
  }

  const order = `${paths.orders}/{orderId}`
  const addressPath = `${paths.addresses}/{addressId}`
  return [
    {
      method: 'GET',
      template: paths.health,
      latency: 2,
      open: true,
      handle: () => ({ status: 200, body: { status: 'ok', version: '1.42.0' } }),
    },
    {
      method: 'GET',
      template: paths.products,
      latency: 25,
      open: true,
      handle: request => {
        const category = request.query.get('category')
        const all = [...store.products.values()].filter(
          product => category === null || product.category === category,
        )
        return listed(request, all.map(productRow))
      },
    },
    {
      method: 'GET',
      template: `${paths.products}/{productId}`,
      latency: 12,
      open: true,
      handle: request => {
        const found = store.products.get(request.parameter('productId'))
        return found === undefined
          ? service.refuse(404, 'not-found', 'No such product.')
          : { status: 200, body: productView(found) }
      },
    },
    ...(['PUT', 'DELETE'] as const).map(
      (method): Route => ({
        method,
        template: `${paths.products}/{productId}`,
        latency: 20,
        roles: ['admin', 'merchandiser'],
        unchecked: weak.openVerbs,
        handle: request => {
          const found = store.products.get(request.parameter('productId'))
          if (found === undefined) return service.refuse(404, 'not-found', 'No such product.')
          if (method === 'DELETE') {
            found.stock = 0
            return { status: 204 }
          }
          const price = request.number('price')
          if (price > 0) found.price = price
          const stock = request.number('stock')
          if (stock >= 0) found.stock = stock
          return { status: 200, body: productView(found) }
        },
      }),
    ),
    {
      method: 'GET',
      template: paths.search,
      latency: 40,
      open: true,
      handle: request => {
        const asked = request.query.get('q') ?? ''
        const injected = weak.trustsSearch ? injection(asked) : 'none'
        if (injected === 'broken')
          return service.refuse(500, 'internal', 'syntax error at or near the end of input')
        if (injected === 'answered')
          return listed(
            request,
            [...world.accounts.all()]
              .slice(0, 50)
              .map(({ id, email, name }) => ({ id, title: email, category: name })),
          )
        const wanted = asked.toLowerCase()
        const all = [...store.products.values()].filter(
          ({ title, category }) => title.includes(wanted) || category === wanted,
        )
        return listed(request, all.map(productRow))
      },
    },
    {
      method: 'GET',
      template: paths.cart,
      latency: 10,
      handle: request => ({ status: 200, body: cartView(request) }),
    },
    {
      method: 'POST',
      template: `${paths.cart}/items`,
      latency: 18,
      handle: request => {
        const product = store.products.get(request.text('productId'))
        const quantity = request.number('quantity')
        if (product === undefined || !(quantity > 0))
          return service.refuse(422, 'invalid', 'No such product, or no quantity.')
        if (product.stock < quantity) return service.refuse(409, 'out-of-stock', 'Not enough in stock.')
        product.stock -= quantity
        store.cart(request.me.id).lines.push({ product: product.id, quantity })
        return { status: 201, body: cartView(request) }
      },
    },
    {
      method: 'DELETE',
      template: `${paths.cart}/items/{productId}`,
      latency: 12,
      handle: request => {
        const cart = store.cart(request.me.id)
        for (const { product, quantity } of cart.lines)
          if (product === request.parameter('productId')) {
            const found = store.products.get(product)
            if (found !== undefined) found.stock += quantity
          }
        cart.lines = cart.lines.filter(({ product }) => product !== request.parameter('productId'))
        return { status: 200, body: cartView(request) }
      },
    },
    {
      method: 'POST',
      template: `${paths.cart}/coupon`,
      latency: 16,
      handle: request => {
        const code = request.text('code')
        const coupon = store.coupons.get(code)
        if (coupon === undefined) return service.refuse(404, 'unknown-coupon', 'This code is not valid.')
        const used = coupon.used.get(request.me.id) ?? 0
        if (coupon.once && used > 0 && !weak.couponsForever)
          return service.refuse(409, 'coupon-used', 'This code was used before.')
        store.cart(request.me.id).coupon = code
        return { status: 200, body: cartView(request) }
      },
    },
    {
      method: 'POST',
      template: `${paths.checkout}/address`,
      latency: 16,
      handle: request => {
        return ownAddress(request, request.text('addressId'), weak.readsAnyAddress, one => {
          store.cart(request.me.id).address = one.id
          return { status: 200, body: cartView(request) }
        })
      },
    },
    {
      method: 'POST',
      template: `${paths.checkout}/payment`,
      latency: 140,
      handle: request => {
        const number = request.text('cardNumber')
        const known = store.cards.get(request.text('paymentMethodId'))
        if (known === undefined && !/^\d{16}$/.test(number))
          return service.refuse(422, 'invalid-card', 'This card number is not valid.')
        // The bank says no to cards it does not know.
        const real = known ?? [...store.cards.values()].find(card => card.number === number)
        if (real === undefined) return service.refuse(402, 'declined', 'The bank declined this card.')
        store.cart(request.me.id).reserved = true
        return {
          status: 200,
          body: {
            authorisationId: `au_${world.stream.fork('au', request.now, request.me.id).hex(16)}`,
            last4: real.number.slice(-4),
          },
        }
      },
    },
    {
      method: 'POST',
      template: paths.checkout,
      latency: 90,
      handle: request => {
        const cart = store.cart(request.me.id)
        const given = Array.isArray(request.body.items) ? (request.body.items as readonly Json[]) : []
        const lines =
          weak.checkoutAlone && cart.lines.length === 0
            ? given.flatMap(item =>
                isObject(item)
                  ? [{ product: String(item.productId), quantity: Number(item.quantity) || 1 }]
                  : [],
              )
            : cart.lines
        if (lines.length === 0) return service.refuse(409, 'empty-cart', 'The cart is empty.')
        if (!weak.checkoutAlone && (cart.address === undefined || !cart.reserved))
          return service.refuse(409, 'incomplete', 'Address or payment are missing.')
        if (cart.coupon !== undefined) {
          const used = store.coupons.get(cart.coupon)?.used
          used?.set(request.me.id, (used.get(request.me.id) ?? 0) + 1)
        }
        const placed = store.place(request.me, lines, cart.coupon, request.now)
        placed.status = cart.reserved ? 'paid' : 'placed'
        store.carts.delete(request.me.id)
        request.touch(`orders/${placed.id}`, request.me.id, 'own')
        return { status: 201, body: store.orderView(placed) }
      },
    },
    {
      method: 'GET',
      template: paths.orders,
      latency: 30,
      handle: request => {
        const wanted = request.query.get(style.snake ? 'customer_id' : 'customerId')
        const whose = wanted !== null && weak.believesQuery ? wanted : request.me.id
        const own = (store.ordersOf.get(whose) ?? []).slice().sort((a, b) => b.created - a.created)
        return desk.listedOf(request, 'orders', own, one => store.orderView(one))
      },
    },
    {
      method: 'GET',
      template: order,
      latency: 16,
      handle: request => {
        return ownOrder(request, weak.readsAnyOrder, found => {
          const body = store.orderView(found)
          const card = [...store.cards.values()].find(({ owner }) => owner === found.owner)
          return weak.showsCards && card !== undefined && request.query.get('expand') === 'payment'
            ? {
                status: 200,
                body: {
                  ...body,
                  payment: { method: 'card', number: card.number, expiry: card.expiry, holder: card.holder },
                },
              }
            : { status: 200, body }
        })
      },
    },
    {
      method: 'GET',
      template: `${order}/invoice`,
      latency: 60,
      handle: request => {
        return ownOrder(request, weak.readsAnyOrder, found => ({
          status: 200,
          body: {
            number: `INV-${found.id}`,
            orderId: found.id,
            issuedAt: new Date(found.created).toISOString(),
            recipient: world.accounts.byId(found.owner)?.name ?? null,
            vat: cents(found.total * 0.19),
            total: found.total,
            lines: found.lines.map(({ title, quantity, price }) => ({ title, quantity, unitPrice: price })),
          },
        }))
      },
    },
    {
      method: 'POST',
      template: `${order}/cancel`,
      latency: 25,
      handle: request => {
        return ownOrder(request, weak.changesAnyOrder, found => {
          if (found.status !== 'placed' && found.status !== 'paid')
            return service.refuse(409, 'too-late', 'This order has left.')
          found.status = 'cancelled'
          return { status: 200, body: store.orderView(found) }
        })
      },
    },
    {
      method: 'POST',
      template: `${order}/return`,
      latency: 25,
      handle: request => {
        return ownOrder(request, weak.changesAnyOrder, found => {
          found.status = 'returned'
          return { status: 202, body: store.orderView(found) }
        })
      },
    },
    {
      method: 'GET',
      template: paths.addresses,
      latency: 12,
      handle: request =>
        listed(
          request,
          store.addressesOf(request.me.id).map(one => ({ ...one, owner: undefined })),
        ),
    },
    {
      method: 'POST',
      template: paths.addresses,
      latency: 18,
      handle: request => {
        const facts = {
          line1: request.text('line1'),
          city: request.text('city'),
          postalCode: request.text('postalCode'),
          country: request.text('country'),
        }
        if (facts.line1 === '') return service.refuse(422, 'invalid', 'The street is missing.')
        const { owner: _, ...added } = store.addAddress(request.me, facts, request.now)
        return { status: 201, body: added }
      },
    },
    {
      method: 'GET',
      template: addressPath,
      latency: 10,
      handle: request => {
        return ownAddress(
          request,
          request.parameter('addressId'),
          weak.readsAnyAddress,
          ({ owner, ...rest }) => ({ status: 200, body: { ...rest, customerId: owner } }),
        )
      },
    },
    {
      method: 'PUT',
      template: addressPath,
      latency: 18,
      handle: request => {
        return ownAddress(request, request.parameter('addressId'), weak.changesAnyOrder, found => {
          for (const name of ['line1', 'city', 'postalCode', 'country'] as const)
            if (request.text(name) !== '') found[name] = request.text(name)
          return { status: 200, body: { ...found, owner: undefined } }
        })
      },
    },
    {
      method: 'GET',
      template: paths.cards,
      latency: 12,
      handle: request =>
        listed(
          request,
          [...store.cards.values()]
            .filter(({ owner }) => owner === request.me.id)
            .map(({ id, number, holder, expiry }) => ({
              id,
              brand: 'visa',
              last4: number.slice(-4),
              holder,
              expiry,
            })),
        ),
    },
    {
      method: 'GET',
      template: `${paths.wishlists}/{wishlistId}`,
      latency: 14,
      handle: request => {
        const id = request.parameter('wishlistId')
        const found = store.wishlists.get(id)
        const shared = found !== undefined && (found.public || found.sharedWith.has(request.me.id))
        return desk.reach(request, {
          type: 'wishlists',
          id,
          found,
          open: false,
          shared,
          give: ({ owner, title, products }) => ({
            status: 200,
            body: {
              id,
              ownerId: owner,
              title,
              products: products.flatMap(one => store.products.get(one) ?? []).map(productRow),
            },
          }),
        })
      },
    },
    {
      method: 'POST',
      template: paths.wishlists,
      latency: 16,
      handle: request => {
        const list = store.addWishlist(request.me, request.text('title'), [], request.now)
        return { status: 201, body: { id: list.id, ownerId: list.owner, title: list.title, products: [] } }
      },
    },
    {
      method: 'POST',
      template: `${paths.wishlists}/{wishlistId}/share`,
      latency: 16,
      handle: request => {
        const id = request.parameter('wishlistId')
        return desk.reach(request, {
          type: 'wishlists',
          id,
          found: store.wishlists.get(id),
          open: false,
          give: found => {
            found.public = true
            return { status: 200, body: { id, url: `https://${style.host}/w/${id}` } }
          },
        })
      },
    },
    {
      method: 'GET',
      template: `${paths.giftCards}/{code}`,
      latency: 14,
      handle: request => {
        const found = store.giftCards.get(request.parameter('code'))
        return found === undefined
          ? service.refuse(404, 'unknown-code', 'This code is not valid.')
          : { status: 200, body: { code: found.code, balance: found.balance, currency: 'EUR' } }
      },
    },
    {
      method: 'POST',
      template: '/me/picture',
      latency: 160,
      handle: request => {
        const url = request.text('imageUrl')
        return /^https?:\/\//.test(url)
          ? {
              status: 202,
              body: {
                imageUrl: url,
                status: 'fetching',
                ...(weak.fetchesAnything && isInside(url)
                  ? { preview: 'aW50ZXJuYWwgcmVzcG9uc2U=', contentType: 'text/plain' }
                  : {}),
              },
            }
          : service.refuse(422, 'invalid', 'This is not an address of an image.')
      },
    },
    {
      method: 'GET',
      template: `${paths.support}/customers`,
      latency: 45,
      roles: ['support', 'admin'],
      unchecked: weak.openBackOffice,
      handle: request => {
        const wanted = request.query.get('email') ?? ''
        const found = [...world.accounts.all()].filter(({ email }) => email === wanted)
        return listed(
          request,
          found.map(({ id, email, name }) => ({ id, email, name })),
        )
      },
    },
    {
      method: 'POST',
      template: `${paths.support}/cases`,
      latency: 30,
      roles: ['support', 'admin'],
      handle: request => {
        const customer = request.text('customerId')
        if (world.accounts.byId(customer) === undefined)
          return service.refuse(404, 'not-found', 'No such customer.')
        const opened = {
          id: store.caseIds.next(request.now),
          customer,
          agent: request.me.id,
          until: request.now + 3 * 86_400_000,
        }
        store.cases.set(opened.id, opened)
        return {
          status: 201,
          body: { id: opened.id, customerId: customer, reason: request.text('reason'), status: 'open' },
        }
      },
    },
    {
      method: 'GET',
      template: `${paths.support}/customers/{customerId}`,
      latency: 35,
      roles: ['support', 'admin'],
      unchecked: weak.openBackOffice,
      handle: request => {
        const id = request.parameter('customerId')
        const found = world.accounts.byId(id)
        if (found === undefined) {
          request.touch(`customers/${id}`, null, 'missing')
          return service.refuse(404, 'not-found', 'No such customer.')
        }
        const relation = desk.relate(request, id)
        request.touch(`customers/${id}`, id, relation)
        if (
          relation === 'foreign' &&
          request.session?.roles.includes('support') === true &&
          !weak.supportUnbound
        )
          return service.refuseForeign('customer')
        return {
          status: 200,
          body: {
            ...world.accounts.view(found),
            addresses: store.addressesOf(id).map(one => ({ ...one, owner: undefined })),
            recentOrders: (store.ordersOf.get(id) ?? [])
              .slice(-5)
              .map(one => ({ id: one.id, total: one.total, status: one.status })),
          },
        }
      },
    },
    {
      method: 'GET',
      template: `${paths.admin}/orders`,
      latency: 70,
      roles: ['admin', 'analyst'],
      unchecked: weak.openBackOffice,
      handle: request => {
        const all = [...store.orders.values()].map(one => ({
          id: one.id,
          customerId: one.owner,
          total: one.total,
          status: one.status,
          createdAt: new Date(one.created).toISOString(),
        }))
        return listed(request, all)
      },
    },
    {
      method: 'GET',
      template: `${paths.admin}/users`,
      latency: 60,
      roles: ['admin'],
      unchecked: weak.openBackOffice,
      handle: request =>
        listed(
          request,
          [...world.accounts.all()].map(({ id, email, name, roles, active }) => ({
            id,
            email,
            name,
            roles,
            active,
          })),
        ),
    },
    {
      method: 'POST',
      template: `${paths.admin}/users/{userId}/disable`,
      latency: 25,
      roles: ['admin'],
      unchecked: weak.openBackOffice,
      handle: request => {
        const found = world.accounts.byId(request.parameter('userId'))
        if (found === undefined) return service.refuse(404, 'not-found', 'No such user.')
        found.active = false
        world.tokens.revoke(found)
        return { status: 204 }
      },
    },
    {
      method: 'POST',
      template: `${paths.admin}/exports`,
      latency: 900,
      roles: ['admin', 'analyst'],
      unchecked: weak.openBackOffice,
      handle: request => {
        const kind = request.text('kind')
        const people = kind === 'customers'
        const rows = people
          ? [...world.accounts.all()].map(({ id, email, name, phone }) => [id, email, name, phone].join(','))
          : [...store.orders.values()].map(({ id, owner, total, status }) =>
              [id, owner, total, status].join(','),
            )
        request.work = 1 + rows.length / 200
        return {
          status: 200,
          text: {
            type: 'text/csv',
            value: `${people ? 'id,email,name,phone' : 'id,customer,total,status'}\n${rows.slice(0, 150).join('\n')}\n`,
          },
        }
      },
    },
    {
      method: 'GET',
      template: `${paths.partner}/catalog`,
      latency: 50,
      roles: ['partner'],
      handle: request => listed(request, [...store.products.values()].map(productView)),
    },
    {
      method: 'POST',
      template: `${paths.partner}/shipments`,
      latency: 35,
      roles: ['partner', 'warehouse'],
      handle: request => {
        const id = request.text('orderId')
        const found = store.orders.get(id)
        if (found === undefined) return service.refuse(404, 'not-found', 'No such order.')
        request.touch(`orders/${id}`, found.owner, 'support')
        if (found.status === 'paid' || found.status === 'placed') found.status = 'shipped'
        return {
          status: 202,
          body: { orderId: id, status: found.status, tracking: request.text('tracking') },
        }
      },
    },
    {
      method: 'GET',
      template: `${paths.products}/categories`,
      latency: 6,
      open: true,
      handle: () => ({ status: 200, body: { categories: [...categories] } }),
    },
  ]
}

/** What a search that builds its SQL from the text makes of it. */
function injection(text: string): 'none' | 'broken' | 'answered' {
  if (!text.includes("'")) return 'none'
  return /\b(or|union)\b/i.test(text) ? 'answered' : 'broken'
}
