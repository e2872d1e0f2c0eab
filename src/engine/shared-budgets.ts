import type { Clock } from '../kit/clock.ts'
import type { SensorHealth } from '../sensors/sensor-health.ts'
import type { SharedBudgets } from '../store/ports/shared-budgets.ts'
import type { Config } from './config.ts'

/** Budgets as the configuration shares them; undefined where it does not. Its client is loaded only then. @throws SallyportError `config/invalid` */
export async function openSharedBudgets(
  { url, deadlineMs }: Config['budgets'],
  clock: Clock,
): Promise<SharedBudgets | undefined> {
  if (url === undefined) return undefined
  const { RedisBudgets } = await import('../store/redis/shared-budgets.ts')
  return new RedisBudgets({ url, deadlineMs, clock })
}

/** Where shared budgets are kept, as it may be told: without a name and a password. */
export const budgetsAddress = (url: string): string => {
  const { protocol, host } = new URL(url)
  return `${protocol}//${host}`
}

/** Whether they are answered to each loop that decides. @param loops by name, whether it gets answers */
export function budgetsHealth(url: string, loops: ReadonlyMap<string, boolean>): SensorHealth {
  const without = [...loops.values()].filter(answering => !answering).length
  return {
    id: 'shared-budgets',
    kind: 'Shared budgets',
    state: loops.size === 0 ? 'starting' : without === 0 ? 'running' : 'degraded',
    events: 0,
    dropped: 0,
    rejected: 0,
    address: budgetsAddress(url),
    detail:
      without === 0
        ? 'Budgets are counted together with other gateways.'
        : `${without} of ${loops.size} loops get no answer and count without other gateways.`,
  }
}

const probeMs = 3_000
const probeEveryMs = 25

/** Asks them once, as a gateway would: an answer says that the address, the name and the password are right and that scripts may be run. */
export async function sharedBudgetsAnswer(config: Config['budgets'], clock: Clock): Promise<boolean> {
  const budgets = await openSharedBudgets({ ...config, deadlineMs: probeMs }, clock)
  if (budgets === undefined) return false
  try {
    const until = clock.now() + probeMs
    while (!budgets.answering() && clock.now() < until)
      await new Promise(resolve => setTimeout(resolve, probeEveryMs))
    const probe = { key: 'sallyport doctor', requests: 1_000, windowSeconds: 1, cost: 1 }
    return (await budgets.take([probe])) !== undefined
  } finally {
    await budgets.close()
  }
}
