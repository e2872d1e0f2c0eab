import type { IncidentDetailView } from '../../../src/server/api/incident.ts'
import { nodeName } from './graph-names.ts'
import { capital } from './names.ts'
import type { Step } from './path-words.ts'

/** The way that an incident took through the graph; empty where it is about calls alone. */
export const incidentWay = (incident: Pick<IncidentDetailView, 'path'>): readonly Step[] =>
  (incident.path ?? []).map(({ node, how }, index) =>
    index === 0 ? { node, did: true } : { node, verb: how, did: how !== 'then' },
  )

/** `The internet calls GET /a, which is served by shop/orders; then api.bank.example.` */
export const incidentWayWords = (way: readonly Step[]): string =>
  `${capital(
    way
      .map(({ node, verb }, index) =>
        verb === undefined
          ? nodeName(node)
          : verb === 'then'
            ? `; then ${nodeName(node)}`
            : `${index > 1 && way[index - 1]?.verb !== 'then' ? ', which' : ''} ${verb} ${nodeName(node)}`,
      )
      .join(''),
  )}.`
