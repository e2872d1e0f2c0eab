import { type App, type Deploy, defineApp } from '../../world/app.ts'
import { day, hour, minute } from '../../world/calendar.ts'
import { Client } from '../../world/client.ts'
import { Crowd, type Visit } from '../../world/crowd.ts'
import { type Device, program } from '../../world/device.ts'
import { machine } from '../../world/machine.ts'
import { phone, prose, word } from '../../world/names.ts'
import type { Network } from '../../world/network.ts'
import { passerBy } from '../../world/passer-by.ts'
import type { Stream } from '../../world/stream.ts'
import type { Script } from '../../world/timeline.ts'
import type { World } from '../../world/world.ts'
import { type AgentFacts, AgentRun } from './agent.ts'
import { AgentsBehaviour } from './behaviour.ts'
import { Enrichment } from './enrichment.ts'
import { ToolServer } from './mcp.ts'
import { Model } from './model.ts'
import { mail, Office } from './office.ts'
import { type AgentsPaths, type AgentsWeakness, agentsRoutes } from './routes.ts'
import { crmTools, officeTools, Toolbox } from './tools.ts'

export const agents = defineApp({
  id: 'agents',
  title: 'Assistants of a company: a language model, agents that act for people, two MCP servers, a partner',
  build,
})

const teams = ['north', 'south', 'east', 'west', 'key-accounts'] as const

function build(world: World): App {
  const { style, stream, service, accounts } = world
  const flag = (name: string, probability: number): boolean => style.flag(name, probability)
  const weak: AgentsWeakness = {
    readsAnyConversation: flag('reads-any-conversation', 0.6),
    readsAnyCustomer: flag('reads-any-customer', 0.6),
    changesAnyCustomer: flag('changes-any-customer', 0.5),
    toolsReadAnything: flag('tools-read-anything', 0.6),
    anyTool: flag('any-tool', 0.65),
    believesHeader: flag('believes-header', 0.6),
    openAdministration: flag('open-administration', 0.6),
    openVerbs: flag('open-verbs', 0.6),
    anyPageSize: flag('any-page-size', 0.6),
    fetchesAnything: flag('fetches-anything', 0.6),
    noBudget: flag('no-budget', 0.7),
    showsSystem: flag('shows-system', 0.6),
    believesQuery: flag('believes-query', 0.5),
  }
  const dialect = style.choose('dialect', ['openai', 'anthropic'] as const)
  const paths: AgentsPaths = {
    chat:
      dialect === 'openai'
        ? style.noun('/chat/completions', '/llm/chat/completions')
        : style.noun('/messages', '/llm/messages'),
    token: style.noun('/oauth/token', '/oauth2/token'),
    crm: style.noun('/mcp/crm', '/crm/mcp'),
    office: style.noun('/mcp/office', '/office/mcp'),
    conversations: `/${style.noun('conversations', 'threads', 'chats')}`,
    customers: `/${style.noun('customers', 'contacts', 'clients')}`,
    documents: `/${style.noun('documents', 'files', 'knowledge')}`,
    prompts: `/${style.noun('prompts', 'prompt-library', 'templates')}`,
    admin: `/${style.noun('admin', 'governance', 'platform')}`,
    health: style.noun('/health', '/ready', '/healthz'),
  }
  const office = new Office(world)
  const model = new Model(dialect, weak.noBudget ? undefined : 400_000, stream.fork('model'))
  const toolbox = new Toolbox(office, weak.toolsReadAnything)
  const granted = new Map<string, ReadonlySet<string>>()
  const allowed = (agent: string): ReadonlySet<string> | undefined =>
    weak.anyTool ? undefined : (granted.get(agent) ?? new Set())
  const streams = flag('tools-stream', 0.5)
  const servers = {
    crm: new ToolServer(
      { name: 'crm-tools', protocol: '2025-11-25', streams, believesHeader: false, allowed },
      crmTools,
      toolbox,
      stream.fork('crm'),
    ),
    office: new ToolServer(
      {
        name: 'office-tools',
        protocol: '2026-07-28',
        streams: false,
        believesHeader: weak.believesHeader,
        allowed,
      },
      officeTools,
      toolbox,
      stream.fork('office-tools'),
    ),
  }
  const serverOf = (tool: string): 'crm' | 'office' =>
    crmTools.some(({ name }) => name === tool) ? 'crm' : 'office'

  const agentOf = (
    name: string,
    software: 'python' | 'node' | 'httpx',
    agent: string,
    tools: readonly string[],
  ): AgentFacts => {
    const client = machine(world, { name, roles: ['agent'], software, agent })()
    const account = client.key?.account ?? ''
    granted.set(account, new Set(tools))
    return {
      name,
      tools: new Set(tools),
      account,
      key: client.key?.value ?? '',
      device: client.device,
      network: client.network,
    }
  }
  const facts = [
    agentOf('sales-assistant', 'httpx', 'sales-assistant/2.8', [
      'search_customers',
      'get_customer',
      'search_mail',
      'send_mail',
    ]),
    agentOf('service-desk', 'node', 'service-desk/1.12', ['get_customer', 'list_orders', 'update_customer']),
    agentOf('researcher', 'python', 'researcher/0.9', ['list_files', 'read_file', 'search_mail']),
    agentOf('data-analyst', 'python', 'data-analyst/3.0', ['run_query', 'export_customers']),
  ]
  const places = { paths: { token: paths.token, servers: { crm: paths.crm, office: paths.office } }, servers }
  const behaviour = new AgentsBehaviour(
    world,
    office,
    model,
    paths,
    facts,
    (one, own) => new AgentRun(world, one, places, own),
  )
  service.route(...agentsRoutes(world, office, model, servers, paths, weak))
  accounts.onRegister = account => {
    account.roles = ['employee']
    const own = stream.fork('newcomer', account.email)
    office.furnish(account, own.pick(teams), own, world.now)
  }

  const crowd = new Crowd(world)
  behaviour.register(crowd)
  const house = world.networks.office(stream.fork('house'))
  const people = (role: string, count: number, visits: number): void => {
    for (let index = 0; index < count; index += 1) {
      const { account } = crowd.add({
        role,
        roles: [role],
        visits,
        rhythm: 'office',
        phones: 0.15,
        secondFactor: role === 'admin' || index % 6 === 0,
        ...(index % 3 === 0 ? {} : { office: house }),
      })
      office.furnish(
        account,
        teams[index % teams.length] ?? teams[0],
        stream.fork('furnish', account.email),
        world.start,
      )
    }
  }
  people('employee', 55, 0.9)
  people('analyst', 3, 1)
  people('admin', 2, 0.8)

  const evaluator = machine(world, {
    name: 'evaluation',
    roles: ['batch'],
    software: 'python',
    agent: 'evals/1.4',
  })
  const partner = new Enrichment(stream.fork('partner'))
  const worker = program('go', 'machine/enrichment', 'enrichment-worker/1.3')
  const inside = world.networks.datacentre(stream.fork('egress'), {
    country: 'DE',
    latitude: 50.1,
    longitude: 8.7,
  })
  function* enrich(): Script {
    const client = new Client(world, worker, inside, stream.fork('enrich', world.now))
    client.partner = partner
    for (const { company } of client.stream.some([...office.customers.values()], client.stream.int(3, 8))) {
      yield* client.send(partner.ask(company))
      yield client.stream.about(900, 0.5)
    }
  }

  const monitorNetwork = world.networks.datacentre(stream.fork('monitor'))
  const monitorDevice = program('go', 'machine/monitor', 'kube-probe/1.33')
  function* watch(until: number): Script {
    const client = new Client(world, monitorDevice, monitorNetwork, stream.fork('monitor', world.now))
    while (world.now < until) {
      yield* client.send(behaviour.get(paths.health))
      yield 20 * minute + client.stream.between(-900, 900)
    }
  }

  const plan = (midnight: number): void => {
    const today = stream.fork('plan', midnight)
    world.timeline.at(midnight + 2 * hour + today.int(0, 9 * minute), () => {
      const client = evaluator()
      world.timeline.play(world.now, behaviour.evaluate(client, client.stream))
    })
    for (const at of [6, 12, 18])
      world.timeline.play(midnight + at * hour + today.int(0, 20 * minute), enrich())
    world.timeline.play(midnight + today.int(0, minute), watch(midnight + day - 10 * minute))
    // Mail comes in for everybody.
    for (const [account, own] of office.mails) {
      const letters = today.fork('mail', account)
      if (!letters.chance(0.5)) continue
      own.push(mail(letters))
      if (own.length > 12) own.shift()
    }
    for (let count = today.poisson(0.3); count > 0; count -= 1)
      crowd.join(
        world.calendar.moment(today, midnight, 'office'),
        { role: 'employee', visits: 0.8, rhythm: 'office', office: house },
        visit => behaviour.employee(visit),
      )
    for (let count = today.poisson(12); count > 0; count -= 1) {
      const own = stream.fork('passer-by', midnight, count)
      world.timeline.play(
        world.calendar.moment(today, midnight, 'leisure'),
        behaviour.library({ client: passerBy(world, own), stream: own }),
      )
    }
  }

  function* briefed(visit: Visit): Script {
    yield* behaviour.employee(visit)
    if (visit.stream.chance(0.3)) yield* visit.client.send(behaviour.get('/briefing'))
  }

  const deploys: readonly Deploy[] = [
    {
      id: 'briefing',
      time: world.windowTime(3, 11.2),
      changes: ['GET /briefing', 'office-tools 1.5.0: tool summarize_file'],
      apply: () => {
        service.route({
          method: 'GET',
          template: '/briefing',
          latency: 90,
          handle: ({ me }) => ({
            status: 200,
            body: {
              date: new Date(world.now).toISOString().slice(0, 10),
              customers: office.customersOf(me.id).length,
              text: prose(stream.fork('briefing', me.id), 30),
            },
          }),
        })
        servers.office.release('1.5.0', tools => {
          tools.push({
            name: 'summarize_file',
            description: 'Summarises a text file.',
            arguments: { path: { type: 'string', description: 'Path of the file.' } },
            required: ['path'],
          })
        })
        crowd.does('employee', briefed)
      },
    },
    {
      id: 'crm-tools',
      time: world.windowTime(9, 14.6),
      changes: ['crm-tools 1.5.0: search_customers takes a team', 'answers a tenth slower'],
      apply: () => {
        service.slowness = 1.1
        servers.crm.release('1.5.0', tools => {
          const [first] = tools
          if (first !== undefined)
            tools[0] = {
              ...first,
              arguments: { ...first.arguments, team: { type: 'string', description: 'Only this team.' } },
            }
        })
      },
    },
  ]

  const get = (path: string, query = '') => behaviour.get(path, query)
  return {
    crowd,
    deploys,
    parameters: { ...weak, paths: { ...paths }, dialect, toolsStream: streams },
    plan,
    ordinary: () => crowd.of('employee'),
    surface: {
      resources: [
        {
          type: 'conversations',
          owned: () => [...office.conversations.values()],
          read: id => get(`${paths.conversations}/${id}`),
          write: id => ({ ...get(`${paths.conversations}/${id}`), method: 'DELETE' }),
          guess: from => office.conversationIds.guess(from, world.now),
          list: offset => get(paths.conversations, style.page(offset)),
        },
        {
          type: 'customers',
          owned: () => [...office.customers.values()],
          read: id => get(`${paths.customers}/${id}`),
          write: (id, from) => ({
            method: 'PATCH',
            path: world.at(`${paths.customers}/${id}`),
            body: { notes: prose(from, 8) },
          }),
          guess: from => office.customerIds.guess(from, world.now),
          list: offset => get(paths.customers, style.page(offset)),
        },
        {
          type: 'documents',
          owned: () => [...office.documents.values()],
          read: id => get(`${paths.documents}/${id}`),
          guess: from => office.documentIds.guess(from, world.now),
          list: offset => get(paths.documents, style.page(offset)),
        },
      ],
      browse: visit => behaviour.employee(visit),
      privileged: [
        { title: 'agents', verb: false, ask: () => get(`${paths.admin}/agents`, style.page(0)) },
        { title: 'usage', verb: false, ask: () => get(`${paths.admin}/usage`, style.page(0)) },
        {
          title: 'a key',
          verb: false,
          ask: from => behaviour.post(`${paths.admin}/keys`, { name: word(from) }),
        },
        {
          title: 'export',
          verb: false,
          ask: () => behaviour.post(`${paths.customers}/exports`, { format: 'csv' }),
        },
        {
          title: 'deletion of a customer',
          verb: true,
          ask: from => ({
            ...get(`${paths.customers}/${from.pick([...office.customers.keys()])}`),
            method: 'DELETE',
          }),
        },
      ],
      massAssignment: [
        {
          ask: () => ({
            method: 'PATCH',
            path: world.at(accounts.paths.me),
            body: { roles: ['employee', 'admin'] },
          }),
          took: answer => Array.isArray(answer.roles) && answer.roles.includes('admin'),
        },
      ],
      catalogue: {
        page: (offset, limit) => get(paths.prompts, style.page(offset, limit)),
        item: id => get(`${paths.prompts}/${id}`),
        total: () => office.prompts.size,
      },
      exports: [
        { role: 'analyst', ask: () => behaviour.post(`${paths.customers}/exports`, { format: 'csv' }) },
      ],
      bulk: {
        role: 'analyst',
        ask: index =>
          get(`${paths.customers}/${[...office.customers.keys()][index % office.customers.size]}`),
        total: () => office.customers.size,
      },
      expensive: [{ ask: from => behaviour.chat(prose(from, 60), from, 6_000) }],
      exposure: {
        ask: (account, from) => {
          const own = [...office.conversations.values()].filter(({ owner }) => owner === account.id)
          return own.length === 0
            ? undefined
            : get(`${paths.conversations}/${from.pick(own).id}`, 'include=system')
        },
        exposed: answer => answer.systemPrompt !== undefined,
      },
      inputs: [
        { kind: 'text', ask: value => get(paths.prompts, `q=${encodeURIComponent(value)}`) },
        {
          kind: 'text',
          ask: value => behaviour.post(paths.conversations, { title: value, message: 'hello' }),
        },
        {
          kind: 'json',
          ask: value => ({
            method: 'PATCH',
            path: world.at(accounts.paths.me),
            text: { type: 'application/json', value },
          }),
        },
        { kind: 'path', ask: value => get(`${paths.prompts}/${encodeURIComponent(value)}`) },
        {
          kind: 'url',
          ask: value => behaviour.post(`${paths.documents}/import`, { url: value }),
          worked: ({ json }) => json.preview !== undefined,
        },
      ],
      services: [{ client: evaluator, usual: from => behaviour.chat(prose(from, 400), from, 400) }],
      model: { ask: (words, from) => behaviour.chat(prose(from, words), from, 4_000) },
      partner: {
        device: worker,
        network: inside,
        partner,
        usual: from => partner.ask(from.pick([...office.customers.values()]).company),
      },
      agents: {
        *begin(make: (device: Device, network: Network) => Client, user: Client, own: Stream) {
          const one = facts[own.int(0, 2)] ?? facts[0]!
          const run = new AgentRun(world, one, places, own, make)
          if (user.held === undefined || !(yield* run.actFor(user.held.value, user.held.account)))
            return undefined
          return {
            client: run.client,
            call: (tool, args, header) =>
              run.ask(
                serverOf(tool),
                'tools/call',
                { name: tool, arguments: args },
                header === undefined ? undefined : { name: header },
              ),
            list: tool => run.ask(serverOf(tool), 'tools/list', {}),
            *meet(tool) {
              yield* run.meet(serverOf(tool), false)
            },
            *usual() {
              yield* behaviour.perform(run, own)
            },
          }
        },
        headers: true,
        unusual: [
          { tool: 'export_customers', args: () => ({ format: 'csv' }) },
          { tool: 'delete_customer', args: from => ({ id: from.pick([...office.customers.keys()]) }) },
          {
            tool: 'run_query',
            args: from => ({ sql: `select name, email, phone from customers limit ${from.int(100, 5_000)}` }),
          },
        ],
        texts: [
          {
            tool: 'send_mail',
            args: (text, from) => ({
              to: office.customers.get(from.pick([...office.customers.keys()]))?.email ?? '',
              subject: prose(from, 3),
              body: text,
            }),
          },
          {
            tool: 'update_customer',
            args: (text, from) => ({ id: from.pick([...office.customers.keys()]), notes: text }),
          },
          { tool: 'search_mail', args: text => ({ query: text, limit: 5 }) },
        ],
        plant(account, text, from) {
          const letter = { ...mail(from), body: text }
          const own = office.mails.get(account) ?? []
          office.mails.set(account, own)
          own.push(letter)
          return {
            tool: 'search_mail',
            args: { query: letter.subject.slice(0, 8).toLowerCase(), limit: 5 },
            remove() {
              const at = own.indexOf(letter)
              if (at >= 0) own.splice(at, 1)
            },
          }
        },
        follow: (account, address, from) =>
          from.chance(0.25)
            ? { tool: 'export_customers', args: { format: 'csv' } }
            : {
                tool: 'send_mail',
                args: {
                  to: address,
                  subject: prose(from, 2),
                  body: office
                    .customersOf(account)
                    .slice(0, from.int(2, 8))
                    .map(
                      ({ name, email, phone: number, company }) => `${name}, ${company}, ${email}, ${number}`,
                    )
                    .join('\n'),
                },
              },
      },
      afterTakeover: (_, from) => [
        get(accounts.paths.me),
        get(paths.customers, style.page(0, 100)),
        get(paths.conversations, style.page(0)),
        { method: 'PATCH', path: world.at(accounts.paths.me), body: { phone: phone(from) } },
      ],
      more: {
        'parameter-pollution': (_, from) => [
          get(
            paths.customers,
            `${style.snake ? 'owner_id' : 'ownerId'}=${encodeURIComponent(from.pick(crowd.of('employee')).account.id)}`,
          ),
        ],
      },
    },
  }
}
