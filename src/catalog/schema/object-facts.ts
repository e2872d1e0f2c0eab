import { keptWhole } from '../../kit/snapshot.ts'
import type { Neighbours } from '../data-classes/registry/neighbours.ts'
import type { FieldNode } from './field-node.ts'
import { FieldTable } from './field-table.ts'
import type { VariantFacts } from './variant-facts.ts'

/** What the objects of one place hold. */
export class ObjectFacts {
  table = new FieldTable()
  /** What stands under the keys of a map. */
  values: FieldNode | undefined
  /** True once an object's keys turned out to be values: from then on all of them are. */
  isMap = false
  variants: VariantFacts | undefined
  /** Names of the fields. */
  family: Neighbours | undefined
  /** Above 0: the objects are of the kind found that many nodes above, and learned there. */
  recursesTo = 0

  static {
    keptWhole(ObjectFacts, 'catalog/object-facts', 1)
  }
}
