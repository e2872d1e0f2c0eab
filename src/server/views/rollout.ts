import type { GroupReading } from '../../enforce/rollout-watch.ts'
import type { RolloutStatus } from '../../engine/policy-desk.ts'
import type { GroupReadingView, RolloutView } from '../api/rollout.ts'
import { summaryViewOf } from './simulation.ts'
import { stamp } from './stamp.ts'

export function rolloutViewOf({
  rollout,
  plan,
  next,
  waits,
  simulation,
  reading,
}: RolloutStatus): RolloutView {
  const { stage, percent, since, estimate, rolledBack } = rollout
  return {
    stage: { mode: stage, ...(percent === undefined ? {} : { percent }) },
    since: stamp(since),
    ...(estimate === undefined ? {} : { estimate }),
    ...(rolledBack === undefined ? {} : { rolledBack: { ...rolledBack, at: stamp(rolledBack.at) } }),
    ...(plan === undefined ? {} : { plan }),
    ...(next === undefined ? {} : { next }),
    ...(waits === undefined ? {} : { waits }),
    ...(simulation === undefined ? {} : { simulation: summaryViewOf(simulation) }),
    ...(reading === undefined
      ? {}
      : {
          effect: {
            from: stamp(reading.from),
            acting: groupViewOf(reading.acting),
            control: groupViewOf(reading.control),
            principals: reading.principals,
            stoppedPrincipals: reading.stopped.length,
          },
        }),
  }
}

const groupViewOf = ({ calls, stopped, answered, failed, p99 }: GroupReading): GroupReadingView => ({
  ...{ calls, stopped, answered, failed },
  ...(p99 === undefined ? {} : { p99 }),
})
