import { keptWhole } from '../../../kit/snapshot.ts'
import type { DataClassDefinition } from '../../data-class.ts'
import type { NamePlan } from './class-registry.ts'

const nothing: ReadonlyMap<string, number> = new Map()

/** What the names of the fields of one object say together. Grows with the closed list of cues, not with the fields. */
export class Neighbours {
  private cues: Map<string, number> | undefined

  add(plan: NamePlan): void {
    for (const cue of plan.cues) {
      this.cues ??= new Map()
      this.cues.set(cue, (this.cues.get(cue) ?? 0) + 1)
    }
  }

  /** Does a field beside it say that a name of several meanings does not mean the class here? */
  estranges({ strangers }: DataClassDefinition): boolean {
    return strangers?.some(cue => this.cues?.has(cue) === true) === true
  }

  /** Does a field other than the one of `own` name speak for the class? */
  supports({ neighbours }: DataClassDefinition, own: NamePlan): boolean {
    if (neighbours === undefined || this.cues === undefined) return false
    const cues = this.cues ?? nothing
    return neighbours.some(cue => (cues.get(cue) ?? 0) > (own.cues.includes(cue) ? 1 : 0))
  }

  static {
    keptWhole(Neighbours, 'catalog/neighbours', 1)
  }
}
