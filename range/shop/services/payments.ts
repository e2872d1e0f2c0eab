import { randomUUID } from 'node:crypto'
import { receiptsHost } from '../cloud.ts'
import { inTransaction, openDatabase } from '../database.ts'
import { type OutboundAnswer, outboundTo } from '../outbound.ts'
import { seedShop } from '../seed.ts'
import { Refusal, type Routes, type ServiceOrder, textOf } from '../service.ts'

const largestNewPayments = 5_000

/** Money: payments and what an invoice says about them. */
export function paymentsService({ directory, seed, standIns, archiveKey }: ServiceOrder): Routes {
  const { payments } = seedShop(seed)
  const database = openDatabase(
    directory,
    'payments',
    `create table if not exists payments (number integer primary key autoincrement, id text unique, order_id integer, customer text, body text);
     create index if not exists payments_by_order on payments (order_id);
     create index if not exists payments_by_customer on payments (customer)`,
  )
  const insert = database.prepare(
    'insert or ignore into payments (id, order_id, customer, body) values (?, ?, ?, ?)',
  )
  inTransaction(database, () => {
    for (const payment of payments)
      insert.run(payment.id, payment.orderId, payment.customerId, JSON.stringify(payment))
  })
  const byId = database.prepare('select body from payments where id = ?')
  const byOrder = database.prepare(
    'select body from payments where order_id = ? order by number desc limit 1',
  )
  const ofCustomer = database.prepare(
    'select body from payments where customer = ? order by number desc limit 5',
  )
  const between = database.prepare('select body from payments where order_id between ? and ? limit 500')
  const trim = database.prepare('delete from payments where number > ? and number <= ?')
  const read = (row: Record<string, unknown> | undefined): Record<string, unknown> => {
    if (row === undefined) throw new Refusal(404, 'no such payment')
    return JSON.parse(String(row.body)) as Record<string, unknown>
  }
  const outside = outboundTo(standIns)
  const archive = (method: string, order: string, body?: string): Promise<OutboundAnswer> =>
    outside(`http://${receiptsHost}/${order}`, {
      method,
      headers: { authorization: `AWS4-HMAC-SHA256 Credential=${archiveKey}/s3/aws4_request` },
      ...(body === undefined ? {} : { body }),
    })
  /** The receipt is in the archive from the first time on that somebody asks for it. */
  const receipt = async (order: string, payment: Record<string, unknown>): Promise<void> => {
    if (archiveKey === undefined) return
    if ((await archive('GET', order)).status === 404) await archive('PUT', order, JSON.stringify(payment))
  }

  return {
    'GET /payments/:id': ({ params }) => ({ status: 200, body: read(byId.get(params.id ?? '')) }),
    'GET /payments': ({ query }) => ({
      status: 200,
      body: { items: ofCustomer.all(query.get('customer') ?? '').map(read) },
    }),
    'GET /orders/:id/payment': async ({ params }) => {
      const payment = read(byOrder.get(Number(params.id) || 0))
      await receipt(String(Number(params.id)), payment)
      return { status: 200, body: payment }
    },
    'GET /receipts/:id': async ({ params }) => {
      if (archiveKey === undefined) throw new Refusal(404, 'receipts are not kept')
      const { status, text } = await archive('GET', String(Number(params.id)))
      if (status !== 200) throw new Refusal(404, 'no such receipt')
      return { status: 200, body: JSON.parse(text) as unknown }
    },
    'GET /settlements': ({ query }) => ({
      status: 200,
      body: { items: between.all(Number(query.get('from')) || 0, Number(query.get('to')) || 0).map(read) },
    }),
    'POST /payments': ({ body }) => {
      const { orderId, amount } = body
      if (typeof orderId !== 'number' || typeof amount !== 'number')
        throw new Refusal(400, 'orderId is missing')
      const card = textOf(body, 'card')
      const payment = {
        id: randomUUID(),
        orderId,
        customerId: textOf(body, 'customer'),
        tenantId: textOf(body, 'tenant'),
        amount,
        currency: 'EUR',
        method: 'card',
        card,
        status: 'captured',
      }
      const number = Number(
        insert.run(payment.id, orderId, payment.customerId, JSON.stringify(payment)).lastInsertRowid,
      )
      trim.run(payments.length, number - largestNewPayments)
      return { status: 201, body: payment }
    },
  }
}
