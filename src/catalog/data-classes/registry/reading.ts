import type { DataClassDefinition, ValueProfile, ValueShape } from '../../data-class.ts'

/** How much a field's name says for a class: it names it, it may mean it beside the right neighbours, or nothing. */
export type NameSays = 'named' | 'weak' | 'blind'

/** Share of the values that a class has in a field that holds several kinds of thing. */
const mixtureShare = 0.2
/** Nats of a value that has the outer form of the class, digits of that length, and fails its check. */
const nearMiss = -2.5
/** Nats of a name that says so. */
const nameNats = 2
/** Nats against a class of a weak check (one in a hundred passes by chance, or more) under a name that says nothing. */
const priorNats = -2

/** A class as it is read under one kind of name: which test, and what a pass and a miss weigh in nats. */
export class Reading {
  readonly definition: DataClassDefinition
  readonly says: NameSays
  readonly prior: number
  readonly pass: number
  readonly miss: number
  /** The same for a field of which only a part is of the class; undefined where the check is too weak for that. */
  readonly mixture: { readonly pass: number; readonly miss: number; readonly near: number } | undefined
  readonly #test: (value: ValueProfile) => boolean
  readonly #shapes: ReadonlySet<ValueShape>

  constructor(definition: DataClassDefinition, says: NameSays) {
    const blind = says === 'blind' ? definition.blind : undefined
    const chance = blind?.chance ?? definition.chance
    const recall = blind?.recall ?? definition.recall
    this.definition = definition
    this.says = says
    this.prior = says === 'named' ? nameNats : chance > 0.01 ? priorNats : 0
    this.pass = Math.log(recall / chance)
    this.miss = Math.log((1 - recall) / (1 - chance))
    this.mixture = chance > 0.03 ? undefined : mixtureOf(chance)
    this.#test = blind?.test ?? (value => definition.test(value))
    this.#shapes = new Set(definition.shapes)
  }

  fits(shape: ValueShape, length: number): boolean {
    const [least, most] = this.definition.lengths
    return length >= least && length <= most && this.#shapes.has(shape)
  }

  test(value: ValueProfile): boolean {
    return this.#test(value)
  }
}

/** Digits that fail a check are of the very kind that passes it by chance; other text is of another kind. */
function mixtureOf(chance: number): NonNullable<Reading['mixture']> {
  return {
    pass: Math.log(mixtureShare / chance),
    miss: Math.log((1 - mixtureShare) / (1 - chance)),
    near: nearMiss,
  }
}
