import type { Account } from '../../world/accounts.ts'
import type { JsonObject } from '../../world/http.ts'
import type { Request } from '../../world/service.ts'
import type { Customer, Document, Office } from './office.ts'

export interface Tool {
  readonly name: string
  readonly description: string
  readonly arguments: JsonObject
  readonly required: readonly string[]
}

const text = (description: string): JsonObject => ({ type: 'string', description })
const count = (description: string): JsonObject => ({
  type: 'integer',
  minimum: 1,
  maximum: 100,
  description,
})

/** What the two servers offer. */
export const crmTools: readonly Tool[] = [
  {
    name: 'search_customers',
    description: 'Finds customers by name or company.',
    arguments: { query: text('Words of the name.'), limit: count('At most so many.') },
    required: ['query'],
  },
  {
    name: 'get_customer',
    description: 'Reads one customer with contact data and notes.',
    arguments: { id: text('Id of the customer.') },
    required: ['id'],
  },
  {
    name: 'list_orders',
    description: 'Lists the orders of a customer.',
    arguments: { customerId: text('Id of the customer.') },
    required: ['customerId'],
  },
  {
    name: 'update_customer',
    description: 'Writes the notes of a customer.',
    arguments: { id: text('Id of the customer.'), notes: text('The new notes.') },
    required: ['id', 'notes'],
  },
  {
    name: 'export_customers',
    description: 'Exports all customers as CSV.',
    arguments: { format: text('csv or json') },
    required: [],
  },
  {
    name: 'delete_customer',
    description: 'Deletes a customer for good.',
    arguments: { id: text('Id of the customer.') },
    required: ['id'],
  },
]
export const officeTools: readonly Tool[] = [
  {
    name: 'list_files',
    description: 'Lists the files of a folder.',
    arguments: { folder: text('Path of the folder.') },
    required: [],
  },
  {
    name: 'read_file',
    description: 'Reads a text file.',
    arguments: { path: text('Path of the file.') },
    required: ['path'],
  },
  {
    name: 'search_mail',
    description: 'Finds mails in the mailbox of the user.',
    arguments: { query: text('Words.'), limit: count('At most so many.') },
    required: ['query'],
  },
  {
    name: 'send_mail',
    description: 'Sends a mail in the name of the user.',
    arguments: { to: text('Address.'), subject: text('Subject.'), body: text('Text.') },
    required: ['to', 'subject', 'body'],
  },
  {
    name: 'run_query',
    description: 'Runs a read-only query in the warehouse.',
    arguments: { sql: text('One statement.') },
    required: ['sql'],
  },
]

export const toolView = ({ name, description, arguments: properties, required }: Tool): JsonObject => ({
  name,
  description,
  inputSchema: { type: 'object', properties, required },
})

type ToolResult = { readonly text: string; readonly failed: boolean }

/** Carries tools out for the account that an agent acts for. */
export class Toolbox {
  readonly #office: Office
  readonly #open: boolean

  /** @param open The check whose customers these are was forgotten. */
  constructor(office: Office, open: boolean) {
    this.#office = office
    this.#open = open
  }

  run(request: Request, name: string, args: JsonObject): ToolResult | undefined {
    const { me } = request
    const office = this.#office
    const given = (key: string): string => (typeof args[key] === 'string' ? args[key] : '')
    switch (name) {
      case 'search_customers': {
        const words = given('query').toLowerCase()
        const found = office
          .customersOf(me.id)
          .filter(one => `${one.name} ${one.company}`.toLowerCase().includes(words))
          .slice(0, typeof args.limit === 'number' ? args.limit : 10)
        for (const one of found) this.#touch(request, one)
        return done(found.map(({ id, name: who, company }) => ({ id, name: who, company })))
      }
      case 'get_customer':
        return this.#customer(request, given('id'), one => done(customerView(one)))
      case 'list_orders':
        return this.#customer(request, given('customerId'), one =>
          done(one.orders.map(order => ({ ...order }))),
        )
      case 'update_customer':
        return this.#customer(request, given('id'), one => {
          one.notes = given('notes')
          return done({ id: one.id, updated: true })
        })
      case 'export_customers': {
        request.work = 20
        const rows = [...office.customers.values()].map(one =>
          [one.id, one.name, one.email, one.phone].join(','),
        )
        return { text: `id,name,email,phone\n${rows.slice(0, 120).join('\n')}`, failed: false }
      }
      case 'delete_customer':
        return this.#customer(request, given('id'), one => done({ id: one.id, state: 'scheduled' }))
      case 'list_files':
        return done(office.documentsOf(me.id).map(({ path }) => path))
      case 'read_file': {
        const found = [...office.documents.values()].find(({ path }) => path === given('path'))
        if (found === undefined) return { text: `No such file: ${given('path')}`, failed: true }
        this.#touch(request, found)
        return office.sees(me.id, found) || found.owner === me.id || this.#open
          ? { text: found.content, failed: false }
          : { text: 'Permission denied.', failed: true }
      }
      case 'search_mail': {
        const words = given('query').toLowerCase()
        const own = (office.mails.get(me.id) ?? []).filter(({ subject, body }) =>
          `${subject} ${body}`.toLowerCase().includes(words),
        )
        return done(own.slice(-5).map(one => ({ ...one })))
      }
      case 'send_mail':
        return given('to').includes('@')
          ? done({ state: 'sent', to: given('to') })
          : { text: 'The address is not valid.', failed: true }
      case 'run_query':
        return given('sql') === ''
          ? { text: 'A statement is needed.', failed: true }
          : done(this.#rows(given('sql')))
      default:
        return undefined
    }
  }

  /** The warehouse knows two tables: customers as they are, and orders summed up by team. */
  #rows(sql: string): readonly JsonObject[] {
    const all = [...this.#office.customers.values()]
    if (/from customers/i.test(sql)) {
      const most = Number(/limit (\d{1,6})/i.exec(sql)?.[1] ?? 100)
      return all.slice(0, Math.min(most, 400)).map(({ name, email, phone }) => ({ name, email, phone }))
    }
    const totals = new Map<string, number>()
    for (const { team, orders } of all)
      totals.set(team, (totals.get(team) ?? 0) + orders.reduce((sum, { total }) => sum + total, 0))
    return [...totals].map(([team, total]) => ({ team, total }))
  }

  #customer(request: Request, id: string, give: (found: Customer) => ToolResult): ToolResult {
    const found = this.#office.customers.get(id)
    if (found === undefined) {
      request.touch(`customers/${id}`, null, 'missing')
      return { text: 'No such customer.', failed: true }
    }
    const relation = this.#touch(request, found)
    return relation !== 'foreign' || this.#open ? give(found) : { text: 'No such customer.', failed: true }
  }

  #touch(request: Request, found: Customer | Document): string {
    const relation = relate(this.#office, request.me, found)
    request.touch(`${'path' in found ? 'documents' : 'customers'}/${found.id}`, found.owner, relation, false)
    return relation
  }
}

export const relate = (
  office: Office,
  me: Account,
  found: Customer | Document,
): 'own' | 'shared' | 'support' | 'foreign' =>
  found.owner === me.id
    ? 'own'
    : office.sees(me.id, found)
      ? 'shared'
      : me.roles.includes('analyst')
        ? 'support'
        : 'foreign'

export const customerView = ({
  id,
  name,
  email,
  phone,
  company,
  notes,
  owner,
  orders,
}: Customer): JsonObject & { readonly id: string } => ({
  id,
  name,
  email,
  phone,
  company,
  notes,
  accountManager: owner,
  orderCount: orders.length,
})

const done = (value: JsonObject | readonly (JsonObject | string)[]): ToolResult => ({
  text: JSON.stringify(value),
  failed: false,
})
