import { constants, DatabaseSync } from 'node:sqlite'
import { inTransaction, openDatabase } from '../database.ts'
import { type ShopProduct, seedShop } from '../seed.ts'
import { Refusal, type Routes, type ServiceOrder, textOf } from '../service.ts'

/** Orders kept: the seed's and this many new ones; the oldest new ones go. */
const largestNewOrders = 5_000

/** What is sold and what was bought: products, orders, coupons. */
export function ordersService({ directory, seed }: ServiceOrder): Routes {
  const { products, orders, coupons } = seedShop(seed)
  const bySlug = new Map(products.map(product => [product.slug, product]))
  const database = openDatabase(
    directory,
    'orders',
    `create table if not exists orders (id integer primary key, customer text, tenant text, body text);
     create index if not exists orders_by_customer on orders (customer, id);
     create table if not exists redemptions (code text, customer text, primary key (code, customer))`,
  )
  const insert = database.prepare('insert or ignore into orders values (?, ?, ?, ?)')
  inTransaction(database, () => {
    for (const order of orders) insert.run(order.id, order.customerId, order.tenantId, JSON.stringify(order))
  })
  const lastSeeded = orders.at(-1)?.id ?? 0
  const byId = database.prepare('select body from orders where id = ?')
  const ofCustomer = database.prepare('select body from orders where customer = ? order by id desc limit 20')
  const newest = database.prepare('select max(id) as id from orders')
  const between = database.prepare('select body from orders where id between ? and ? limit 500')
  const trim = database.prepare('delete from orders where id > ? and id <= ?')
  const redeem = database.prepare('insert or ignore into redemptions values (?, ?)')
  const search = searcher(products)
  const read = (row: Record<string, unknown>): unknown => JSON.parse(String(row.body))

  return {
    'GET /orders': ({ query }) => ({
      status: 200,
      body: { items: ofCustomer.all(query.get('customer') ?? '').map(read) },
    }),
    'GET /orders/:id': ({ params }) => {
      const row = byId.get(Number(params.id) || 0)
      if (row === undefined) throw new Refusal(404, 'no such order')
      return { status: 200, body: read(row) }
    },
    'GET /export': ({ query }) => ({
      status: 200,
      body: { items: between.all(Number(query.get('from')) || 0, Number(query.get('to')) || 0).map(read) },
    }),
    'POST /orders': ({ body }) => {
      const product = bySlug.get(textOf(body, 'sku'))
      if (product === undefined) throw new Refusal(422, 'no such product')
      const quantity =
        typeof body.quantity === 'number' && body.quantity >= 1 && body.quantity <= 20
          ? Math.floor(body.quantity)
          : 1
      const id = Number(newest.get()?.id ?? lastSeeded) + 1
      const order = {
        id,
        customerId: textOf(body, 'customer'),
        tenantId: textOf(body, 'tenant'),
        status: 'placed',
        items: [{ sku: product.slug, quantity, price: product.price }],
        total: Math.round(product.price * quantity * 100) / 100,
        placedAt: new Date().toISOString(),
      }
      insert.run(id, order.customerId, order.tenantId, JSON.stringify(order))
      trim.run(lastSeeded, id - largestNewOrders)
      return { status: 201, body: order }
    },
    'GET /products': ({ query }) => {
      const page = Math.min(100, Math.max(1, Math.floor(Number(query.get('page')) || 1)))
      const category = query.get('category')
      const chosen = category === null ? products : products.filter(product => product.category === category)
      return {
        status: 200,
        body: { page, items: chosen.slice((page - 1) * 12, page * 12), total: chosen.length },
      }
    },
    'GET /products/search': ({ query }) => ({ status: 200, body: { items: search(query.get('q') ?? '') } }),
    'GET /products/:slug': ({ params }) => {
      const product = bySlug.get(params.slug ?? '')
      if (product === undefined) throw new Refusal(404, 'no such product')
      return { status: 200, body: product }
    },
    'POST /coupons/redeem': ({ body }) => {
      const code = textOf(body, 'code')
      if (!coupons.includes(code)) throw new Refusal(404, 'no such coupon')
      const { changes } = redeem.run(code, textOf(body, 'customer'))
      if (changes === 0) throw new Refusal(409, 'already redeemed')
      return { status: 200, body: { code, discount: Number.parseInt(code.replace(/^[A-Z]+/, ''), 10) } }
    },
  }
}

const allowedActions = new Set([constants.SQLITE_SELECT, constants.SQLITE_READ])
const allowedFunctions = new Set(['like', 'lower', 'upper', 'length', 'substr', 'count', 'sqlite_version'])

/**
 * The search's weakness is real: the words go into the statement as they come, and SQLite's complaint comes back. What
 * it can reach is not: a database in memory that holds only products, where nothing but plain selects and a few
 * functions that cost little is allowed.
 */
function searcher(products: readonly ShopProduct[]): (words: string) => unknown[] {
  const sandbox = new DatabaseSync(':memory:')
  sandbox.exec('create table products (id integer, slug text, name text, category text, price real)')
  const insert = sandbox.prepare('insert into products values (?, ?, ?, ?, ?)')
  for (const { id, slug, name, category, price } of products) insert.run(id, slug, name, category, price)
  sandbox.setAuthorizer((action, _, name) => {
    const fine =
      allowedActions.has(action) ||
      (action === constants.SQLITE_FUNCTION && allowedFunctions.has(name?.toLowerCase() ?? ''))
    return fine ? constants.SQLITE_OK : constants.SQLITE_DENY
  })
  return words => {
    const text = words.slice(0, 200)
    return sandbox.prepare(`select * from products where name like '%${text}%' limit 12`).all()
  }
}
