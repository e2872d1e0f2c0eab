import { z } from 'zod'
import { SallyportError } from '../../kit/error.ts'
import { callId } from '../../kit/id.ts'
import { actionTypes } from '../../policy/facts.ts'
import type { StoredCall } from '../../store/ports/call-store.ts'
import type { Backend } from '../backend.ts'
import { defineRoute } from '../route.ts'
import { decisionDetailView, decisionSummaryView, decisionView } from '../schemas/decision.ts'
import { byId, moment, name, paging } from '../schemas/params.ts'
import { pageOf } from '../schemas/registry.ts'
import { callViewOf } from '../views/call.ts'
import { decisionViewOf } from '../views/decision.ts'
import { policyEffects } from '../views/policy-effect.ts'
import { versionViewOf } from '../views/policy-version.ts'
import { present } from '../views/present.ts'
import { quarantineViewOf } from '../views/quarantine.ts'
import { stamp } from '../views/stamp.ts'

export const listDecisions = defineRoute({
  method: 'GET',
  path: '/decisions',
  summary: 'What policies decided, newest first',
  role: 'viewer',
  query: z.strictObject({
    ...paging,
    since: moment.optional(),
    until: moment.optional().describe('Exclusive.'),
    principal: name.optional(),
    policy: name.optional(),
    action: z.enum(actionTypes).optional(),
    phase: z.enum(['request', 'response']).optional(),
    mode: z.enum(['shadow', 'canary', 'enforce']).optional(),
  }),
  response: pageOf('DecisionPage', decisionView),
  async handler({ backend, query }) {
    const page = await backend.state.decisions(present(query))
    return { ...page, items: page.items.map(decisionViewOf) }
  },
})

export const summarizeDecisions = defineRoute({
  method: 'GET',
  path: '/decisions/summary',
  summary: 'What all policies together did in the last 24 hours (of the newest 20,000 decisions)',
  role: 'viewer',
  response: decisionSummaryView,
  async handler({ backend }) {
    const { since, all, truncated } = await policyEffects(backend)
    return {
      since: stamp(since),
      decisions: all.decisions,
      acted: all.acted,
      principals: all.actedPrincipals,
      truncated,
    }
  },
})

export const showDecision = defineRoute({
  method: 'GET',
  path: '/decisions/{id}',
  summary: 'One decision: the policy as it stood then, and the call',
  role: 'viewer',
  params: byId,
  response: decisionDetailView,
  async handler({ backend, params, now }) {
    const decision = await backend.state.decision(params.id)
    if (decision === undefined) {
      throw new SallyportError('resource/not-found', 'There is no such decision.', {
        where: params.id,
        mend: 'List them with GET /api/v1/decisions.',
      })
    }
    const [versions, stored, quarantine] = await Promise.all([
      backend.policies.history(decision.policy),
      callOf(backend, decision.call),
      backend.state.quarantine(now),
    ])
    const version = versions.find(({ updatedAt }) => updatedAt <= decision.time)
    const why =
      version === undefined || stored === undefined
        ? undefined
        : await backend.policies.why(version.source, decision, stored)
    return {
      ...decisionViewOf(decision),
      ...why,
      ...(version === undefined ? {} : { policyVersion: versionViewOf(version, backend) }),
      ...(stored === undefined ? {} : { decided: callViewOf(stored) }),
      quarantine: quarantine.filter(({ target }) => target === decision.principal).map(quarantineViewOf),
    }
  },
})

/** Undefined also while the call store is away: the rest is still worth showing. */
async function callOf(backend: Backend, id: string): Promise<StoredCall | undefined> {
  try {
    return await backend.calls.get(callId(id))
  } catch (thrown) {
    if (SallyportError.from(thrown).code.startsWith('store/')) return undefined
    throw thrown
  }
}
