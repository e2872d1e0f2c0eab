import { policyTemplates } from '../../src/policy/templates/index.ts'
import type { DecisionDetailView, DecisionView } from '../../src/server/api/decision.ts'
import type { PolicyView } from '../../src/server/api/policy.ts'
import type { PolicyVersionView } from '../../src/server/api/policy-version.ts'
import type { QuarantineView } from '../../src/server/api/quarantine.ts'
import type { StageView } from '../../src/server/api/rollout.ts'
import type { SimulationSummaryView, SimulationView } from '../../src/server/api/simulation.ts'

/** Policies, what they decided and who is shut out, as the REST API tells it. */
export interface PolicyData {
  policies: PolicyView[]
  readonly versions: Readonly<Record<string, readonly PolicyVersionView[]>>
  readonly decisions: readonly DecisionView[]
  readonly simulation: SimulationView
  quarantine: QuarantineView[]
}

const at = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString()

const template = (id: string, mode = 'shadow'): string =>
  (policyTemplates.find(one => one.id === id)?.render() ?? '').replace('mode: shadow', `mode: ${mode}`)

const summary: SimulationSummaryView = {
  ...{ at: at(200), by: 'ada', calls: 48_211, matched: 212, stopped: 212, attacks: 212, attacksStopped: 212 },
  ...{ benign: 47_100, benignStopped: 0, benignAmended: 0 },
}

const quiet = { decisions: 0, principals: 0, acted: 0, actedPrincipals: 0 }

function policy(name: string, id: string, stage: StageView, more: Partial<PolicyView> = {}): PolicyView {
  return {
    ...{ name, source: template(id, stage.mode), version: 3, updatedAt: at(300), updatedBy: 'ada' },
    ...{ mode: stage.mode, phase: 'response', action: 'block', effect: quiet },
    rollout: { stage, since: at(300) },
    ...more,
  }
}

const canary: PolicyView['rollout'] = {
  stage: { mode: 'canary', percent: 5 },
  since: at(12),
  estimate: 0,
  next: { mode: 'canary', percent: 25 },
  waits: 'it has been at this stage for 12 of at least 30 minutes',
  simulation: summary,
  plan: {
    shadowMinutes: 1_440,
    shadowCalls: 1_000,
    steps: [1, 5, 25, 100].map(percent => ({ percent, minutes: 30 })),
    automaticRollback: true,
    rollback: {
      ...{ windowMinutes: 10, blockFactor: 3, newlyStoppedPercent: 0.5, worsePercent: 20, faultsPercent: 1 },
    },
  },
  effect: {
    from: at(9),
    acting: { calls: 2_410, stopped: 38, answered: 2_372, failed: 4, p99: 41 },
    control: { calls: 41_220, stopped: 0, answered: 41_220, failed: 66, p99: 43 },
    principals: 61,
    stoppedPrincipals: 2,
  },
}

export function policyData(): PolicyData {
  const policies = [
    policy(
      'owner-guard-orders',
      'owner-guard',
      { mode: 'enforce' },
      {
        effect: { decisions: 212, principals: 2, acted: 212, actedPrincipals: 2 },
        owner: 'payments-team',
        rollout: { stage: { mode: 'enforce' }, since: at(9_000), estimate: 0, simulation: summary },
      },
    ),
    policy(
      'injection-guard',
      'injection-guard',
      { mode: 'enforce' },
      {
        ...{ phase: 'request', owner: 'platform', expiresAt: at(-40_000) },
      },
    ),
    policy(
      'tenant-guard',
      'tenant-guard',
      { mode: 'canary', percent: 5 },
      {
        effect: { decisions: 61, principals: 4, acted: 38, actedPrincipals: 2 },
        rollout: canary,
      },
    ),
    policy(
      'login-throttle',
      'login-throttle',
      { mode: 'shadow' },
      {
        ...{ action: 'throttle', phase: 'request', expiresAt: at(60) },
        effect: { decisions: 41, principals: 7, acted: 0, actedPrincipals: 0 },
        rollout: {
          ...{ stage: { mode: 'shadow' }, since: at(190), next: { mode: 'canary', percent: 1 } },
          waits: 'it has been at this stage for 190 of at least 1440 minutes',
        },
      },
    ),
    policy(
      'mask-cards',
      'data-masking',
      { mode: 'shadow' },
      {
        ...{ action: 'mask' },
        rollout: {
          ...{
            stage: { mode: 'shadow' },
            since: at(20),
            next: { mode: 'canary', percent: 1 },
            simulation: summary,
          },
          rolledBack: {
            at: at(20),
            why: 'it stops 4 of 61 callers, who were well before',
            from: 'canary for 25 % of principals',
          },
        },
      },
    ),
  ]
  const endpoint = 'GET api.shop.example/orders/{orderId}/invoice'
  const decision = (index: number): DecisionView => {
    const shadow = index % 3 === 2
    return {
      ...{ id: `d-${index}`, time: at(index * 7), action: shadow ? 'throttle' : 'block' },
      ...{ phase: shadow ? 'request' : 'response', policy: shadow ? 'login-throttle' : 'owner-guard-orders' },
      ...{ mode: shadow ? 'shadow' : 'enforce', principal: shadow ? 'user:anna' : 'user:mallory', endpoint },
      ...{ call: `call-${index}`, reason: 'This object belongs to another account.', acted: !shadow },
    }
  }
  const touch = (index: number, principal: string) => ({
    ...{ call: `call-${index}`, time: at(index), principal, endpoint, status: 200 },
    ...{ policy: 'owner-guard-orders', action: 'block' },
  })
  const none = { calls: 0, stopped: 0, amended: 0, principals: 0, examples: [] }
  return {
    policies,
    versions: {
      'owner-guard-orders': [
        version(3, template('owner-guard', 'enforce'), 'promote to enforce', { mode: 'enforce' }),
        version(2, template('owner-guard', 'canary'), 'promote to canary for 1 % of principals', {
          mode: 'canary',
          percent: 1,
        }),
        version(1, template('owner-guard'), 'put', { mode: 'shadow' }),
      ],
    },
    decisions: Array.from({ length: 24 }, (_, index) => decision(index)),
    simulation: {
      ...{ calls: 48_211, from: at(1_440), to: at(1), matched: 214, stopped: 214, amended: 0, errors: 0 },
      ...{ hash: 'h', truncated: false, examples: [], policies: [] },
      principals: [
        { principal: 'user:mallory', calls: 212, inIncident: true },
        { principal: 'user:anna', calls: 2, inIncident: false },
      ],
      endpoints: [{ endpoint, calls: 214 }],
      attacks: {
        ...{ calls: 215, stopped: 212, amended: 0, principals: 1, missed: 3 },
        examples: [touch(3, 'user:mallory'), touch(4, 'user:mallory')],
        missedExamples: [touch(5, 'user:mallory')],
        incidents: [{ incident: 'inc-theft-0001', calls: 215, stopped: 212 }],
      },
      ...{ suspect: none, other: none },
      benign: {
        calls: 47_100,
        stopped: 2,
        amended: 0,
        principals: 1,
        examples: [touch(6, 'user:anna'), touch(7, 'user:anna')],
      },
    },
    quarantine: [
      {
        ...{
          id: 'q-1',
          kind: 'principal',
          target: 'user:mallory',
          reason: 'Suspended for incident inc-theft.',
        },
        ...{ incident: 'inc-theft', createdAt: at(5), createdBy: 'ada', expiresAt: at(-55) },
      },
      {
        ...{
          id: 'q-2',
          kind: 'token',
          target: 'f0e1d2c3b4a5968778695a4b3c2d1e0f',
          reason: 'Too many failed logins.',
        },
        ...{ createdAt: at(20), createdBy: 'policy:login-throttle', expiresAt: at(-10) },
      },
    ],
  }
}

const version = (number: number, source: string, change: string, stage: StageView): PolicyVersionView => ({
  ...{ version: number, source, change, stage, by: 'ada', at: at(1_000 - number * 100) },
})

export const emptyPolicies = (): PolicyData => ({
  ...policyData(),
  policies: [],
  versions: {},
  decisions: [],
  quarantine: [],
})

/** Why the first decision was made. */
export const detailOf = (decision: DecisionView): DecisionDetailView => ({
  ...decision,
  policyVersion: version(3, template('owner-guard', 'enforce'), 'promote to enforce', { mode: 'enforce' }),
  condition: 'response.status < 300.0 && object.foreign && !("admin" in identity.roles)',
  facts: [
    { name: 'identity.roles', value: '["customer"]' },
    { name: 'object.foreign', value: 'true' },
    { name: 'response.status', value: '200' },
  ],
  decided: {
    ...{
      id: decision.call,
      time: decision.time,
      method: 'GET',
      host: 'api.shop.example',
      target: '/orders/4711/invoice',
    },
    ...{
      status: 403,
      endpoint: decision.endpoint,
      principal: decision.principal,
      requestBytes: 0,
      responseBytes: 90,
    },
    ...{ detectors: [] },
  },
  quarantine: [],
})
