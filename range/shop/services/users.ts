import { createHash } from 'node:crypto'
import { inTransaction, openDatabase } from '../database.ts'
import { outboundTo } from '../outbound.ts'
import { seedShop } from '../seed.ts'
import { ask, Refusal, type Routes, type ServiceOrder, textOf } from '../service.ts'

const hash = (username: string, password: string): string =>
  createHash('sha256').update(`${username}\0${password}`).digest('hex')

const largestTickets = 2_000
const largestProfile = 8_192

/** People: credentials, profiles, support tickets. */
export function usersService({
  directory,
  seed,
  version,
  peers,
  internalToken,
  standIns,
}: ServiceOrder): Routes {
  const database = openDatabase(
    directory,
    'users',
    `create table if not exists users (username text primary key, customer integer unique, tenant text, role text, password text, profile text);
     create table if not exists tickets (id integer primary key autoincrement, username text, tenant text, subject text, message text, created_at text)`,
  )
  const insert = database.prepare('insert or ignore into users values (?, ?, ?, ?, ?, ?)')
  inTransaction(database, () => {
    for (const { username, password, role, tenant, customer, name, email, phone, address } of seedShop(seed)
      .users) {
      const profile = JSON.stringify({ name, email, phone, address })
      insert.run(username, customer, tenant, role, hash(username, password), profile)
    }
  })
  const byName = database.prepare('select * from users where username = ?')
  const byEmail = database.prepare(`select * from users where json_extract(profile, '$.email') = ?`)
  const byNumber = database.prepare('select * from users where customer = ?')
  const save = database.prepare('update users set profile = ? where username = ?')
  const addTicket = database.prepare(
    'insert into tickets (username, tenant, subject, message, created_at) values (?, ?, ?, ?, ?)',
  )
  const trimTickets = database.prepare('delete from tickets where id <= ?')
  const ownTickets = database.prepare('select * from tickets where username = ? order by id desc limit 20')
  const allTickets = database.prepare('select * from tickets order by id desc limit 20')

  const outside = outboundTo(standIns)
  const view = (row: Record<string, unknown> | undefined): Record<string, unknown> => {
    if (row === undefined) throw new Refusal(404, 'no such customer')
    return {
      id: row.customer,
      username: row.username,
      tenantId: row.tenant,
      ...(JSON.parse(String(row.profile)) as Record<string, unknown>),
    }
  }
  const ticketView = (row: Record<string, unknown>): Record<string, unknown> => ({
    id: row.id,
    customerId: row.username,
    tenantId: row.tenant,
    subject: row.subject,
    message: row.message,
    createdAt: row.created_at,
  })

  return {
    'POST /login': ({ body }) => {
      const given = textOf(body, 'username')
      const row = given.includes('@') ? byEmail.get(given) : byName.get(given)
      if (row === undefined || row.password !== hash(String(row.username), textOf(body, 'password'))) {
        throw new Refusal(401, 'wrong user name or password')
      }
      return { status: 200, body: { username: row.username, tenant: row.tenant, role: row.role } }
    },
    'GET /users/:username': async ({ params }) => {
      const profile = view(byName.get(params.username ?? ''))
      if (version.startsWith('1.')) return { status: 200, body: profile }
      // From the second version on a profile says how much was bought: a dependency that the first one did not have.
      const path = `/orders?customer=${encodeURIComponent(params.username ?? '')}`
      const { body } = await ask(peers.orders ?? '', internalToken, 'GET', path)
      const { items = [] } = (body ?? {}) as { items?: readonly unknown[] }
      return { status: 200, body: { ...profile, orders: items.length } }
    },
    'PUT /users/:username': ({ params, body }) => {
      const before = view(byName.get(params.username ?? ''))
      const { id, username, tenantId, ...profile } = before
      // Whatever is sent is kept: the shop does not choose which fields a customer may set.
      const next = JSON.stringify({ ...profile, ...body })
      if (next.length > largestProfile) throw new Refusal(413, 'the profile is too long')
      save.run(next, params.username ?? '')
      return { status: 200, body: { ...before, ...body } }
    },
    // The flaw: whatever the caller names is fetched, and shown.
    'POST /users/:username/avatar': async ({ body }) => {
      const { status, text } = await outside(textOf(body, 'image'))
      return { status: 200, body: { status, preview: text.slice(0, 2_000) } }
    },
    'GET /customers/:id': ({ params }) => ({ status: 200, body: view(byNumber.get(Number(params.id) || 0)) }),
    'GET /tickets': ({ query }) => {
      const username = query.get('username')
      const rows = username === null ? allTickets.all() : ownTickets.all(username)
      return { status: 200, body: { items: rows.map(ticketView) } }
    },
    'POST /tickets': ({ body }) => {
      const fields = [
        textOf(body, 'username'),
        textOf(body, 'tenant'),
        textOf(body, 'subject'),
        textOf(body, 'message'),
      ] as const
      const createdAt = new Date().toISOString()
      const id = Number(addTicket.run(...fields, createdAt).lastInsertRowid)
      trimTickets.run(id - largestTickets)
      const [username, tenant, subject, message] = fields
      return {
        status: 201,
        body: ticketView({ id, username, tenant, subject, message, created_at: createdAt }),
      }
    },
  }
}
