import { z } from 'zod'
import { SallyportError } from '../../kit/error.ts'
import type { StateStore, StoredPolicy } from '../../store/ports/state-store.ts'
import type { Backend } from '../backend.ts'
import { defineRoute } from '../route.ts'
import { moment, paging } from '../schemas/params.ts'
import { pageOf } from '../schemas/registry.ts'
import { policyCheckView, policyView, simulationView } from '../schemas/views.ts'
import { policyEffects, policyViewOf } from '../views/policies.ts'
import { sortedPage } from '../views/sorted-page.ts'

const source = z.string().min(1).max(262_144)
const byName = z.strictObject({
  name: z
    .string()
    .max(128)
    .regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/, 'must be letters, digits, dots, hyphens and underscores'),
})

const etagOf = (policy: Pick<StoredPolicy, 'version'>): string => `"${policy.version}"`

async function find(state: StateStore, name: string): Promise<StoredPolicy | undefined> {
  return (await state.policies()).find(policy => policy.name === name)
}

const notFound = (name: string): SallyportError =>
  new SallyportError('resource/not-found', 'There is no such policy.', {
    where: name,
    mend: 'List them with GET /api/v1/policies.',
  })

export const listPolicies = defineRoute({
  method: 'GET',
  path: '/policies',
  summary: 'Policies in force and what each did in the last 24 hours (of the newest 20,000 decisions)',
  role: 'viewer',
  query: z.strictObject({ ...paging }),
  response: pageOf('PolicyPage', policyView),
  async handler({ backend, query }) {
    const [policies, effects] = await Promise.all([backend.state.policies(), policyEffects(backend)])
    const page = sortedPage(policies, policy => [policy.name], query)
    return {
      ...page,
      items: page.items.map(policy => policyViewOf(policy, backend, effects.get(policy.name))),
    }
  },
})

export const showPolicy = defineRoute({
  method: 'GET',
  path: '/policies/{name}',
  summary: 'One policy; its version is the ETag',
  role: 'viewer',
  headers: ['if-none-match'],
  params: byName,
  response: policyView,
  async handler({ backend, params, request, reply }) {
    const policy = await find(backend.state, params.name)
    if (policy === undefined) throw notFound(params.name)
    const etag = etagOf(policy)
    reply.header('etag', etag)
    if (listed(request.headers['if-none-match']).includes(etag)) {
      await reply.status(304).send()
    }
    const effects = await policyEffects(backend, policy.name)
    return policyViewOf(policy, backend, effects.get(policy.name))
  },
})

/** Entity tags of a condition (RFC 9110 §13.1); the weak ones are compared by what they name. */
function listed(header: string | undefined): readonly string[] {
  return (header ?? '')
    .slice(0, 1_000)
    .split(',')
    .map(tag => tag.trim().replace(/^W\//, ''))
}

/** The version the writer saw; 0 where it says that there is none. Without a condition: 428. */
async function expected(
  state: StateStore,
  name: string,
  headers: { readonly 'if-match'?: string | undefined; readonly 'if-none-match'?: string | undefined },
): Promise<number> {
  if (headers['if-none-match'] !== undefined) {
    if (headers['if-none-match'].trim() === '*') return 0
    throw new SallyportError('usage/invalid-argument', 'If-None-Match can only be * here.', {
      where: 'If-None-Match',
      mend: 'Send `If-None-Match: *` to create, `If-Match: "<version>"` to change.',
    })
  }
  const tags = listed(headers['if-match']).filter(tag => tag !== '')
  if (tags.length === 0) {
    throw new SallyportError('resource/precondition-required', 'Say which version this change is based on.', {
      where: 'If-Match',
      mend: 'Send `If-Match` with the ETag you read, or `If-None-Match: *` to create.',
    })
  }
  const current = await find(state, name)
  if (current !== undefined && (tags.includes('*') || tags.includes(etagOf(current)))) return current.version
  throw new SallyportError(
    'resource/precondition-failed',
    current === undefined
      ? 'There is no such policy to change.'
      : 'The policy has changed since you read it.',
    { where: 'If-Match', mend: 'Read it again, and apply the change to that.' },
  )
}

function refuseInvalid(backend: Backend, text: string): void {
  const { valid, problems } = backend.checkPolicy(text)
  if (valid) return
  const first = problems.find(problem => problem.severity === 'error') ?? problems[0]
  const where = first?.line === undefined ? 'body.source' : `body.source:${first.line}:${first.column ?? 1}`
  throw new SallyportError('policy/invalid', first?.message ?? 'The policy cannot be read.', {
    where,
    mend: first?.mend ?? 'Check it with POST /api/v1/policies/check.',
  })
}

export const putPolicy = defineRoute({
  method: 'PUT',
  path: '/policies/{name}',
  summary: 'Creates or changes a policy; it is in force when this answers',
  role: 'analyst',
  audit: 'policy.put',
  headers: ['if-match', 'if-none-match'],
  params: byName,
  body: z.strictObject({ source }),
  response: policyView,
  async handler({ actor, backend, body, params, now, request, reply, audit }) {
    const version = await expected(backend.state, params.name, request.headers)
    refuseInvalid(backend, body.source)
    const saved = await backend.state.putPolicy(params.name, body.source, actor.name, now, version)
    await audit(saved.name, { version: saved.version, source: saved.source })
    await backend.changed('policies')
    reply.header('etag', etagOf(saved))
    return policyViewOf(saved, backend, (await policyEffects(backend, saved.name)).get(saved.name))
  },
})

export const deletePolicy = defineRoute({
  method: 'DELETE',
  path: '/policies/{name}',
  summary: 'Takes a policy out of force',
  role: 'analyst',
  audit: 'policy.delete',
  headers: ['if-match'],
  params: byName,
  status: 204,
  response: { mediaType: 'text/plain' },
  async handler({ backend, params, request, audit }) {
    const policy = await find(backend.state, params.name)
    if (policy === undefined) throw notFound(params.name)
    const version = await expected(backend.state, params.name, { 'if-match': request.headers['if-match'] })
    if (!(await backend.state.deletePolicy(params.name, version))) throw notFound(params.name)
    await audit(params.name, { version, source: policy.source })
    await backend.changed('policies')
    return undefined
  },
})

export const checkPolicy = defineRoute({
  method: 'POST',
  path: '/policies/check',
  summary: 'Reads a policy and says what is wrong with it',
  role: 'viewer',
  computes: true,
  body: z.strictObject({ source }),
  response: policyCheckView,
  async handler({ backend, body }) {
    return backend.checkPolicy(body.source)
  },
})

export const simulatePolicy = defineRoute({
  method: 'POST',
  path: '/policies/simulate',
  summary: 'Whom a policy would have touched in the recorded calls',
  role: 'analyst',
  computes: true,
  body: z.strictObject({ source, since: moment.optional() }),
  response: simulationView,
  async handler({ backend, body }) {
    refuseInvalid(backend, body.source)
    return await backend.simulate(body.source, body.since)
  },
})
