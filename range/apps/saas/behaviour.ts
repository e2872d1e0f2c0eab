import { minute } from '../../world/calendar.ts'
import type { Client } from '../../world/client.ts'
import { type Crowd, think, type Visit } from '../../world/crowd.ts'
import { type Answer, type Ask, isObject, type Json, type JsonObject, textOf } from '../../world/http.ts'
import { givenName, mailHost, prose, word } from '../../world/names.ts'
import type { Stream } from '../../world/stream.ts'
import { itemsOf } from '../../world/style.ts'
import type { Tenancy } from '../../world/tenancy.ts'
import type { Script, Step } from '../../world/timeline.ts'
import type { World } from '../../world/world.ts'
import { documents, type OperationName } from './documents.ts'
import { hashOf, type SaasPaths } from './routes.ts'
import { commentBody, issueTitle, statuses, type Tracker } from './tracker.ts'

/** What people and their programs do with the tracker. */
export class SaasBehaviour {
  readonly #world: World
  readonly #tracker: Tracker
  readonly #tenancy: Tenancy
  readonly #paths: SaasPaths
  /** Clients send hashes of documents that the server knows. */
  readonly #persists: boolean

  constructor(world: World, tracker: Tracker, tenancy: Tenancy, paths: SaasPaths) {
    this.#world = world
    this.#tracker = tracker
    this.#tenancy = tenancy
    this.#paths = paths
    this.#persists = world.style.flag('persisted-queries', 0.6)
  }

  rest(tenant: string, method: string, path: string, body?: JsonObject, query = ''): Ask {
    return this.#tenancy.in(tenant, {
      method,
      path: `${path}${query === '' ? '' : `?${query}`}`,
      ...(body === undefined ? {} : { body }),
    })
  }

  /** A document of anybody's own. */
  document(tenant: string, query: string, variables: JsonObject = {}): Ask {
    return this.#graph(tenant, { query, variables })
  }

  /** A document of the tracker's clients, in full. */
  operation(tenant: string, name: OperationName, variables: JsonObject = {}): Ask {
    return this.#graph(tenant, { operationName: name, query: documents[name], variables })
  }

  #graph(tenant: string, body: JsonObject): Ask {
    return this.#tenancy.in(tenant, {
      method: 'POST',
      path: this.#paths.graphql,
      text: { type: 'application/json', value: JSON.stringify(body) },
    })
  }

  /** As browsers and phones send it: by its hash first where the server keeps documents. */
  *ask(client: Client, tenant: string, name: OperationName, variables: JsonObject = {}): Step<Answer> {
    if (!this.#persists || name === 'IntrospectionQuery')
      return yield* client.send(this.operation(tenant, name, variables))
    const extensions = { persistedQuery: { version: 1, sha256Hash: hashOf(documents[name]) } }
    const answer = yield* client.send(this.#graph(tenant, { operationName: name, variables, extensions }))
    if (!answer.text.includes('PERSISTED_QUERY_NOT_FOUND')) return answer
    return yield* client.send(
      this.#graph(tenant, { operationName: name, query: documents[name], variables, extensions }),
    )
  }

  register(crowd: Crowd): void {
    crowd.does('member', visit => this.work(visit))
    crowd.does('guest', visit => this.work(visit))
    crowd.does('admin', visit => this.administer(visit))
    crowd.does('consultant', visit => this.work(visit))
    crowd.does('support', visit => this.work(visit))
  }

  /** Those who are in several workspaces work in one of them at a time. */
  workspace(visit: Visit): string {
    const own = [...this.#tracker.members].flatMap(([tenant, people]) =>
      people.has(visit.person.account.id) ? [tenant] : [],
    )
    return visit.stream.pick(own.length === 0 ? [visit.person.account.tenant ?? ''] : own)
  }

  *work(visit: Visit): Script {
    const { client, stream, person } = visit
    const tenant = this.workspace(visit)
    const { id } = person.account
    yield* this.ask(client, tenant, 'Viewer')
    if (stream.chance(0.35)) yield* this.ask(client, tenant, 'Dashboard')
    else yield* this.ask(client, tenant, 'Projects', { first: 20 })
    yield* think(visit)
    const projects = this.#tracker.projectsOf(tenant, id)
    if (projects.length === 0) return
    for (let boards = stream.int(1, 2); boards > 0; boards -= 1) {
      const project = stream.pick(projects)
      yield* this.ask(client, tenant, 'Board', { project: project.id })
      yield* think(visit)
      for (const issue of stream.some(project.issues, stream.int(1, 4))) {
        yield* this.ask(client, tenant, 'Issue', { id: issue.id })
        yield* think(visit)
        if (stream.chance(0.3))
          yield* this.ask(client, tenant, 'AddComment', { issueId: issue.id, body: commentBody(stream) })
        else if (stream.chance(0.25))
          yield* this.ask(client, tenant, 'UpdateIssue', {
            id: issue.id,
            input: { status: stream.pick(statuses) },
          })
        for (const attachment of stream.chance(0.5) ? issue.attachments.slice(0, 1) : [])
          yield* client.send(this.rest(tenant, 'GET', `${this.#paths.attachments}/${attachment.id}`))
      }
      if (stream.chance(0.35))
        yield* this.ask(client, tenant, 'CreateIssue', {
          input: {
            projectId: project.id,
            title: issueTitle(stream),
            description: prose(stream, stream.int(10, 40)),
          },
        })
    }
    const also = stream.weighted([
      ['nothing', 10],
      ['search', 3],
      ['members', 1],
      ['projects', 1],
      ['integrations', 0.8],
      ['profile', 0.4],
      ['webhook', 0.25],
    ])
    if (also === 'search') yield* this.ask(client, tenant, 'Search', { text: word(stream) })
    else if (also === 'members')
      yield* client.send(this.rest(tenant, 'GET', this.#paths.members, undefined, this.#world.style.page(0)))
    else if (also === 'projects') {
      const listed = yield* client.send(
        this.rest(tenant, 'GET', this.#paths.projects, undefined, this.#world.style.page(0)),
      )
      const chosen = textOf(itemsOf(listed.json)[0]?.id)
      if (chosen !== undefined)
        yield* client.send(this.rest(tenant, 'GET', `${this.#paths.projects}/${chosen}`))
    } else if (also === 'integrations') yield* this.look(visit)
    else if (also === 'webhook')
      yield* client.send(
        this.rest(tenant, 'POST', this.#paths.webhooks, {
          url: `https://hooks.example/${word(stream)}/${stream.token(16)}`,
          events: ['issue.updated'],
        }),
      )
    else if (also === 'profile')
      yield* client.send({
        method: 'PATCH',
        path: this.#world.at(this.#world.accounts.paths.me),
        body: { phone: `+4915${stream.digits(9)}` },
      })
  }

  /** The integrations that there are: open to everybody. */
  *look(visit: Pick<Visit, 'client' | 'stream'>): Script {
    const { client, stream } = visit
    const listed = yield* client.send(this.market(0, stream.chance(0.4) ? `q=${word(stream)}` : ''))
    for (const row of stream.some(itemsOf(listed.json), stream.int(0, 3))) {
      yield* think(visit)
      yield* client.send({
        method: 'GET',
        path: this.#world.at(`${this.#paths.integrations}/${textOf(row.id)}`),
      })
    }
  }

  market(offset: number, query = '', limit?: number): Ask {
    return {
      method: 'GET',
      path: `${this.#world.at(this.#paths.integrations)}?${query === '' ? '' : `${query}&`}${this.#world.style.page(offset, limit)}`,
    }
  }

  *administer(visit: Visit): Script {
    yield* this.work(visit)
    const { client, stream, world, person } = visit
    const tenant = person.account.tenant ?? ''
    yield* think(visit)
    yield* client.send(this.rest(tenant, 'GET', this.#paths.members, undefined, world.style.page(0)))
    const doing = stream.weighted([
      ['audit', 3],
      ['invite', 2],
      ['webhooks', 2],
      ['role', 0.7],
      ['key', 0.4],
      ['export', world.calendar.isMonthEnd(world.now) ? 6 : 0.5],
      ['schema', 0.3],
      ['tidy', 0.4],
    ])
    if (doing === 'audit')
      yield* client.send(this.rest(tenant, 'GET', this.#paths.audit, undefined, world.style.page(0)))
    else if (doing === 'invite') yield* this.invite(client, tenant, stream)
    else if (doing === 'webhooks') yield* this.#webhooks(visit, tenant)
    else if (doing === 'key')
      yield* client.send(this.rest(tenant, 'POST', this.#paths.keys, { name: `${word(stream)}-ci` }))
    else if (doing === 'export')
      yield* client.send(this.rest(tenant, 'POST', this.#paths.exports, { format: 'csv' }))
    else if (doing === 'tidy') {
      const old = [...this.#tracker.attachments.values()].filter(one => one.tenant === tenant)
      if (old.length > 0)
        yield* client.send(this.rest(tenant, 'DELETE', `${this.#paths.attachments}/${stream.pick(old).id}`))
    }
    // A developer has the types of a client made anew.
    else if (doing === 'schema') yield* this.ask(client, tenant, 'IntrospectionQuery')
    else {
      const others = [...(this.#tracker.members.get(tenant) ?? [])].filter(
        ([, role]) => role === 'member' || role === 'guest',
      )
      const chosen = others.length === 0 ? undefined : stream.pick(others)
      if (chosen !== undefined)
        yield* client.send(
          this.rest(tenant, 'PATCH', `${this.#paths.members}/${chosen[0]}`, { role: chosen[1] }),
        )
    }
  }

  *invite(client: Client, tenant: string, stream: Stream): Step<string> {
    const email = `${givenName(stream)}.${stream.int(100, 9_999)}@${mailHost(stream)}`.toLowerCase()
    yield* client.send(this.rest(tenant, 'POST', this.#paths.invitations, { email, role: 'member' }))
    return email
  }

  *#webhooks(visit: Visit, tenant: string): Script {
    const { client, stream } = visit
    const listed = yield* client.send(
      this.rest(tenant, 'GET', this.#paths.webhooks, undefined, this.#world.style.page(0)),
    )
    yield* think(visit)
    const id = textOf(itemsOf(listed.json)[0]?.id)
    if (id !== undefined && stream.chance(0.6))
      yield* client.send(this.rest(tenant, 'POST', `${this.#paths.webhooks}/${id}/ping`, {}))
  }

  /** A build that reports into the issues it was named in. */
  *build(client: Client, tenant: string, stream: Stream): Script {
    const issues = [...this.#tracker.issues.values()].filter(
      issue => issue.tenant === tenant && !issue.project.closed,
    )
    for (const issue of stream.some(issues, stream.int(1, 4))) {
      yield* client.send(this.operation(tenant, 'Issue', { id: issue.id }))
      yield stream.about(500, 0.4)
      yield* client.send(
        this.operation(tenant, 'AddComment', {
          issueId: issue.id,
          body: `build ${stream.int(100, 9_999)} ${stream.chance(0.8) ? 'passed' : 'failed'}`,
        }),
      )
      yield stream.about(1_500, 0.5)
    }
  }

  /** Somebody moves in from another tracker: many issues, ten in each document. */
  *migrate(client: Client, tenant: string, project: string, stream: Stream): Script {
    for (let batch = 0; batch < 25; batch += 1) {
      const fields = Array.from(
        { length: 10 },
        (_, index) =>
          `i${index}: createIssue(input: {projectId: ${JSON.stringify(project)}, title: ${JSON.stringify(issueTitle(stream))}, description: "imported"}) { id key }`,
      )
      yield* client.send(this.document(tenant, `mutation Import { ${fields.join(' ')} }`))
      yield stream.about(2_500, 0.3)
    }
  }

  /** A report for the week: everything of a workspace, page by page. */
  *report(client: Client, tenant: string, stream: Stream): Script {
    let after: Json = null
    for (let page = 0; page < 6; page += 1) {
      const answer: Answer = yield* client.send(
        this.document(
          tenant,
          'query Weekly($after: String) { workspace { projects(first: 10) { nodes { id name issues(first: 25, after: $after) { pageInfo { hasNextPage endCursor } nodes { id key status assignee { id name email } comments(first: 5) { nodes { id author { id name } } } } } } } } }',
          { after },
        ),
      )
      if (!isObject(answer.json.data)) return
      after = String((page + 1) * 25)
      yield stream.about(minute / 10, 0.4)
    }
  }
}
