import type { PolicyRecommendations } from '../../engine/policy-recommendations.ts'
import type { PolicyRecommendationsView } from '../api/policy-recommendation.ts'
import { summaryViewOf } from './simulation.ts'
import { stamp } from './stamp.ts'

export const recommendationsViewOf = ({
  items,
  from,
  to,
}: PolicyRecommendations): PolicyRecommendationsView => ({
  items: items.map(item => ({ ...item, simulation: summaryViewOf(item.simulation) })),
  ...(from === undefined ? {} : { from: stamp(from) }),
  ...(to === undefined ? {} : { to: stamp(to) }),
})
