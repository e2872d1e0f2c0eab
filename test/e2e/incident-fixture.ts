import type { IncidentDetailView } from '../../src/server/api/incident.ts'
import type { PrincipalView } from '../../src/server/api/principal.ts'
import { ordersId } from './graph-fixture.ts'

const now = Date.now()
const at = (minutes: number): string => new Date(now - minutes * 60_000).toISOString()

export const anna: PrincipalView = {
  id: 'user:anna',
  kind: 'user',
  tenant: 'acme',
  roles: ['customer'],
  calls: 412,
  risk: 12,
  firstSeen: at(40_000),
  lastSeen: at(1),
  addresses: ['203.0.113.9'],
  devices: 1,
  endpoints: [{ endpoint: ordersId, calls: 412 }],
}

/** An incident that went through the graph. */
export const stolenRole: IncidentDetailView = {
  id: 'inc-1',
  title: 'workload shop/orders took on a role that it never had and read the cards (06:10 to 06:31)',
  severity: 'critical',
  risk: 91,
  opened: at(40),
  updated: at(4),
  status: 'open',
  principals: [],
  tenants: [],
  endpoints: [ordersId],
  workloads: ['shop/orders'],
  dataClasses: ['payment-card'],
  detectors: ['new-role-taken-on'],
  signals: [],
  objects: [],
  objectCount: 0,
  evidence: [],
  path: [
    { node: 'internet', kind: 'internet', name: 'internet', how: '' },
    { node: `endpoint:${ordersId}`, kind: 'endpoint', name: ordersId, how: 'calls' },
    { node: 'workload:shop/orders', kind: 'workload', name: 'shop/orders', how: 'is served by' },
    {
      node: 'identity:aws:role/reporting',
      kind: 'identity',
      name: 'aws:role/reporting',
      how: 'acts as',
    },
    {
      node: 'store:postgresql://cards-db/pay/cards',
      kind: 'store',
      name: 'postgresql://cards-db/pay/cards',
      how: 'then',
    },
    { node: 'data:payment-card', kind: 'data', name: 'payment-card', how: 'holds' },
  ],
  story: [{ time: at(40), text: 'shop/orders started a shell.', evidence: [] }],
  actions: [],
  unsure: [],
  signalDetails: [],
  quarantine: [],
  history: [],
  calls: [],
  whenNotAnAttack: [],
}
