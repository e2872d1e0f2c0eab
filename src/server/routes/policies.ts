import { z } from 'zod'
import type { PolicyChanged } from '../../engine/policy-desk.ts'
import { SallyportError } from '../../kit/error.ts'
import type { StateStore, StoredPolicy } from '../../store/ports/state-store.ts'
import type { PolicyView } from '../api/policy.ts'
import type { Backend } from '../backend.ts'
import { defineRoute } from '../route.ts'
import { flag, moment, name, paging } from '../schemas/params.ts'
import { policyView } from '../schemas/policy.ts'
import { policyCheckView } from '../schemas/policy-check.ts'
import { policyRecommendations } from '../schemas/policy-recommendation.ts'
import { policyVersions } from '../schemas/policy-version.ts'
import { pageOf } from '../schemas/registry.ts'
import { simulationView } from '../schemas/simulation.ts'
import { listedPolicyView, policyViewOf } from '../views/policy.ts'
import { policyEffects } from '../views/policy-effect.ts'
import { recommendationsViewOf } from '../views/policy-recommendation.ts'
import { versionViewOf } from '../views/policy-version.ts'
import { present } from '../views/present.ts'
import { simulationViewOf } from '../views/simulation.ts'
import { sortedPage } from '../views/sorted-page.ts'

const source = z.string().min(1).max(262_144)
const override = z
  .string()
  .trim()
  .min(1)
  .max(2_000)
  .optional()
  .describe('Why it is done without a simulation, or before its time; kept in the audit log.')
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
  query: z.strictObject({
    ...paging,
    rollout: flag
      .optional()
      .describe('With where each may go next, why not yet, and what was simulated and seen.'),
  }),
  response: pageOf('PolicyPage', policyView),
  async handler({ backend, query }) {
    const [policies, effects, rollouts] = await Promise.all([
      backend.state.policies(),
      policyEffects(backend),
      backend.state.rollouts(),
    ])
    const rolled = new Map(rollouts.map(rollout => [rollout.policy, rollout]))
    const page = sortedPage(policies, policy => [policy.name], query)
    const items =
      query.rollout === true
        ? await Promise.all(
            page.items.map(policy => policyViewOf(policy, backend, effects.of.get(policy.name))),
          )
        : page.items.map(policy =>
            listedPolicyView(policy, backend, effects.of.get(policy.name), rolled.get(policy.name)),
          )
    return { ...page, items }
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
    return await viewOf(backend, policy)
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
  summary:
    'Creates or changes a policy; it is in force when this answers. A canary and what is enforced need a simulation of these rules first',
  role: 'analyst',
  audit: 'policy.put',
  headers: ['if-match', 'if-none-match'],
  params: byName,
  body: z.strictObject({ source, override }),
  response: policyView,
  async handler({ actor, backend, body, params, request, reply, audit }) {
    const version = await expected(backend.state, params.name, request.headers)
    refuseInvalid(backend, body.source)
    const done = await backend.policies.put(params.name, body.source, {
      by: actor.name,
      expected: version,
      ...present({ override: body.override }),
    })
    await audit(params.name, { ...detailOf(done), source: done.policy.source })
    reply.header('etag', etagOf(done.policy))
    return await viewOf(backend, done.policy)
  },
})

const viewOf = async (backend: Backend, policy: StoredPolicy): Promise<PolicyView> =>
  await policyViewOf(policy, backend, (await policyEffects(backend, policy.name)).all)

/** On what grounds it was done, for the audit log. */
const detailOf = ({ policy, stage, simulation, override }: PolicyChanged) => ({
  version: policy.version,
  ...stage,
  ...(simulation === undefined ? {} : { simulation: simulation.hash, simulatedBy: simulation.by }),
  ...(override === undefined ? {} : { override }),
})

export const promotePolicy = defineRoute({
  method: 'POST',
  path: '/policies/{name}/promote',
  summary: 'Brings a policy to its next stage: from shadow over the steps of a canary to enforce',
  role: 'analyst',
  audit: 'policy.promote',
  params: byName,
  body: z.strictObject({
    to: z
      .strictObject({
        mode: z.enum(['shadow', 'canary', 'enforce']),
        percent: z.number().min(0.1).max(100).optional(),
      })
      .optional()
      .describe('The next stage when absent.'),
    override,
  }),
  response: policyView,
  async handler({ actor, backend, body, params, reply, audit }) {
    const to =
      body.to === undefined ? undefined : { mode: body.to.mode, ...present({ percent: body.to.percent }) }
    const change = { by: actor.name, ...present({ override: body.override }) }
    const done = await backend.policies.promote(params.name, change, to)
    await audit(params.name, detailOf(done))
    reply.header('etag', etagOf(done.policy))
    return await viewOf(backend, done.policy)
  },
})

export const rollbackPolicy = defineRoute({
  method: 'POST',
  path: '/policies/{name}/rollback',
  summary: 'Brings back an earlier version of a policy, also of one that was deleted',
  role: 'analyst',
  audit: 'policy.rollback',
  params: byName,
  body: z.strictObject({
    version: z.number().int().min(1).optional().describe('The one before when absent.'),
    reason: override,
  }),
  response: policyView,
  async handler({ actor, backend, body, params, reply, audit }) {
    const change = { by: actor.name, ...present({ override: body.reason }) }
    const done = await backend.policies.rollback(params.name, change, body.version)
    await audit(params.name, detailOf(done))
    reply.header('etag', etagOf(done.policy))
    return await viewOf(backend, done.policy)
  },
})

export const policyHistory = defineRoute({
  method: 'GET',
  path: '/policies/{name}/history',
  summary: 'The versions of a policy, newest first; also of one that was deleted',
  role: 'viewer',
  params: byName,
  response: policyVersions,
  async handler({ backend, params }) {
    const versions = await backend.policies.history(params.name)
    if (versions.length === 0) throw notFound(params.name)
    return { items: versions.map(version => versionViewOf(version, backend)) }
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
    const check = backend.checkPolicy(body.source)
    return { ...check, problems: [...check.problems, ...(await backend.policies.unwatched(body.source))] }
  },
})

export const recommendPolicy = defineRoute({
  method: 'POST',
  path: '/policies/recommend',
  summary:
    'Policies for an incident, a finding or an endpoint, each with what it would have done; the simulations are kept',
  role: 'analyst',
  computes: true,
  body: z
    .strictObject({
      incident: name.optional(),
      finding: name.optional(),
      endpoint: name.optional().describe('Its learned or specified schema.'),
    })
    .refine(body => Object.values(body).filter(one => one !== undefined).length === 1, {
      error: 'needs one of incident, finding and endpoint',
    }),
  response: policyRecommendations,
  async handler({ actor, backend, body }) {
    return recommendationsViewOf(await backend.policies.recommend(present(body), actor.name))
  },
})

export const simulatePolicy = defineRoute({
  method: 'POST',
  path: '/policies/simulate',
  summary:
    'Whom a policy would have touched in the recorded calls: the newest 200,000 of the window. It is kept, and lets these rules act',
  role: 'analyst',
  computes: true,
  body: z.strictObject({
    source,
    since: moment.optional(),
    until: moment.optional().describe('Exclusive; to the newest call when absent.'),
  }),
  response: simulationView,
  async handler({ actor, backend, body }) {
    refuseInvalid(backend, body.source)
    const window = present({ since: body.since, until: body.until })
    return simulationViewOf(await backend.policies.simulate(body.source, window, actor.name))
  },
})
