import type { RawExchange } from '../../call/raw-exchange.ts'
import type { Clock } from '../../kit/clock.ts'
import type { CounterSet } from '../../kit/counters.ts'
import type { ExchangeIds } from '../gateway/exchange-id.ts'
import type { AmendVerdict, Guard, RefusalVerdict } from '../guard.ts'
import type { EnvoyFilterOptions } from './filter-options.ts'

/** How Envoy asked. */
export type Way = 'ext_proc' | 'ext_authz' | 'http'

/** What all exchanges that Envoy asks about share. */
export interface FilterContext {
  readonly guard: Guard
  readonly clock: Clock
  readonly counters: CounterSet
  readonly options: EnvoyFilterOptions
  readonly ids: ExchangeIds
  /** An exchange is over; it is handed on and counted. */
  onOver(way: Way, exchange: RawExchange): void
}

/** Which decision an exchange went by, as its record says. */
export const told = ({ decisionId, action, policy }: AmendVerdict | RefusalVerdict) => ({
  decisionId,
  action,
  policy,
})
