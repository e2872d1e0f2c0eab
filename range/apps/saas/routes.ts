import { createHash } from 'node:crypto'
import type { Account } from '../../world/accounts.ts'
import { Desk } from '../../world/desk.ts'
import { isObject, type JsonObject, textOf } from '../../world/http.ts'
import { isInside } from '../../world/inside.ts'
import type { Reply, Request, Route } from '../../world/service.ts'
import type { Tenancy } from '../../world/tenancy.ts'
import type { World } from '../../world/world.ts'
import { Execution, parseDocument } from './graphql.ts'
import { Schema, type SchemaWeakness } from './schema.ts'
import type { Attachment, Project, Role, Tracker, Webhook } from './tracker.ts'

/** What is wrong with the tracker; each is a switch. */
export interface SaasWeakness extends SchemaWeakness {
  readonly readsAnyProject: boolean
  readonly readsAnyAttachment: boolean
  /** The workspace that a request names need not be one of the caller's. */
  readonly believesPlace: boolean
  readonly openAdministration: boolean
  readonly openVerbs: boolean
  readonly anyDepth: boolean
  readonly anyAliases: boolean
  readonly fetchesAnything: boolean
  readonly shortInvitations: boolean
  /** `workspaceId` in the query wins over the workspace of the request. */
  readonly believesQuery: boolean
}

export interface SaasPaths {
  readonly graphql: string
  readonly projects: string
  readonly attachments: string
  readonly members: string
  readonly invitations: string
  readonly webhooks: string
  readonly keys: string
  readonly audit: string
  readonly exports: string
  readonly integrations: string
  readonly health: string
}

export const hashOf = (document: string): string => createHash('sha256').update(document).digest('hex')

const attachmentView = ({ id, issue, name, size }: Attachment): JsonObject & { readonly id: string } => ({
  id,
  issueId: issue.id,
  name,
  size,
  url: `https://files.example/${id}/${encodeURIComponent(name)}?signature=${hashOf(id).slice(0, 24)}`,
})

const projectView = (project: Project): JsonObject & { readonly id: string } => ({
  id: project.id,
  workspaceId: project.tenant,
  name: project.name,
  key: project.key,
  leadId: project.owner,
  visibility: project.closed ? 'private' : 'workspace',
  issueCount: project.issues.length,
})

export function saasRoutes(
  world: World,
  tracker: Tracker,
  tenancy: Tenancy,
  paths: SaasPaths,
  weak: SaasWeakness,
): readonly Route[] {
  const { service, accounts, style } = world
  const desk = new Desk(world, { most: weak.anyPageSize ? 2_000 : 100, staff: () => false })
  const persisted = new Map<string, string>()
  const at = (template: string): string => `${tenancy.template}${template}`

  /** The workspace that a request is about, if its caller may be there. */
  const placed = (request: Request): string | undefined => {
    const wanted = request.query.get(style.snake ? 'workspace_id' : 'workspaceId')
    if (wanted !== null && weak.believesQuery) return wanted
    const named = tenancy.named(request)
    return tracker.roleIn(named, request.me.id) !== undefined || weak.believesPlace ? named : undefined
  }
  const forbidden = (): Reply => service.refuse(403, 'forbidden', 'You are no member of this workspace.')
  const within = (request: Request, give: (tenant: string) => Reply): Reply => {
    const tenant = placed(request)
    return tenant === undefined ? forbidden() : give(tenant)
  }
  const administration = (request: Request, give: (tenant: string) => Reply): Reply =>
    within(request, tenant =>
      tracker.runs(tenant, request.me.id) || weak.openAdministration
        ? give(tenant)
        : service.refuse(403, 'forbidden', 'Only administrators of a workspace may do this.'),
    )

  const graphql = (request: Request): Reply => {
    const tenant = placed(request)
    if (tenant === undefined) return forbidden()
    const { query, variables, extensions } = request.body
    const hash =
      isObject(extensions) && isObject(extensions.persistedQuery)
        ? textOf(extensions.persistedQuery.sha256Hash)
        : undefined
    const text =
      typeof query === 'string' && query !== '' ? query : hash === undefined ? undefined : persisted.get(hash)
    if (text === undefined)
      return hash === undefined
        ? wire({ errors: [{ message: 'A query is needed.', extensions: { code: 'BAD_REQUEST' } }] }, 400)
        : wire({
            errors: [
              { message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } },
            ],
          })
    if (hash !== undefined && hashOf(text) === hash) persisted.set(hash, text)
    try {
      const document = parseDocument(text, isObject(variables) ? variables : {})
      if (document.depth > 16 && !weak.anyDepth)
        return wire(
          {
            errors: [
              {
                message: `Query depth ${document.depth} exceeds 16.`,
                extensions: { code: 'QUERY_TOO_COMPLEX' },
              },
            ],
          },
          400,
        )
      if (document.aliases > 30 && !weak.anyAliases)
        return wire(
          { errors: [{ message: 'Too many aliases.', extensions: { code: 'QUERY_TOO_COMPLEX' } }] },
          400,
        )
      const execution = new Execution(4_000)
      const schema = new Schema({ world, tracker, weak, tenant }, request, execution)
      const data = execution.run(
        document.kind === 'query' ? schema.query() : schema.mutation(),
        document.fields,
      )
      request.work = 1 + execution.work / 60
      const { errors } = execution
      const answer = { data, ...(errors.length === 0 ? {} : { errors: errors.slice(0, 10) }) }
      return { ...wire(answer), ok: errors.length === 0 || Object.values(data).some(value => value !== null) }
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      return wire(
        {
          errors: [
            { message: `Syntax Error: ${error.message}`, extensions: { code: 'GRAPHQL_PARSE_FAILED' } },
          ],
        },
        400,
      )
    }
  }

  const project = (request: Request, give: (found: Project) => Reply): Reply =>
    within(request, tenant => {
      const id = request.parameter('projectId')
      const found = tracker.projects.get(id)
      return desk.reach(request, {
        type: 'projects',
        id,
        found,
        open: weak.readsAnyProject || (weak.believesPlace && found?.tenant === tenant),
        shared: found !== undefined && tracker.sees(request.me.id, found),
        give,
      })
    })

  const hook = (request: Request, give: (found: Webhook) => Reply): Reply =>
    administration(request, tenant => {
      const found = tracker.webhooks.get(request.parameter('webhookId'))
      return found === undefined || found.tenant !== tenant
        ? service.refuse(404, 'not-found', 'No such webhook.')
        : give(found)
    })

  const memberView = (account: Account, tenant: string): JsonObject => ({
    id: account.id,
    name: account.name,
    email: account.email,
    role: tracker.roleIn(tenant, account.id) ?? 'none',
  })

  return [
    {
      method: 'GET',
      template: paths.health,
      latency: 2,
      open: true,
      handle: () => ({ status: 200, body: { ok: true } }),
    },
    { method: 'POST', template: at(paths.graphql), latency: 28, handle: graphql },
    {
      method: 'GET',
      template: paths.integrations,
      latency: 18,
      open: true,
      handle: request => {
        const words = (request.query.get('q') ?? '').toLowerCase()
        return desk.listed(
          request,
          [...tracker.integrations.values()]
            .filter(({ name, summary }) => name.includes(words) || summary.toLowerCase().includes(words))
            .map(one => ({ ...one })),
        )
      },
    },
    {
      method: 'GET',
      template: `${paths.integrations}/{integrationId}`,
      latency: 9,
      open: true,
      handle: request => {
        const found = tracker.integrations.get(request.parameter('integrationId'))
        return found === undefined
          ? service.refuse(404, 'not-found', 'No such integration.')
          : {
              status: 200,
              body: {
                ...found,
                scopes: ['issues:read'],
                installUrl: `https://${style.host}/install/${found.id}`,
              },
            }
      },
    },
    {
      method: 'GET',
      template: at(paths.projects),
      latency: 20,
      handle: request =>
        within(request, tenant =>
          desk.listedOf(
            request,
            'projects',
            [...tracker.projects.values()].filter(
              found =>
                found.tenant === tenant &&
                (tracker.sees(request.me.id, found) ||
                  (weak.believesPlace && tracker.roleIn(tenant, request.me.id) === undefined)),
            ),
            projectView,
            found => tracker.sees(request.me.id, found),
          ),
        ),
    },
    {
      method: 'GET',
      template: at(`${paths.projects}/{projectId}`),
      latency: 12,
      handle: request => project(request, found => ({ status: 200, body: projectView(found) })),
    },
    {
      method: 'DELETE',
      template: at(`${paths.projects}/{projectId}`),
      latency: 40,
      handle: request =>
        project(request, found => {
          if (!tracker.runs(found.tenant, request.me.id) && !weak.openVerbs)
            return service.refuse(403, 'forbidden', 'Only administrators delete projects.')
          return { status: 202, body: { id: found.id, state: 'scheduled' } }
        }),
    },
    {
      method: 'GET',
      template: at(`${paths.attachments}/{attachmentId}`),
      latency: 11,
      handle: request =>
        within(request, () => {
          const id = request.parameter('attachmentId')
          const found = tracker.attachments.get(id)
          return desk.reach(request, {
            type: 'attachments',
            id,
            found,
            open: weak.readsAnyAttachment,
            shared: found !== undefined && tracker.sees(request.me.id, found.issue.project),
            give: one => ({ status: 200, body: attachmentView(one) }),
          })
        }),
    },
    {
      method: 'DELETE',
      template: at(`${paths.attachments}/{attachmentId}`),
      latency: 20,
      handle: request =>
        within(request, () => {
          const id = request.parameter('attachmentId')
          const found = tracker.attachments.get(id)
          return desk.reach(request, {
            type: 'attachments',
            id,
            found,
            open: weak.openVerbs,
            shared: false,
            entitled: found !== undefined && tracker.runs(found.tenant, request.me.id),
            give: one => {
              tracker.attachments.delete(one.id)
              one.issue.attachments.splice(one.issue.attachments.indexOf(one), 1)
              return { status: 204 }
            },
          })
        }),
    },
    {
      method: 'GET',
      template: at(paths.members),
      latency: 22,
      handle: request =>
        within(request, tenant =>
          desk.listed(
            request,
            [...(tracker.members.get(tenant)?.keys() ?? [])].flatMap(id => {
              const account = accounts.byId(id)
              return account === undefined ? [] : [memberView(account, tenant)]
            }),
          ),
        ),
    },
    {
      method: 'PATCH',
      template: at(`${paths.members}/{memberId}`),
      latency: 25,
      handle: request =>
        administration(request, tenant => {
          const account = accounts.byId(request.parameter('memberId'))
          if (account === undefined || tracker.roleIn(tenant, account.id) === undefined)
            return service.refuse(404, 'not-found', 'No such member.')
          const role = request.text('role')
          if (!['admin', 'member', 'guest'].includes(role))
            return service.refuse(422, 'invalid', 'There is no such role.')
          tracker.join(tenant, account.id, role as Role)
          return { status: 200, body: memberView(account, tenant) }
        }),
    },
    {
      method: 'POST',
      template: at(paths.invitations),
      latency: 60,
      handle: request =>
        administration(request, tenant => {
          const email = request.text('email')
          if (!email.includes('@')) return service.refuse(422, 'invalid', 'An e-mail address is needed.')
          const code = tracker.invitationCode(tracker.stream, weak.shortInvitations)
          tracker.invitations.set(code, { tenant, role: 'member', email })
          return {
            status: 201,
            body: { email, role: 'member', expiresAt: new Date(request.now + 7 * 86_400_000).toISOString() },
          }
        }),
    },
    {
      method: 'GET',
      template: `${paths.invitations}/{code}`,
      latency: 14,
      handle: request => {
        const found = tracker.invitations.get(request.parameter('code'))
        return found === undefined
          ? service.refuse(404, 'not-found', 'This invitation is not valid.')
          : {
              status: 200,
              body: {
                workspace: tracker.names.get(found.tenant) ?? '',
                role: found.role,
                email: found.email,
              },
            }
      },
    },
    {
      method: 'POST',
      template: `${paths.invitations}/{code}/accept`,
      latency: 50,
      handle: request => {
        const tenant = tracker.accept(request.parameter('code'), request.me.id)
        return tenant === undefined
          ? service.refuse(404, 'not-found', 'This invitation is not valid.')
          : { status: 200, body: { workspaceId: tenant, name: tracker.names.get(tenant) ?? '' } }
      },
    },
    {
      method: 'GET',
      template: at(paths.webhooks),
      latency: 15,
      handle: request =>
        administration(request, tenant =>
          desk.listed(
            request,
            [...tracker.webhooks.values()]
              .filter(one => one.tenant === tenant)
              .map(({ id, url, events }) => ({ id, url, events })),
          ),
        ),
    },
    {
      method: 'POST',
      template: at(paths.webhooks),
      latency: 35,
      handle: request =>
        within(request, tenant => {
          const url = request.text('url')
          if (!/^https?:\/\//.test(url)) return service.refuse(422, 'invalid', 'This is not an address.')
          const made = tracker.hook(tenant, url, ['issue.updated'], tracker.stream)
          // What the first delivery met is shown to who set it up.
          const inside = isInside(url)
          return {
            status: 201,
            body: {
              id: made.id,
              url,
              events: [...made.events],
              secret: made.secret,
              lastDelivery:
                inside && !weak.fetchesAnything
                  ? { error: 'address not allowed' }
                  : { status: 200, ...(inside ? { body: 'role: node-instance-profile' } : {}) },
            },
          }
        }),
    },
    {
      method: 'POST',
      template: at(`${paths.webhooks}/{webhookId}/ping`),
      latency: 180,
      handle: request =>
        hook(request, ({ id }) => ({
          status: 202,
          body: { id, delivery: { status: 200, durationMs: 120 } },
        })),
    },
    {
      method: 'DELETE',
      template: at(`${paths.webhooks}/{webhookId}`),
      latency: 20,
      handle: request =>
        hook(request, ({ id }) => {
          tracker.webhooks.delete(id)
          return { status: 204 }
        }),
    },
    {
      method: 'POST',
      template: at(paths.keys),
      latency: 30,
      handle: request =>
        administration(request, () => {
          const value = `tk_${tracker.stream.token(36)}`
          return {
            status: 201,
            body: { name: request.text('name'), key: value, createdAt: new Date(request.now).toISOString() },
          }
        }),
    },
    {
      method: 'GET',
      template: at(paths.audit),
      latency: 45,
      handle: request =>
        administration(request, tenant =>
          desk.listed(
            request,
            [...(tracker.members.get(tenant)?.keys() ?? [])].map((id, index) => ({
              actorId: id,
              action: ['login', 'issue.update', 'member.invite'][index % 3] ?? 'login',
              time: new Date(request.now - index * 3_600_000).toISOString(),
            })),
          ),
        ),
    },
    {
      method: 'POST',
      template: at(paths.exports),
      latency: 1_300,
      handle: request =>
        administration(request, tenant => {
          const rows = [...tracker.issues.values()]
            .filter(issue => issue.tenant === tenant)
            .map(issue =>
              [
                issue.key,
                JSON.stringify(issue.title),
                issue.status,
                accounts.byId(issue.assignee)?.email,
              ].join(','),
            )
          request.work = 1 + rows.length / 200
          return {
            status: 200,
            text: {
              type: 'text/csv',
              value: `key,title,status,assignee\n${rows.slice(0, 150).join('\n')}\n`,
            },
          }
        }),
    },
  ]
}

/** GraphQL has names of its own, whatever the style of the rest; refusals answer 200 or 400. */
function wire(answer: JsonObject, status = 200): Reply {
  return {
    status,
    body: answer,
    text: { type: 'application/json; charset=utf-8', value: JSON.stringify(answer) },
    ok: answer.errors === undefined,
  }
}
