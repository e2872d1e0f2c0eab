import type { Account } from '../../world/accounts.ts'
import { day } from '../../world/calendar.ts'
import { familyName, givenName, prose, word } from '../../world/names.ts'
import type { Stream } from '../../world/stream.ts'
import { Ids } from '../../world/style.ts'
import type { World } from '../../world/world.ts'

export type Role = 'owner' | 'admin' | 'member' | 'guest'
export const statuses = ['BACKLOG', 'TODO', 'DOING', 'REVIEW', 'DONE'] as const

export interface Project {
  readonly id: string
  readonly owner: string
  readonly tenant: string
  readonly name: string
  readonly key: string
  /** Only its members see it, and those who run the workspace. */
  readonly closed: boolean
  readonly members: Set<string>
  readonly issues: Issue[]
}

export interface Comment {
  readonly id: string
  readonly author: string
  readonly body: string
  readonly time: number
}

export interface Issue {
  readonly id: string
  readonly owner: string
  readonly tenant: string
  readonly project: Project
  readonly key: string
  title: string
  readonly description: string
  status: string
  assignee: string
  readonly labels: readonly string[]
  readonly comments: Comment[]
  readonly attachments: Attachment[]
  readonly time: number
}

export interface Attachment {
  readonly id: string
  readonly owner: string
  readonly tenant: string
  readonly issue: Issue
  readonly name: string
  readonly size: number
}

export interface Webhook {
  readonly id: string
  readonly tenant: string
  readonly url: string
  readonly events: readonly string[]
  readonly secret: string
}

interface Integration {
  readonly id: string
  readonly name: string
  readonly vendor: string
  readonly summary: string
  readonly installs: number
}

/** Words of people who write about software for a living: what they report looks like attacks now and then. */
const troubles = [
  'SELECT * FROM orders WHERE id = 7 times out after the migration',
  'docs: explain why we escape <script> tags in comments',
  'curl https://status.example | sh in the readme scares customers, replace it',
  'Prompt library: remove "ignore previous instructions" from the examples',
  'cat /etc/hosts shows the wrong entry on the build machine',
  "it's broken when the name is O'Neill; drop table view?",
  'Template {{ user.name }} is not rendered in the welcome mail',
]

/** Everything the tracker knows. */
export class Tracker {
  readonly stream: Stream
  readonly members = new Map<string, Map<string, Role>>()
  readonly names = new Map<string, string>()
  readonly projects = new Map<string, Project>()
  readonly issues = new Map<string, Issue>()
  readonly attachments = new Map<string, Attachment>()
  readonly webhooks = new Map<string, Webhook>()
  readonly invitations = new Map<
    string,
    { readonly tenant: string; readonly role: Role; readonly email: string }
  >()
  readonly integrations = new Map<string, Integration>()
  readonly projectIds: Ids
  readonly issueIds: Ids
  readonly attachmentIds: Ids
  readonly webhookIds: Ids
  readonly #commentIds: Ids

  constructor(world: World) {
    this.stream = world.stream.fork('tracker')
    const ids = (type: string, prefix: string): Ids => new Ids(this.stream, world.style.idStyle(type), prefix)
    this.projectIds = ids('projects', 'prj')
    this.issueIds = ids('issues', 'iss')
    this.attachmentIds = ids('attachments', 'att')
    this.webhookIds = ids('webhooks', 'whk')
    this.#commentIds = ids('comments', 'cmt')
    const own = this.stream.fork('integrations')
    const integrationIds = ids('integrations', 'int')
    for (let count = 420; count > 0; count -= 1) {
      const id = integrationIds.next(world.now)
      this.integrations.set(id, {
        id,
        name: `${word(own)}-${word(own)}`,
        vendor: `${familyName(own)} ${own.pick(['Labs', 'Software', 'Inc'])}`,
        summary: prose(own, own.int(8, 20)),
        installs: Math.round(own.about(300, 1)),
      })
    }
  }

  /** A workspace with its projects and what was done in them before. */
  found(tenant: string, name: string, people: readonly Account[], stream: Stream, now: number): void {
    this.names.set(tenant, name)
    for (let index = stream.int(3, 5); index > 0; index -= 1) {
      const title = `${word(stream)} ${word(stream)}`
      const project: Project = {
        id: this.projectIds.next(now),
        owner: stream.pick(people).id,
        tenant,
        name: title,
        key: title.replace(' ', '').slice(0, 4).toUpperCase(),
        closed: index === 1,
        members: new Set(stream.some(people, Math.ceil(people.length / 2)).map(({ id }) => id)),
        issues: [],
      }
      project.members.add(project.owner)
      this.projects.set(project.id, project)
      const authors = people.filter(({ id }) => this.sees(id, project))
      for (let count = stream.int(10, 30); count > 0; count -= 1)
        this.open(project, stream.pick(authors).id, stream, now - stream.int(1, 120) * day)
    }
    this.hook(tenant, `https://hooks.example/${tenant}/${stream.token(12)}`, ['issue.updated'], stream)
  }

  join(tenant: string, account: string, role: Role): void {
    const own = this.members.get(tenant)
    if (own === undefined) this.members.set(tenant, new Map([[account, role]]))
    else own.set(account, role)
  }

  roleIn(tenant: string, account: string): Role | undefined {
    return this.members.get(tenant)?.get(account)
  }

  /** Takes an invitation. @returns The workspace it was for. */
  accept(code: string, account: string): string | undefined {
    const found = this.invitations.get(code)
    if (found === undefined) return undefined
    this.invitations.delete(code)
    this.join(found.tenant, account, found.role)
    return found.tenant
  }

  runs(tenant: string, account: string): boolean {
    const role = this.roleIn(tenant, account)
    return role === 'owner' || role === 'admin'
  }

  sees(account: string, project: Project): boolean {
    const role = this.roleIn(project.tenant, account)
    if (role === undefined) return false
    if (role === 'owner' || role === 'admin') return true
    return project.members.has(account) || (role === 'member' && !project.closed)
  }

  open(
    project: Project,
    author: string,
    stream: Stream,
    now: number,
    told?: { title: string; description: string },
  ): Issue {
    const staff = [...project.members]
    const issue: Issue = {
      id: this.issueIds.next(now),
      owner: author,
      tenant: project.tenant,
      project,
      key: `${project.key}-${project.issues.length + 1}`,
      title: told?.title ?? issueTitle(stream),
      description: told?.description ?? prose(stream, stream.int(15, 60)),
      status: stream.pick(statuses),
      assignee: stream.pick(staff.length === 0 ? [author] : staff),
      labels: stream.some(['bug', 'feature', 'infra', 'security', 'design'], stream.int(0, 2)),
      comments: [],
      attachments: [],
      time: now,
    }
    this.issues.set(issue.id, issue)
    project.issues.push(issue)
    for (let count = told === undefined ? stream.poisson(1.5) : 0; count > 0; count -= 1)
      this.say(
        issue,
        stream.pick(staff.length === 0 ? [author] : staff),
        prose(stream, stream.int(5, 25)),
        now,
      )
    if (told === undefined && stream.chance(0.25)) this.attach(issue, stream, now)
    return issue
  }

  say(issue: Issue, author: string, body: string, now: number): Comment {
    const comment = { id: this.#commentIds.next(now), author, body, time: now }
    issue.comments.push(comment)
    return comment
  }

  attach(issue: Issue, stream: Stream, now: number): Attachment {
    const made: Attachment = {
      id: this.attachmentIds.next(now),
      owner: issue.owner,
      tenant: issue.tenant,
      issue,
      name: `${word(stream)}.${stream.pick(['png', 'log', 'pdf', 'csv'])}`,
      size: Math.round(stream.about(90_000, 1)),
    }
    this.attachments.set(made.id, made)
    issue.attachments.push(made)
    return made
  }

  hook(tenant: string, url: string, events: readonly string[], stream: Stream): Webhook {
    const made = { id: this.webhookIds.next(0), tenant, url, events, secret: `whsec_${stream.token(32)}` }
    this.webhooks.set(made.id, made)
    return made
  }

  projectsOf(tenant: string, account: string): readonly Project[] {
    return [...this.projects.values()].filter(
      project => project.tenant === tenant && this.sees(account, project),
    )
  }

  /** The code of an invitation, as its mail says it. */
  invitationCode(stream: Stream, short: boolean): string {
    return short ? stream.digits(6) : stream.token(24)
  }
}

export const issueTitle = (stream: Stream): string =>
  stream.chance(0.06) ? stream.pick(troubles) : prose(stream, stream.int(3, 8)).slice(0, -1)

export const commentBody = (stream: Stream): string =>
  stream.weighted([
    [prose(stream, stream.int(4, 20)), 12],
    [`@${givenName(stream)} see https://wiki.example/${word(stream)}/${word(stream)}`, 3],
    [stream.pick(troubles), 1],
    ['```\nError: connect ECONNREFUSED 127.0.0.1:5432\n    at ./node_modules/pg/lib/client.js:12\n```', 1],
  ])
