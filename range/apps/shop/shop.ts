import { type App, type Deploy, defineApp } from '../../world/app.ts'
import { day, hour, minute, second } from '../../world/calendar.ts'
import { Client } from '../../world/client.ts'
import { Crowd } from '../../world/crowd.ts'
import { browser, phoneBrowser, program } from '../../world/device.ts'
import { type Ask, isObject } from '../../world/http.ts'
import { machine } from '../../world/machine.ts'
import { address, cardNumber, word } from '../../world/names.ts'
import type { Stream } from '../../world/stream.ts'
import type { Script } from '../../world/timeline.ts'
import type { World } from '../../world/world.ts'
import { ShopBehaviour } from './behaviour.ts'
import { type ShopPaths, type ShopWeakness, shopRoutes } from './routes.ts'
import { ShopStore } from './store.ts'

export const shop = defineApp({ id: 'shop', title: 'A web shop with a back office and partners', build })

function build(world: World): App {
  const { style, stream, service, accounts } = world
  const flag = (name: string, probability: number): boolean => style.flag(name, probability)
  const weak: ShopWeakness = {
    readsAnyOrder: flag('reads-any-order', 0.65),
    changesAnyOrder: flag('changes-any-order', 0.6),
    readsAnyAddress: flag('reads-any-address', 0.5),
    believesQuery: flag('believes-query', 0.6),
    openBackOffice: flag('open-back-office', 0.6),
    openVerbs: flag('open-verbs', 0.6),
    supportUnbound: flag('support-unbound', 0.7),
    checkoutAlone: flag('checkout-alone', 0.6),
    couponsForever: flag('coupons-forever', 0.6),
    anyPageSize: flag('any-page-size', 0.6),
    trustsSearch: flag('trusts-search', 0.5),
    fetchesAnything: flag('fetches-anything', 0.6),
    showsCards: flag('shows-cards', 0.6),
  }
  const checkout = style.noun('/checkout', '/purchase', '/place-order')
  const paths: ShopPaths = {
    products: `/${style.noun('products', 'items', 'articles')}`,
    orders: `/${style.noun('orders', 'purchases')}`,
    addresses: `/${style.noun('addresses', 'address-book')}`,
    cards: `/${style.noun('payment-methods', 'cards', 'wallet')}`,
    cart: `/${style.noun('cart', 'basket', 'bag')}`,
    checkout,
    wishlists: `/${style.noun('wishlists', 'lists')}`,
    giftCards: `/${style.noun('gift-cards', 'vouchers')}`,
    search: style.noun('/search', '/catalog/search'),
    support: `/${style.noun('support', 'helpdesk')}`,
    admin: `/${style.noun('admin', 'backoffice', 'internal')}`,
    partner: `/${style.noun('partner', 'partners')}`,
    health: style.noun('/health', '/healthz', '/status'),
  }
  const store = new ShopStore(world)
  const behaviour = new ShopBehaviour(world, store, paths)
  service.route(...shopRoutes(world, store, paths, weak))
  accounts.onRegister = account => store.welcome(account, stream.fork('newcomer', account.email), world.now)

  const crowd = new Crowd(world)
  behaviour.register(crowd)
  for (let index = 0; index < 280; index += 1) {
    const inOffice = index % 5 === 0
    crowd.add({
      role: 'customer',
      visits: 0.33,
      phones: 0.6,
      secondFactor: index % 11 === 0,
      ...(inOffice ? { office: crowd.office } : {}),
    })
  }
  const staffOffice = world.networks.office(stream.fork('staff-office'))
  const staff = (role: string, count: number, visits: number, roles: readonly string[] = [role]): void => {
    for (let index = 0; index < count; index += 1)
      crowd.add({
        role,
        visits,
        rhythm: 'office',
        roles,
        office: staffOffice,
        secondFactor: role === 'admin',
      })
  }
  staff('support', 10, 1)
  staff('admin', 2, 1.2)
  staff('analyst', 8, 0.35)
  staff('merchandiser', 3, 1.5)
  for (const { account, role } of world.people)
    if (role === 'customer') store.furnish(account, stream.fork('furnish', account.email), world.start)

  const partner = machine(world, {
    name: 'price-compare',
    roles: ['partner'],
    software: 'go',
    agent: 'PriceCompare/2.4 (+https://compare.example/bot)',
  })
  const warehouse = machine(world, {
    name: 'warehouse',
    roles: ['warehouse'],
    software: 'java',
    agent: 'warehouse-sync/7.1',
  })
  const monitorNetwork = world.networks.datacentre(stream.fork('monitor'))
  const monitorDevice = program('go', 'machine/monitor', 'UptimeCheck/3.0')

  /** Within its contract: the whole catalogue once a night, page by page. */
  function* crawl(): Script {
    const client = partner()
    for (let offset = 0; offset < store.products.size; offset += 100) {
      yield* client.send({
        method: 'GET',
        path: `${world.at(`${paths.partner}/catalog`)}?${style.page(offset, 100)}`,
      })
      yield client.stream.about(2 * second, 0.4)
    }
  }

  function* ship(): Script {
    const client = warehouse()
    for (const order of [...store.orders.values()].filter(({ status }) => status === 'paid').slice(0, 12)) {
      yield* client.send({
        method: 'POST',
        path: world.at(`${paths.partner}/shipments`),
        body: { orderId: order.id, tracking: `TRK${client.stream.digits(12)}`, carrier: 'parcel.example' },
      })
      yield client.stream.about(400, 0.5)
    }
  }

  function* watch(until: number): Script {
    const client = new Client(world, monitorDevice, monitorNetwork, stream.fork('monitor', world.now))
    while (world.now < until) {
      yield* client.send({ method: 'GET', path: world.at(paths.health) })
      yield 10 * minute + client.stream.between(-800, 800)
    }
  }

  const loadTester = machine(world, {
    name: 'load-test',
    roles: ['customer'],
    software: 'go',
    agent: 'k6/1.3.0',
  })
  /** A little each Tuesday, much after a deploy. */
  function* loadTest(calls: number): Script {
    const client = loadTester()
    const all = [...store.products.keys()]
    for (let index = 0; index < calls; index += 1) {
      yield* client.send({ method: 'GET', path: world.at(`${paths.products}/${client.stream.pick(all)}`) })
      yield client.stream.exponential(900)
    }
  }

  const searchBot = program(
    'go',
    'machine/search-bot',
    'Mozilla/5.0 (compatible; SearchBot/2.1; +https://search.example/bot)',
  )
  const searchNetwork = world.networks.datacentre(stream.fork('search-bot'))
  /** Slowly, a tenth of the catalogue a day, and what is no more. */
  function* index(): Script {
    const client = new Client(world, searchBot, searchNetwork, stream.fork('search-bot', world.now))
    yield* client.send({ method: 'GET', path: '/robots.txt' })
    for (const id of client.stream.some([...store.products.keys()], 30)) {
      yield* client.send(
        behaviour.get(
          `${paths.products}/${client.stream.chance(0.03) ? store.goneProduct(client.stream) : id}`,
        ),
      )
      yield client.stream.about(18 * minute, 0.5)
    }
  }

  /** People who look around without an account. */
  function* passBy(own: Stream): Script {
    const device = own.chance(0.45)
      ? phoneBrowser(own, `passer-by/${own.name}`)
      : browser(own, `passer-by/${own.name}`)
    const client = new Client(
      world,
      device,
      own.chance(0.3) ? world.networks.mobile(own) : world.networks.home(own),
      own,
    )
    if (own.chance(0.12)) yield* client.send(behaviour.get(`${paths.products}/${store.goneProduct(own)}`))
    if (device.kind === 'browser' && own.chance(0.2))
      yield* client.send({ method: 'GET', path: '/favicon.ico' })
    yield* behaviour.browse({ client, stream: own })
  }

  const plan = (midnight: number): void => {
    const own = stream.fork('plan', midnight)
    world.timeline.play(midnight + 2 * hour + own.int(0, 10 * minute), crawl())
    for (const at of [10, 13, 16]) world.timeline.play(midnight + at * hour + own.int(0, 20 * minute), ship())
    world.timeline.play(midnight + own.int(0, minute), watch(midnight + day - 10 * minute))
    for (let count = own.poisson(1.5); count > 0; count -= 1)
      crowd.join(
        world.calendar.moment(own, midnight, 'leisure'),
        { role: 'customer', visits: 0.3, phones: 0.6 },
        visit => behaviour.customer(visit),
      )
    for (let count = own.poisson(25 * world.calendar.busyness(midnight, 'leisure')); count > 0; count -= 1)
      world.timeline.play(
        world.calendar.moment(own, midnight, 'leisure'),
        passBy(stream.fork('passer-by', midnight, count)),
      )
    world.timeline.play(midnight + own.int(0, hour), index())
    if (new Date(midnight).getUTCDay() === 2)
      world.timeline.play(midnight + 6 * hour + own.int(0, hour), loadTest(60))
    // Now and then a mail asks everybody to choose a new password.
    if (own.chance(0.06))
      for (const person of own.some(crowd.of('customer'), 14))
        crowd.visit(
          person,
          world.calendar.moment(own, midnight, 'leisure'),
          resetAll,
          own.fork('reset', person.id),
        )
  }

  function* resetAll(visit: Parameters<typeof behaviour.customer>[0]): Script {
    yield* crowd.resetPassword(visit.client, visit.person, visit.stream)
    visit.client.held = undefined
    yield* crowd.login(visit.client, visit.person, visit.person.password)
  }

  const deploys: readonly Deploy[] = [
    {
      id: 'loyalty',
      time: world.windowTime(3, 10.4),
      changes: ['GET /loyalty', 'field loyaltyPoints of the profile', 'a load test afterwards'],
      apply: () => {
        service.route({
          method: 'GET',
          template: '/loyalty',
          latency: 18,
          handle: ({ me }) => ({
            status: 200,
            body: {
              tier: 'silver',
              points: (store.ordersOf.get(me.id)?.length ?? 0) * 120,
              history: (store.ordersOf.get(me.id) ?? [])
                .slice(-5)
                .map(({ id, total }) => ({ orderId: id, points: Math.round(total) })),
            },
          }),
        })
        for (const account of accounts.all())
          account.extra.loyaltyPoints = (store.ordersOf.get(account.id)?.length ?? 0) * 120
        crowd.does('customer', loyal)
        world.timeline.play(world.now + 40 * minute, loadTest(260))
      },
    },
    {
      id: 'tracking',
      time: world.windowTime(9, 14.2),
      changes: ['GET /orders/{orderId}/tracking', 'answers a fifth slower'],
      apply: () => {
        service.slowness = 1.2
        service.route({
          method: 'GET',
          template: `${paths.orders}/{orderId}/tracking`,
          latency: 45,
          handle: request => {
            const found = store.orders.get(request.parameter('orderId'))
            if (found === undefined || found.owner !== request.me.id) {
              request.touch(
                `orders/${request.parameter('orderId')}`,
                found?.owner ?? null,
                found === undefined ? 'missing' : 'foreign',
              )
              return service.refuseForeign('order')
            }
            request.touch(`orders/${found.id}`, found.owner, 'own')
            return {
              status: 200,
              body: { orderId: found.id, carrier: 'parcel.example', state: found.status },
            }
          },
        })
        tracked = true
      },
    },
  ]
  let tracked = false

  function* loyal(visit: Parameters<typeof behaviour.customer>[0]): Script {
    yield* behaviour.customer(visit)
    // The first version of the badge asks again and again until the page is left.
    if (!tracked && visit.stream.chance(0.02))
      for (let again = visit.stream.int(20, 45); again > 0; again -= 1) {
        yield* visit.client.send({ method: 'GET', path: world.at('/loyalty') })
        yield visit.stream.about(1_500, 0.1)
      }
    if (visit.stream.chance(0.3)) yield* visit.client.send({ method: 'GET', path: world.at('/loyalty') })
    const own = store.ordersOf.get(visit.person.account.id)
    if (tracked && own !== undefined && visit.stream.chance(0.35))
      yield* visit.client.send({
        method: 'GET',
        path: world.at(`${paths.orders}/${visit.stream.pick(own).id}/tracking`),
      })
  }

  const get = (path: string, query = ''): Ask => behaviour.get(path, query)
  const surface: App['surface'] = {
    resources: [
      {
        type: 'orders',
        owned: () => [...store.orders.values()],
        read: id => get(`${paths.orders}/${id}`),
        write: (id, own) =>
          behaviour.post(`${paths.orders}/${id}/${own.pick(['cancel', 'return'])}`, {
            reason: 'changed my mind',
          }),
        guess: own => store.orderIds.guess(own, world.now),
        list: offset => get(paths.orders, style.page(offset)),
      },
      {
        type: 'addresses',
        owned: () => [...store.addresses.values()],
        read: id => get(`${paths.addresses}/${id}`),
        write: (id, own) => ({
          method: 'PUT',
          path: world.at(`${paths.addresses}/${id}`),
          body: address(own),
        }),
        guess: own => store.addressIds.guess(own, world.now),
      },
    ],
    browse: visit => behaviour.customer(visit),
    privileged: [
      { title: 'list of users', verb: false, ask: () => get(`${paths.admin}/users`, style.page(0)) },
      {
        title: 'all orders',
        verb: false,
        ask: own => get(`${paths.admin}/orders`, style.page(own.int(0, 5) * style.pageSize)),
      },
      {
        title: 'a customer record',
        verb: false,
        ask: own => get(`${paths.support}/customers/${own.pick(crowd.of('customer')).account.id}`),
      },
      {
        title: 'export',
        verb: false,
        ask: () => behaviour.post(`${paths.admin}/exports`, { kind: 'customers' }),
      },
      {
        title: 'price of a product',
        verb: true,
        ask: own => ({
          method: 'PUT',
          path: world.at(`${paths.products}/${own.pick([...store.products.keys()])}`),
          body: { price: 1 },
        }),
      },
      {
        title: 'deletion of a product',
        verb: true,
        ask: own => ({
          method: 'DELETE',
          path: world.at(`${paths.products}/${own.pick([...store.products.keys()])}`),
        }),
      },
    ],
    massAssignment: [
      {
        ask: () => ({
          method: 'PATCH',
          path: world.at(accounts.paths.me),
          body: { roles: ['customer', 'admin'] },
        }),
        took: answer => Array.isArray(answer.roles) && answer.roles.includes('admin'),
      },
    ],
    catalogue: {
      page: (offset, limit) => get(paths.products, style.page(offset, limit)),
      item: id => get(`${paths.products}/${id}`),
      total: () => store.products.size,
    },
    exports: [
      { role: 'analyst', ask: () => behaviour.post(`${paths.admin}/exports`, { kind: 'customers' }) },
    ],
    bulk: {
      role: 'analyst',
      ask: index => get(`${paths.orders}/${[...store.orders.keys()][index % store.orders.size]}`),
      total: () => store.orders.size,
    },
    expensive: [{ ask: own => get(paths.search, `q=${own.token(1).toLowerCase()}&${style.page(0, 100)}`) }],
    exposure: {
      ask: (account, own) => {
        const order = store.ordersOf.get(account.id)
        return order === undefined
          ? undefined
          : get(`${paths.orders}/${own.pick(order).id}`, 'expand=payment')
      },
      exposed: answer => isObject(answer.payment) && answer.payment.number !== undefined,
    },
    vouchers: { ask: code => get(`${paths.giftCards}/${code}`), guess: own => store.giftCode(own) },
    flow: {
      title: 'checkout',
      run: visit => behaviour.order(visit),
      *skip({ client, stream: own }) {
        yield* client.send(
          behaviour.post(paths.checkout, {
            items: [{ productId: own.pick([...store.products.keys()]), quantity: 1 }],
            note: '',
          }),
        )
      },
    },
    inputs: [
      {
        kind: 'text',
        ask: value => get(paths.search, `q=${encodeURIComponent(value)}`),
        // Rows of people in a list of products.
        worked: ({ text }) => text.includes('@'),
      },
      { kind: 'text', ask: value => behaviour.post(paths.wishlists, { title: value }) },
      {
        kind: 'json',
        ask: value => ({
          method: 'PATCH',
          path: world.at(accounts.paths.me),
          text: { type: 'application/json', value },
        }),
      },
      { kind: 'path', ask: value => get(`${paths.products}/${encodeURIComponent(value)}`) },
      {
        kind: 'url',
        ask: value => behaviour.post('/me/picture', { imageUrl: value }),
        worked: ({ json }) => json.preview !== undefined,
      },
    ],
    support: { role: 'support', resource: 'customers', reads: id => get(`${paths.support}/customers/${id}`) },
    services: [
      {
        client: partner,
        usual: own => get(`${paths.partner}/catalog`, style.page(own.int(0, 2) * 100, 100)),
      },
    ],
    afterTakeover: (_, own: Stream) => [
      get(accounts.paths.me),
      get(paths.cards),
      behaviour.post(paths.addresses, address(own)),
      {
        method: 'PATCH',
        path: world.at(accounts.paths.me),
        body: { email: `${word(own)}${own.int(10, 999)}@letter.example` },
      },
    ],
    more: {
      'coupon-abuse': () => [behaviour.post(`${paths.cart}/coupon`, { code: 'SPRING15' })],
      'card-testing': (_, own) => [
        behaviour.post(`${paths.checkout}/payment`, {
          cardNumber: own.chance(0.12) ? own.pick([...store.cards.values()]).number : cardNumber(own),
          cvv: own.digits(3),
          expiry: '09/28',
        }),
      ],
      'stock-hoarding': (_, own) => [
        behaviour.post(`${paths.cart}/items`, {
          productId: own.popular([...store.products.keys()]),
          quantity: own.int(5, 20),
        }),
      ],
      'parameter-pollution': (_, own) => {
        const victim = own.pick(crowd.of('customer')).account.id
        return [
          get(paths.orders, `${style.snake ? 'customer_id' : 'customerId'}=${encodeURIComponent(victim)}`),
        ]
      },
    },
  }

  return {
    crowd,
    surface,
    deploys,
    parameters: { ...weak, paths: { ...paths } },
    plan,
    ordinary: () => crowd.of('customer'),
  }
}
