import { runAttackers } from './attackers.ts'
import type { ShopUser } from './seed.ts'
import { runUsers } from './traffic.ts'

/** What the parent says first: whom to be, and where to call. */
export interface CrowdOrder {
  readonly target: string
  readonly users: readonly ShopUser[]
  readonly seed: number
  readonly attackDelayMs: number
}

/** The shop's users and attackers in a process of their own, so that they cost the demo's loops nothing. */
process.once('message', (order: CrowdOrder) => {
  const stop = new AbortController()
  const shop = { users: order.users }
  const { target, seed, attackDelayMs } = order
  const running = [
    runUsers({ target, shop, seed, signal: stop.signal }).done,
    runAttackers({ target, shop, seed, signal: stop.signal, delayMs: attackDelayMs }).done,
  ]
  process.once('SIGTERM', () => stop.abort())
  process.once('disconnect', () => stop.abort())
  void Promise.allSettled(running).then(() => process.exit(0))
})
