import type { DecisionRecord } from '../../store/ports/state-store.ts'
import type { DecisionView } from '../api/decision.ts'
import { stamp } from './stamp.ts'

export const decisionViewOf = (decision: DecisionRecord): DecisionView => ({
  id: decision.id,
  time: stamp(decision.time),
  action: decision.action,
  phase: decision.phase,
  policy: decision.policy,
  mode: decision.mode,
  // Records from before there were canaries do not say.
  acted: decision.acted ?? (decision.mode as string) === 'enforce',
  principal: decision.principal,
  endpoint: decision.endpoint,
  call: decision.call,
  reason: decision.reason,
})
