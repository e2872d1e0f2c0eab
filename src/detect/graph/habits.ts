import { BoundedMap } from '../../kit/bounded-map.ts'
import { keptWhole } from '../../kit/snapshot.ts'
import { dayMs } from './node-age.ts'

interface Habit {
  readonly first: number
  readonly young: boolean
  lastDay: number
  days: number
}

const deedsKept = 200
const hourMs = 3_600_000

/**
 * What each workload does from its first days on: a probe that runs a shell, a client that reads its token. Bounded: `capacity` workloads,
 * the 200 latest deeds of each.
 */
export class Habits {
  private readonly subjects: BoundedMap<string, BoundedMap<string, Habit>>

  constructor(capacity: number) {
    this.subjects = new BoundedMap(capacity)
  }

  get size(): number {
    return this.subjects.size
  }

  /**
   * Notes a deed, and says whether it is a habit: done on three days before, or an hour ago or longer in the subject's young days.
   * @param young Neither the subject nor who tells of it is known for long.
   */
  note(subject: string, deed: string, time: number, young: boolean): boolean {
    const deeds = this.subjects.ensure(subject, () => new BoundedMap(deedsKept))
    const day = Math.floor(time / dayMs)
    const habit = deeds.get(deed)
    if (habit === undefined) {
      deeds.set(deed, { first: time, young, lastDay: day, days: 1 })
      return false
    }
    const known = habit.days >= 3 || (habit.young && time - habit.first >= hourMs)
    if (day > habit.lastDay) {
      habit.days += 1
      habit.lastDay = day
    }
    return known
  }

  static {
    keptWhole(Habits, 'detect/habits', 1)
  }
}
