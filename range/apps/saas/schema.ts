import type { Account } from '../../world/accounts.ts'
import type { Json, JsonObject } from '../../world/http.ts'
import type { Request } from '../../world/service.ts'
import type { World } from '../../world/world.ts'
import type { Execution, GraphNode, GraphValue } from './graphql.ts'
import type { Comment, Issue, Project, Tracker } from './tracker.ts'

export interface SchemaWeakness {
  /** `issue(id:)` looks no further than the id. */
  readonly readsAnyIssue: boolean
  readonly changesAnyIssue: boolean
  readonly anyPageSize: boolean
  /** Fields of the inside answer too. */
  readonly showsSecrets: boolean
}

const types = ['Query', 'Viewer', 'Workspace', 'Project', 'Issue', 'Comment', 'Member', 'Attachment']

/** What one request may ask of the tracker: the root of its graph. */
export class Schema {
  readonly #world: World
  readonly #tracker: Tracker
  readonly #weak: SchemaWeakness
  readonly #request: Request
  readonly #execution: Execution
  readonly #tenant: string

  constructor(
    facts: { world: World; tracker: Tracker; weak: SchemaWeakness; tenant: string },
    request: Request,
    execution: Execution,
  ) {
    this.#world = facts.world
    this.#tracker = facts.tracker
    this.#weak = facts.weak
    this.#tenant = facts.tenant
    this.#request = request
    this.#execution = execution
  }

  query(): GraphNode {
    return node('Query', (name, args) => {
      switch (name) {
        case 'viewer':
          return this.#member(this.#request.me)
        case 'workspace':
          return this.#workspace()
        case 'project':
          return this.#projectBy(textIn(args.id))
        case 'issue':
          return this.#issueBy(textIn(args.id))
        case 'search':
          return this.#search(textIn(args.text), args)
        case '__schema':
          return node('__Schema', field =>
            field === 'types' ? types.map(type => this.#type(type, 6)) : undefined,
          )
        default:
          return undefined
      }
    })
  }

  mutation(): GraphNode {
    return node('Mutation', (name, args) => {
      const input = typeof args.input === 'object' && args.input !== null ? (args.input as JsonObject) : {}
      switch (name) {
        case 'createIssue': {
          const project = this.#tracker.projects.get(textIn(input.projectId))
          if (project === undefined || !this.#tracker.sees(this.#request.me.id, project))
            return this.#execution.refuse('No such project.', 'NOT_FOUND')
          const told = { title: textIn(input.title), description: textIn(input.description) }
          return this.#issue(
            this.#tracker.open(project, this.#request.me.id, this.#tracker.stream, this.#request.now, told),
          )
        }
        case 'updateIssue': {
          const issue = this.#reached(textIn(args.id), this.#weak.changesAnyIssue, true)
          if (issue === undefined) return null
          if (typeof input.status === 'string') issue.status = input.status
          if (typeof input.title === 'string') issue.title = input.title
          return this.#issue(issue)
        }
        case 'addComment': {
          const issue = this.#reached(textIn(args.issueId), this.#weak.changesAnyIssue, true)
          if (issue === undefined) return null
          return this.#comment(
            this.#tracker.say(issue, this.#request.me.id, textIn(args.body), this.#request.now),
          )
        }
        case 'acceptInvitation': {
          const joined = this.#tracker.accept(textIn(args.code), this.#request.me.id)
          return joined === undefined
            ? this.#execution.refuse('This invitation is not valid.', 'NOT_FOUND')
            : node('Workspace', field => (field === 'id' ? joined : undefined))
        }
        default:
          return undefined
      }
    })
  }

  #workspace(): GraphValue {
    const tenant = this.#tenant
    const { me } = this.#request
    return node('Workspace', (name, args) => {
      switch (name) {
        case 'id':
          return tenant
        case 'name':
          return this.#tracker.names.get(tenant) ?? null
        case 'projects':
          return this.#page(this.#tracker.projectsOf(tenant, me.id), args, one => this.#project(one))
        case 'members':
          return this.#page([...(this.#tracker.members.get(tenant)?.keys() ?? [])], args, id =>
            this.#person(id),
          )
        default:
          return undefined
      }
    })
  }

  #projectBy(id: string): GraphValue {
    const project = this.#tracker.projects.get(id)
    const { me } = this.#request
    if (project === undefined) {
      this.#request.touch(`projects/${id}`, null, 'missing')
      return this.#execution.refuse('No such project.', 'NOT_FOUND')
    }
    const seen = this.#tracker.sees(me.id, project)
    this.#request.touch(
      `projects/${id}`,
      project.owner,
      project.owner === me.id ? 'own' : seen ? 'shared' : 'foreign',
      false,
    )
    return seen || this.#weak.readsAnyIssue
      ? this.#project(project)
      : this.#execution.refuse('No such project.', 'NOT_FOUND')
  }

  #issueBy(id: string): GraphValue {
    const issue = this.#reached(id, this.#weak.readsAnyIssue, false)
    return issue === undefined ? null : this.#issue(issue)
  }

  #reached(id: string, open: boolean, write: boolean): Issue | undefined {
    const issue = this.#tracker.issues.get(id)
    const { me } = this.#request
    if (issue === undefined) {
      this.#request.touch(`issues/${id}`, null, 'missing', write)
      this.#execution.refuse('No such issue.', 'NOT_FOUND')
      return undefined
    }
    const seen = this.#tracker.sees(me.id, issue.project)
    const relation = issue.owner === me.id ? 'own' : seen ? 'shared' : 'foreign'
    this.#request.touch(`issues/${id}`, issue.owner, relation, write)
    if (relation !== 'foreign' || open) return issue
    this.#execution.refuse('No such issue.', 'NOT_FOUND')
    return undefined
  }

  #search(text: string, args: JsonObject): GraphValue {
    const { me } = this.#request
    const words = text.toLowerCase()
    const found = this.#tracker
      .projectsOf(this.#tenant, me.id)
      .flatMap(({ issues }) => issues.filter(({ title }) => title.toLowerCase().includes(words)))
    return this.#page(found, args, issue => this.#issue(issue))
  }

  #project(project: Project): GraphNode {
    return node('Project', (name, args) => {
      switch (name) {
        case 'id':
          return project.id
        case 'name':
          return project.name
        case 'key':
          return project.key
        case 'lead':
          return this.#person(project.owner)
        case 'members':
          return this.#page([...project.members], args, id => this.#person(id))
        case 'issues': {
          const status = textIn(args.status)
          return this.#page(
            status === '' ? project.issues : project.issues.filter(issue => issue.status === status),
            args,
            issue => this.#issue(issue),
          )
        }
        default:
          return undefined
      }
    })
  }

  #issue(issue: Issue): GraphNode {
    return node('Issue', (name, args) => {
      switch (name) {
        case 'id':
        case 'key':
        case 'title':
        case 'description':
        case 'status':
        case 'labels':
          return issue[name]
        case 'createdAt':
          return new Date(issue.time).toISOString()
        case 'commentCount':
          return issue.comments.length
        case 'author':
          return this.#person(issue.owner)
        case 'assignee':
          return this.#person(issue.assignee)
        case 'project':
          return this.#project(issue.project)
        case 'comments':
          return this.#page(issue.comments, args, comment => this.#comment(comment))
        case 'attachments':
          return issue.attachments.map(({ id, name: file, size }) =>
            node('Attachment', field => ({ id, name: file, size })[field]),
          )
        default:
          return undefined
      }
    })
  }

  #comment(comment: Comment): GraphNode {
    return node('Comment', name => {
      switch (name) {
        case 'id':
        case 'body':
          return comment[name]
        case 'author':
          return this.#person(comment.author)
        case 'createdAt':
          return new Date(comment.time).toISOString()
        default:
          return undefined
      }
    })
  }

  #person(id: string): GraphValue {
    const account = this.#world.accounts.byId(id)
    return account === undefined ? null : this.#member(account)
  }

  #member(account: Account): GraphNode {
    const mine = account.id === this.#request.me.id
    return node('Member', name => {
      switch (name) {
        case 'id':
        case 'name':
          return account[name]
        case 'email':
          return account.email
        case 'role':
          return this.#tracker.roleIn(this.#tenant, account.id)?.toUpperCase() ?? null
        case 'workspaces':
          return mine
            ? [...this.#tracker.members].flatMap(([tenant, people]) =>
                people.has(account.id)
                  ? [
                      node('Workspace', field =>
                        field === 'id'
                          ? tenant
                          : field === 'name'
                            ? (this.#tracker.names.get(tenant) ?? null)
                            : undefined,
                      ),
                    ]
                  : [],
              )
            : null
        case 'apiToken':
          return this.#weak.showsSecrets && mine
            ? `tok_${this.#world.stream.fork('api-token', account.id).token(32)}`
            : undefined
        default:
          return undefined
      }
    })
  }

  #page<Found>(all: readonly Found[], args: JsonObject, view: (found: Found) => GraphValue): GraphNode {
    const most = this.#weak.anyPageSize ? 5_000 : 100
    const first = Math.min(most, Math.max(1, typeof args.first === 'number' ? args.first : 20))
    const after = Number(textIn(args.after) || 0)
    return node('Connection', name => {
      switch (name) {
        case 'totalCount':
          return all.length
        case 'nodes':
          return all.slice(after, after + first).map(view) as readonly GraphNode[]
        case 'pageInfo':
          return node('PageInfo', field =>
            field === 'hasNextPage'
              ? after + first < all.length
              : field === 'endCursor'
                ? String(after + first)
                : undefined,
          )
        default:
          return undefined
      }
    })
  }

  /** As far as generators of clients look. */
  #type(name: string, left: number): GraphNode {
    return node('__Type', field => {
      if (field === 'name') return name
      if (field === 'kind') return 'OBJECT'
      if (field === 'ofType') return left === 0 ? null : this.#type(name, left - 1)
      if (field === 'fields')
        return ['id', 'name'].map(own =>
          node('__Field', one =>
            one === 'name' ? own : one === 'type' ? this.#type('String', left - 1) : undefined,
          ),
        )
      return undefined
    })
  }
}

const node = (typename: string, field: (name: string, args: JsonObject) => GraphValue): GraphNode => ({
  typename,
  field,
})
const textIn = (value: Json | undefined): string => (typeof value === 'string' ? value : '')
