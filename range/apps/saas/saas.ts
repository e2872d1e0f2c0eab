import { type App, type Deploy, defineApp } from '../../world/app.ts'
import { day, hour, minute } from '../../world/calendar.ts'
import { Client } from '../../world/client.ts'
import { Crowd, think, type Visit } from '../../world/crowd.ts'
import { program } from '../../world/device.ts'
import { isObject } from '../../world/http.ts'
import { machine } from '../../world/machine.ts'
import { phone, word } from '../../world/names.ts'
import { passerBy } from '../../world/passer-by.ts'
import { Tenancy } from '../../world/tenancy.ts'
import type { Script } from '../../world/timeline.ts'
import type { World } from '../../world/world.ts'
import { SaasBehaviour } from './behaviour.ts'
import { type SaasPaths, type SaasWeakness, saasRoutes } from './routes.ts'
import { Tracker } from './tracker.ts'

export const saas = defineApp({
  id: 'saas',
  title: 'A project tracker for many companies: GraphQL, webhooks, invitations, API keys',
  build,
})

const companies = [
  'acme',
  'bluebird',
  'corvus',
  'deltaworks',
  'eastgate',
  'fjord',
  'granit',
  'halcyon',
] as const

function build(world: World): App {
  const { style, stream, service, accounts } = world
  const flag = (name: string, probability: number): boolean => style.flag(name, probability)
  const weak: SaasWeakness = {
    readsAnyIssue: flag('reads-any-issue', 0.65),
    changesAnyIssue: flag('changes-any-issue', 0.5),
    readsAnyProject: flag('reads-any-project', 0.6),
    readsAnyAttachment: flag('reads-any-attachment', 0.6),
    believesPlace: flag('believes-place', 0.5),
    believesQuery: flag('believes-query', 0.5),
    openAdministration: flag('open-administration', 0.6),
    openVerbs: flag('open-verbs', 0.6),
    anyPageSize: flag('any-page-size', 0.6),
    anyDepth: flag('any-depth', 0.6),
    anyAliases: flag('any-aliases', 0.6),
    fetchesAnything: flag('fetches-anything', 0.6),
    shortInvitations: flag('short-invitations', 0.5),
    showsSecrets: flag('shows-secrets', 0.6),
  }
  const paths: SaasPaths = {
    graphql: style.noun('/graphql', '/gql', '/graph/graphql'),
    projects: `/${style.noun('projects', 'boards')}`,
    attachments: `/${style.noun('attachments', 'files')}`,
    members: `/${style.noun('members', 'people')}`,
    invitations: `/${style.noun('invitations', 'invites')}`,
    webhooks: `/${style.noun('webhooks', 'hooks')}`,
    keys: `/${style.noun('api-keys', 'access-tokens')}`,
    audit: `/${style.noun('audit-log', 'audit/events')}`,
    exports: `/${style.noun('exports', 'data-exports')}`,
    integrations: `/${style.noun('integrations', 'marketplace', 'apps')}`,
    health: style.noun('/health', '/healthz', '/livez'),
  }
  const tenancy = new Tenancy(world, { nouns: ['workspaces', 'orgs', 'teams'], header: 'x-workspace' })
  const tracker = new Tracker(world)
  const behaviour = new SaasBehaviour(world, tracker, tenancy, paths)
  service.route(...saasRoutes(world, tracker, tenancy, paths, weak))

  // Who registers gets a workspace of their own.
  accounts.onRegister = account => {
    const own = stream.fork('newcomer', account.email)
    const name = `${word(own)}-${own.token(5).toLowerCase()}`
    account.roles = ['member']
    account.tenant = tenancy.id(name, own)
    tracker.names.set(account.tenant, name)
    tracker.join(account.tenant, account.id, 'owner')
  }

  const crowd = new Crowd(world)
  behaviour.register(crowd)
  const tenantStream = stream.fork('tenants')
  const tenants = companies.map(name => tenancy.id(name, tenantStream))
  for (const [place, tenant] of tenants.entries()) {
    const office = world.networks.office(stream.fork('office', tenant))
    const join = (role: 'owner' | 'admin' | 'member' | 'guest', visits: number): void => {
      const kind = role === 'owner' ? 'admin' : role
      const person = crowd.add({
        role: kind,
        roles: [kind],
        tenant,
        visits,
        phones: 0.3,
        rhythm: 'office',
        secondFactor: kind === 'admin',
        ...(place % 2 === 0 ? { office } : {}),
      })
      tracker.join(tenant, person.account.id, role)
    }
    join('owner', 0.8)
    if (place % 2 === 0) join('admin', 0.9)
    for (let index = 0; index < 6; index += 1) join('member', 0.9)
    join('guest', 0.4)
  }
  // Consultants work for several companies, with one account.
  for (let index = 0; index < 5; index += 1) {
    const own = stream.fork('consultant', index).some(tenants, 3)
    const { account } = crowd.add({
      role: 'consultant',
      roles: ['member'],
      tenant: own[0] ?? '',
      visits: 1.4,
      rhythm: 'office',
    })
    for (const tenant of own) tracker.join(tenant, account.id, 'member')
  }
  // The vendor's own support is let into every workspace.
  const vendor = world.networks.office(stream.fork('vendor'))
  for (let index = 0; index < 3; index += 1) {
    const { account } = crowd.add({
      role: 'support',
      roles: ['support'],
      tenant: 'vendor',
      visits: 1.2,
      rhythm: 'office',
      office: vendor,
      secondFactor: true,
    })
    for (const tenant of tenants) tracker.join(tenant, account.id, 'admin')
  }
  for (const [place, tenant] of tenants.entries()) {
    const people = [...(tracker.members.get(tenant)?.keys() ?? [])].flatMap(id => {
      const account = accounts.byId(id)
      return account === undefined || account.roles.includes('support') ? [] : [account]
    })
    tracker.found(tenant, companies[place] ?? '', people, stream.fork('found', tenant), world.start)
  }

  const programs = tenants.slice(0, 3).map((tenant, index) => {
    const client = machine(world, {
      name: `ci-${companies[index]}`,
      roles: ['member'],
      software: 'go',
      agent: 'ci-reporter/5.2',
      tenant,
    })
    tracker.join(tenant, client().account ?? '', 'member')
    return { tenant, client }
  })
  const reporter = machine(world, {
    name: 'weekly-report',
    roles: ['member'],
    software: 'python',
    agent: 'report-app/1.9 (oauth)',
    tenant: tenants[3] ?? '',
  })
  tracker.join(tenants[3] ?? '', reporter().account ?? '', 'admin')

  function* builds(index: number): Script {
    const { tenant, client } = programs[index] ?? programs[0]!
    const run = client()
    yield* behaviour.build(run, tenant, run.stream)
  }

  const monitorNetwork = world.networks.datacentre(stream.fork('monitor'))
  const monitorDevice = program('curl', 'machine/monitor', 'Uptime/2.2')
  function* watch(until: number): Script {
    const client = new Client(world, monitorDevice, monitorNetwork, stream.fork('monitor', world.now))
    while (world.now < until) {
      yield* client.send({ method: 'GET', path: world.at(paths.health) })
      yield 15 * minute + client.stream.between(-900, 900)
    }
  }

  /** Asked by mail, somebody new registers and accepts. */
  function* accept(visit: Visit): Script {
    const { account } = visit.person
    const invitation = [...tracker.invitations].find(([, { email }]) => email === account.email)
    if (invitation === undefined) return
    const [code] = invitation
    yield* visit.client.send({ method: 'GET', path: world.at(`${paths.invitations}/${code}`) })
    yield* think(visit)
    yield* visit.client.send({ method: 'POST', path: world.at(`${paths.invitations}/${code}/accept`) })
    yield* behaviour.work(visit)
  }

  const plan = (midnight: number): void => {
    const today = stream.fork('plan', midnight)
    const free = world.calendar.isFree(midnight)
    for (let index = 0; index < programs.length; index += 1)
      for (let count = today.poisson(free ? 0.5 : 4); count > 0; count -= 1)
        world.timeline.play(world.calendar.moment(today, midnight, 'office'), builds(index))
    world.timeline.play(midnight + today.int(0, minute), watch(midnight + day - 10 * minute))
    if (new Date(midnight).getUTCDay() === 1)
      world.timeline.at(midnight + 6 * hour + today.int(0, 9 * minute), () => {
        const client = reporter()
        world.timeline.play(world.now, behaviour.report(client, tenants[3] ?? '', client.stream))
      })
    for (let count = free ? 0 : today.poisson(0.7); count > 0; count -= 1)
      crowd.join(
        world.calendar.moment(today, midnight, 'office'),
        { role: 'member', visits: 0.7, rhythm: 'office' },
        function* (visit) {
          yield* behaviour.work(visit)
          yield visit.stream.between(minute, 20 * minute)
          const code = tracker.invitationCode(visit.stream, weak.shortInvitations)
          const { email } = visit.person
          tracker.invitations.set(code, { tenant: visit.stream.pick(tenants), role: 'member', email })
          yield* accept(visit)
        },
      )
    for (let count = today.poisson(free ? 4 : 14); count > 0; count -= 1) {
      const own = stream.fork('passer-by', midnight, count)
      world.timeline.play(
        world.calendar.moment(today, midnight, 'leisure'),
        behaviour.look({ client: passerBy(world, own), stream: own }),
      )
    }
  }

  function* planned(visit: Visit): Script {
    yield* behaviour.work(visit)
    if (!visit.stream.chance(0.3)) return
    yield* think(visit)
    yield* visit.client.send(behaviour.rest(behaviour.workspace(visit), 'GET', '/roadmap'))
  }

  const deploys: readonly Deploy[] = [
    {
      id: 'roadmap',
      time: world.windowTime(3, 9.6),
      changes: ['GET /roadmap', 'field timezone of the profile'],
      apply: () => {
        service.route({
          method: 'GET',
          template: `${tenancy.template}/roadmap`,
          latency: 35,
          handle: request => ({
            status: 200,
            body: {
              quarter: '2026-Q2',
              items: tracker
                .projectsOf(tenancy.named(request), request.me.id)
                .map(({ id, name, issues }) => ({
                  projectId: id,
                  name,
                  done: issues.filter(({ status }) => status === 'DONE').length,
                })),
            },
          }),
        })
        for (const account of accounts.all()) account.extra.timezone = 'Europe/Berlin'
        crowd.does('member', planned)
      },
    },
    {
      id: 'importer',
      time: world.windowTime(8, 13.3),
      changes: ['a company moves in: 250 issues, ten in each document', 'answers a tenth slower'],
      apply: () => {
        service.slowness = 1.1
        const target = [...tracker.projects.values()].find(
          ({ tenant, closed }) => tenant === tenants[0] && !closed,
        )
        const run = programs[0]?.client()
        if (target !== undefined && run !== undefined)
          world.timeline.play(
            world.now + 30 * minute,
            behaviour.migrate(run, target.tenant, target.id, run.stream),
          )
      },
    },
  ]

  const home = (id: string | undefined): string =>
    (id === undefined ? undefined : accounts.byId(id)?.tenant) ?? tenants[0] ?? ''
  /** Where somebody asks for an object: in their own workspace, or, without somebody, in its own. */
  const place = (found: { readonly tenant: string } | undefined, client: Client | undefined): string =>
    client === undefined ? (found?.tenant ?? tenants[0] ?? '') : home(client.account)
  /** Of the caller's workspace; of all where there is nothing in it. */
  const near = <Found extends { readonly tenant: string }>(
    all: ReadonlyMap<string, Found>,
    client: Client,
  ): readonly Found[] => {
    const own = [...all.values()].filter(({ tenant }) => tenant === home(client.account))
    return own.length === 0 ? [...all.values()] : own
  }
  return {
    crowd,
    deploys,
    parameters: { ...weak, paths: { ...paths }, tenants },
    plan,
    // Those of a company; who only has a workspace of their own has nothing there yet.
    ordinary: () => crowd.of('member').filter(({ account }) => tenants.includes(account.tenant ?? '')),
    surface: {
      resources: [
        {
          type: 'issues',
          owned: () => [...tracker.issues.values()],
          read: (id, client) => behaviour.operation(place(tracker.issues.get(id), client), 'Issue', { id }),
          write: (id, from, client) =>
            behaviour.operation(place(tracker.issues.get(id), client), 'UpdateIssue', {
              id,
              input: { title: word(from) },
            }),
          guess: from => tracker.issueIds.guess(from, world.now),
        },
        {
          type: 'projects',
          owned: () => [...tracker.projects.values()],
          read: (id, client) =>
            behaviour.rest(place(tracker.projects.get(id), client), 'GET', `${paths.projects}/${id}`),
          guess: from => tracker.projectIds.guess(from, world.now),
        },
        {
          type: 'attachments',
          owned: () => [...tracker.attachments.values()],
          read: (id, client) =>
            behaviour.rest(place(tracker.attachments.get(id), client), 'GET', `${paths.attachments}/${id}`),
          guess: from => tracker.attachmentIds.guess(from, world.now),
        },
      ],
      browse: visit => behaviour.work(visit),
      privileged: [
        {
          title: 'audit log',
          verb: false,
          ask: (_, client) =>
            behaviour.rest(home(client.account), 'GET', paths.audit, undefined, style.page(0)),
        },
        {
          title: 'export',
          verb: false,
          ask: (_, client) => behaviour.rest(home(client.account), 'POST', paths.exports, { format: 'csv' }),
        },
        {
          title: 'a key',
          verb: false,
          ask: (from, client) =>
            behaviour.rest(home(client.account), 'POST', paths.keys, { name: `${word(from)}-ci` }),
        },
        {
          title: 'deletion of a project',
          verb: true,
          ask: (from, client) =>
            behaviour.rest(
              home(client.account),
              'DELETE',
              `${paths.projects}/${from.pick(near(tracker.projects, client)).id}`,
            ),
        },
        {
          title: 'deletion of an attachment',
          verb: true,
          ask: (from, client) =>
            behaviour.rest(
              home(client.account),
              'DELETE',
              `${paths.attachments}/${from.pick(near(tracker.attachments, client)).id}`,
            ),
        },
      ],
      massAssignment: [
        {
          ask: () => ({
            method: 'PATCH',
            path: world.at(accounts.paths.me),
            body: { roles: ['member', 'admin'] },
          }),
          took: answer => Array.isArray(answer.roles) && answer.roles.includes('admin'),
        },
      ],
      catalogue: {
        page: (offset, limit) => behaviour.market(offset, '', limit),
        item: id => ({ method: 'GET', path: world.at(`${paths.integrations}/${id}`) }),
        total: () => tracker.integrations.size,
      },
      exports: [
        {
          role: 'support',
          ask: from => behaviour.rest(from.pick(tenants), 'POST', paths.exports, { format: 'csv' }),
        },
      ],
      bulk: {
        role: 'support',
        ask: index => {
          const one = [...tracker.issues.values()][index % tracker.issues.size]
          return behaviour.operation(one?.tenant ?? '', 'Issue', { id: one?.id ?? '' })
        },
        total: () => tracker.issues.size,
      },
      expensive: [
        {
          ask: (_, client) =>
            behaviour.document(
              home(client.account),
              'query { workspace { projects(first: 50) { nodes { issues(first: 100) { nodes { id comments(first: 50) { nodes { author { name } } } } } } } } }',
            ),
        },
      ],
      exposure: {
        ask: account =>
          behaviour.document(account.tenant ?? '', 'query Viewer { viewer { id name email apiToken } }'),
        exposed: answer =>
          isObject(answer.data) &&
          isObject(answer.data.viewer) &&
          typeof answer.data.viewer.apiToken === 'string',
      },
      vouchers: {
        ask: code => ({ method: 'GET', path: world.at(`${paths.invitations}/${code}`) }),
        guess: from => tracker.invitationCode(from, weak.shortInvitations),
      },
      inputs: [
        { kind: 'text', ask: value => behaviour.market(0, `q=${encodeURIComponent(value)}`) },
        {
          kind: 'text',
          ask: (value, client) => behaviour.operation(home(client.account), 'Search', { text: value }),
        },
        {
          kind: 'path',
          ask: value => ({
            method: 'GET',
            path: world.at(`${paths.integrations}/${encodeURIComponent(value)}`),
          }),
        },
        {
          kind: 'json',
          ask: value => ({
            method: 'PATCH',
            path: world.at(accounts.paths.me),
            text: { type: 'application/json', value },
          }),
        },
        {
          kind: 'url',
          ask: (value, client) =>
            behaviour.rest(home(client.account), 'POST', paths.webhooks, {
              url: value,
              events: ['issue.updated'],
            }),
          worked: ({ json }) => isObject(json.lastDelivery) && json.lastDelivery.body !== undefined,
        },
      ],
      services: [
        {
          client: programs[1]?.client ?? reporter,
          usual: from => {
            const one = from.pick(
              [...tracker.issues.values()].filter(
                ({ tenant, project }) => tenant === tenants[1] && !project.closed,
              ),
            )
            return behaviour.operation(one.tenant, 'Issue', { id: one.id })
          },
        },
      ],
      graphql: {
        ask: (client, document) => behaviour.document(home(client.account), document),
        cycle: [
          'workspace { projects(first: 2) { nodes { ',
          'issues(first: 2) { nodes { project { ',
          ' } } }',
          'id } } }',
        ],
        guess: (alias, from) =>
          `${alias}: acceptInvitation(code: ${JSON.stringify(tracker.invitationCode(from, weak.shortInvitations))}) { id }`,
      },
      afterTakeover: (client, from) => [
        { method: 'GET', path: world.at(accounts.paths.me) },
        behaviour.operation(home(client.account), 'Dashboard'),
        behaviour.rest(home(client.account), 'GET', paths.members, undefined, style.page(0)),
        { method: 'PATCH', path: world.at(accounts.paths.me), body: { phone: phone(from) } },
        behaviour.rest(home(client.account), 'POST', paths.webhooks, {
          url: `https://${word(from)}.example/${from.token(8)}`,
          events: ['issue.updated'],
        }),
      ],
      more: {
        'parameter-pollution': (client, from) => [
          behaviour.rest(
            home(client.account),
            'GET',
            paths.projects,
            undefined,
            `${style.snake ? 'workspace_id' : 'workspaceId'}=${encodeURIComponent(from.pick(tenants))}`,
          ),
        ],
      },
    },
  }
}
