import { minute, second } from '../../world/calendar.ts'
import type { Client } from '../../world/client.ts'
import { type Crowd, think, type Visit } from '../../world/crowd.ts'
import { type Ask, isObject, type JsonObject, textOf } from '../../world/http.ts'
import { prose, word } from '../../world/names.ts'
import type { Stream } from '../../world/stream.ts'
import { itemsOf } from '../../world/style.ts'
import type { Script } from '../../world/timeline.ts'
import type { World } from '../../world/world.ts'
import { type AgentFacts, type AgentRun, toolText } from './agent.ts'
import type { Model } from './model.ts'
import { type Office, questions } from './office.ts'
import type { AgentsPaths } from './routes.ts'

/** What people ask, and what agents do then. */
export class AgentsBehaviour {
  readonly #world: World
  readonly #office: Office
  readonly #model: Model
  readonly #paths: AgentsPaths
  readonly #agents: readonly AgentFacts[]
  readonly #run: (facts: AgentFacts, stream: Stream) => AgentRun

  constructor(
    world: World,
    office: Office,
    model: Model,
    paths: AgentsPaths,
    agents: readonly AgentFacts[],
    run: (facts: AgentFacts, stream: Stream) => AgentRun,
  ) {
    this.#world = world
    this.#office = office
    this.#model = model
    this.#paths = paths
    this.#agents = agents
    this.#run = run
  }

  get(path: string, query = ''): Ask {
    return { method: 'GET', path: `${this.#world.at(path)}${query === '' ? '' : `?${query}`}` }
  }

  post(path: string, body: JsonObject): Ask {
    return { method: 'POST', path: this.#world.at(path), body }
  }

  chat(content: string, stream: Stream, most = 800): Ask {
    const body = this.#model.body(
      stream.pick(['atlas-large', 'atlas-large', 'atlas-small']),
      'You are a helpful assistant of the company.',
      [{ role: 'user', content }],
      most,
    )
    return {
      method: 'POST',
      path: this.#world.at(this.#paths.chat),
      text: { type: 'application/json', value: JSON.stringify(body) },
    }
  }

  register(crowd: Crowd): void {
    crowd.does('employee', visit => this.employee(visit))
    crowd.does('analyst', visit => this.analyst(visit))
    crowd.does('admin', visit => this.administrator(visit))
  }

  *employee(visit: Visit): Script {
    const { client, stream, world } = visit
    const [listed] = yield* client.together([
      this.get(this.#paths.conversations, world.style.page(0)),
      this.get(world.accounts.paths.me),
    ])
    yield* think(visit)
    const known = itemsOf(listed?.json ?? {})
    if (known.length > 0 && stream.chance(0.5)) {
      yield* client.send(this.get(`${this.#paths.conversations}/${textOf(stream.pick(known).id)}`))
      yield* think(visit)
    } else
      yield* client.send(
        this.post(this.#paths.conversations, { title: prose(stream, 4), message: stream.pick(questions) }),
      )
    for (let turns = stream.int(1, 3); turns > 0; turns -= 1) {
      yield* client.send(this.chat(this.#question(stream), stream))
      if (stream.chance(0.6))
        yield* this.act(client, stream, this.#agents[this.#favourite(visit)] ?? this.#agents[0]!)
      yield* think(visit)
    }
    const also = stream.weighted([
      ['nothing', 8],
      ['customers', 4],
      ['documents', 2],
      ['prompts', 1.5],
      ['import', 0.4],
      ['delete', 0.3],
      ['profile', 0.2],
    ])
    if (also === 'customers') yield* this.#customers(visit)
    else if (also === 'documents') yield* this.#documents(visit)
    else if (also === 'prompts') yield* this.library(visit)
    else if (also === 'import')
      yield* client.send(
        this.post(`${this.#paths.documents}/import`, {
          url: `https://wiki.example/${word(stream)}/${word(stream)}`,
        }),
      )
    else if (also === 'delete' && known.length > 3)
      yield* client.send({
        ...this.get(`${this.#paths.conversations}/${textOf(known[known.length - 1]?.id)}`),
        method: 'DELETE',
      })
    else if (also === 'profile')
      yield* client.send({
        method: 'PATCH',
        path: world.at(world.accounts.paths.me),
        body: { phone: `+4915${stream.digits(9)}` },
      })
  }

  /** Everybody has two agents that they like, of those for everybody. */
  #favourite({ person, stream }: Visit): number {
    const first = person.stream.fork('favourite').int(0, 2)
    return stream.chance(0.75) ? first : (first + 1) % 3
  }

  #question(stream: Stream): string {
    const text = stream.chance(0.2) ? `${prose(stream, stream.int(80, 700))}\n\n` : ''
    return `${text}${stream.pick(questions)} ${prose(stream, stream.int(3, 12))}`
  }

  *#customers(visit: Visit): Script {
    const { client, stream, world } = visit
    const listed = yield* client.send(this.get(this.#paths.customers, world.style.page(0)))
    for (const row of stream.some(itemsOf(listed.json), stream.int(1, 4))) {
      yield* think(visit)
      yield* client.send(this.get(`${this.#paths.customers}/${textOf(row.id)}`))
      if (!stream.chance(0.2)) continue
      yield* think(visit)
      yield* client.send({
        method: 'PATCH',
        path: world.at(`${this.#paths.customers}/${textOf(row.id)}`),
        body: { notes: prose(stream, stream.int(6, 25)) },
      })
    }
  }

  *#documents(visit: Visit): Script {
    const { client, stream, world } = visit
    const listed = yield* client.send(this.get(this.#paths.documents, world.style.page(0)))
    for (const row of stream.some(itemsOf(listed.json), stream.int(1, 3))) {
      yield* think(visit)
      yield* client.send(this.get(`${this.#paths.documents}/${textOf(row.id)}`))
    }
  }

  /** The library of prompts: open to everybody. */
  *library(visit: Pick<Visit, 'client' | 'stream'>): Script {
    const { client, stream } = visit
    const { style } = this.#world
    const listed = yield* client.send(
      this.get(
        this.#paths.prompts,
        stream.chance(0.4) ? `q=${word(stream)}&${style.page(0)}` : style.page(0),
      ),
    )
    for (const row of stream.some(itemsOf(listed.json), stream.int(1, 3))) {
      yield* think(visit)
      yield* client.send(this.get(`${this.#paths.prompts}/${textOf(row.id)}`))
    }
  }

  /** One agent for the person who is signed in with this client. */
  *act(user: Client, stream: Stream, facts: AgentFacts): Script {
    const { held } = user
    if (held === undefined) return
    const run = this.#run(facts, stream.fork('agent', this.#world.now))
    if (!(yield* run.actFor(held.value, held.account))) return
    yield* this.perform(run, stream)
  }

  /** What an agent of its kind does once it acts for somebody. */
  *perform(run: AgentRun, stream: Stream): Script {
    const { tools } = run.facts
    if (tools.has('search_customers')) yield* this.#sell(run, stream)
    else if (tools.has('update_customer')) yield* this.#support(run, stream)
    else if (tools.has('run_query')) yield* this.#analyse(run, stream)
    else yield* this.#research(run, stream)
  }

  /** What was read goes into the next question to the model. */
  *#reason(run: AgentRun, stream: Stream, read: string): Script {
    yield stream.between(0.2 * second, second)
    yield* run.client.send(
      this.chat(`${stream.pick(questions)}\n\nContext:\n${read.slice(0, 6_000)}`, stream),
    )
  }

  *#sell(run: AgentRun, stream: Stream): Script {
    yield* run.meet('crm', stream.chance(0.4))
    const found = yield* run.call('crm', 'search_customers', {
      query: stream.token(1, 'aeiou'),
      limit: stream.pick([5, 10]),
    })
    const rows = parsed(toolText(found))
    const chosen = rows.length === 0 ? undefined : stream.pick(rows)
    const id = textOf(chosen?.id)
    if (id === undefined) return
    yield stream.between(0.3 * second, 2 * second)
    const shown = yield* this.#tried(run, stream, 'get_customer', { id })
    yield* this.#reason(run, stream, shown)
    if (!stream.chance(0.4)) return
    yield* run.meet('office', stream.chance(0.2))
    if (stream.chance(0.5)) {
      const mails = yield* run.call('office', 'search_mail', { query: word(stream), limit: 5 })
      yield* this.#reason(run, stream, toolText(mails))
    }
    const to = this.#office.customers.get(id)?.email ?? ''
    yield* run.call('office', 'send_mail', {
      to,
      subject: prose(stream, 4),
      body: prose(stream, stream.int(20, 70)),
    })
  }

  /** Agents try again what timed out. */
  *#tried(run: AgentRun, stream: Stream, name: string, args: JsonObject): Generator<number, string, void> {
    let text = ''
    for (let tries = stream.chance(0.06) ? stream.int(2, 4) : 1; tries > 0; tries -= 1) {
      text = toolText(yield* run.call('crm', name, args))
      yield stream.between(100, 900)
    }
    return text
  }

  *#support(run: AgentRun, stream: Stream): Script {
    yield* run.meet('crm', stream.chance(0.4))
    const own = this.#office.customersOf(run.client.account ?? '')
    if (own.length === 0) return
    const { id } = stream.pick(own)
    const shown = yield* this.#tried(run, stream, 'get_customer', { id })
    yield stream.between(0.3 * second, 2 * second)
    const orders = yield* run.call('crm', 'list_orders', { customerId: id })
    yield* this.#reason(run, stream, `${shown}\n${toolText(orders)}`)
    if (stream.chance(0.4))
      yield* run.call('crm', 'update_customer', { id, notes: prose(stream, stream.int(8, 30)) })
  }

  *#research(run: AgentRun, stream: Stream): Script {
    yield* run.meet('office', stream.chance(0.4))
    const listed = yield* run.call('office', 'list_files', { folder: '/' })
    const files = parsedTexts(toolText(listed))
    for (const path of stream.some(files, stream.int(1, 3))) {
      yield stream.between(0.2 * second, 2 * second)
      const read = yield* run.call('office', 'read_file', { path })
      yield* this.#reason(run, stream, toolText(read))
    }
    if (stream.chance(0.3)) {
      const mails = yield* run.call('office', 'search_mail', { query: word(stream), limit: 5 })
      yield* this.#reason(run, stream, toolText(mails))
    }
  }

  *#analyse(run: AgentRun, stream: Stream): Script {
    yield* run.meet('office', stream.chance(0.4))
    for (let count = stream.int(2, 5); count > 0; count -= 1) {
      const sql = `select ${stream.pick(['month', 'team', 'country'])}, sum(total) from orders where year = 2026 group by 1 order by ${stream.int(1, 2)}`
      const rows = yield* run.call('office', 'run_query', { sql })
      yield* this.#reason(run, stream, toolText(rows))
    }
    if (!this.#world.calendar.isMonthEnd(this.#world.now) && !stream.chance(0.1)) return
    yield* run.meet('crm', false)
    yield* run.call('crm', 'export_customers', { format: 'csv' })
  }

  *analyst(visit: Visit): Script {
    const { client, stream, world } = visit
    yield* client.send(this.get(this.#paths.customers, world.style.page(0)))
    yield* think(visit)
    for (const found of stream.some([...this.#office.customers.values()], stream.int(1, 4))) {
      yield* client.send(this.get(`${this.#paths.customers}/${found.id}`))
      yield* think(visit)
    }
    yield* client.send(this.chat(this.#question(stream), stream))
    const own = this.#agents.find(({ tools }) => tools.has('run_query'))
    if (own !== undefined) yield* this.act(client, stream, own)
    if (world.calendar.isMonthEnd(world.now) || stream.chance(0.06))
      yield* client.send(this.post(`${this.#paths.customers}/exports`, { format: 'csv' }))
  }

  *administrator(visit: Visit): Script {
    const { client, stream, world } = visit
    yield* client.send(this.get(`${this.#paths.admin}/agents`, world.style.page(0)))
    yield* think(visit)
    yield* client.send(this.get(`${this.#paths.admin}/usage`, world.style.page(0)))
    if (stream.chance(0.1)) {
      // Somebody asked to be forgotten.
      yield* think(visit)
      const asked = stream.pick(this.#office.customersOf(visit.person.account.id))
      yield* client.send({ ...this.get(`${this.#paths.customers}/${asked.id}`), method: 'DELETE' })
    }
    if (stream.chance(0.2)) {
      yield* think(visit)
      yield* client.send(this.post(`${this.#paths.admin}/keys`, { name: word(stream) }))
    }
  }

  /** Every night the answers of the model are compared on long texts. */
  *evaluate(client: Client, stream: Stream): Script {
    for (let count = 12; count > 0; count -= 1) {
      yield* client.send(
        this.chat(`${prose(stream, stream.int(1_500, 3_000))}\n${stream.pick(questions)}`, stream, 400),
      )
      yield stream.about(minute / 6, 0.4)
    }
  }
}

function parsed(text: string): readonly JsonObject[] {
  try {
    const value = JSON.parse(text) as unknown
    return Array.isArray(value) ? value.filter(one => isObject(one)) : []
  } catch {
    return []
  }
}

function parsedTexts(text: string): readonly string[] {
  try {
    const value = JSON.parse(text) as unknown
    return Array.isArray(value) ? value.filter(one => typeof one === 'string') : []
  } catch {
    return []
  }
}
