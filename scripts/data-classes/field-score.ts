import { Neighbours } from '../../src/catalog/data-classes/registry/neighbours.ts'
import { standardClasses } from '../../src/catalog/data-classes/registry/standard.ts'
import { FieldEvidence } from '../../src/catalog/schema/field-evidence.ts'
import type { GeneratedField } from './generated-fields.ts'

export interface ClassScore {
  readonly dataClass: string
  readonly truePositives: number
  readonly falsePositives: number
  readonly falseNegatives: number
  readonly precision: number
  readonly recall: number
}

export interface FieldMistake {
  readonly kind: string
  readonly naming: string
  readonly name: string
  readonly truth: string
  readonly label: string
}

/** What the classifier makes of a field, its siblings' names known to it. */
export function labelOf({ name, siblings, values }: GeneratedField): string | undefined {
  const neighbours = new Neighbours()
  for (const sibling of [name, ...siblings]) neighbours.add(standardClasses.planFor(sibling))
  const evidence = new FieldEvidence(name, neighbours)
  for (const value of values) {
    if (typeof value === 'number') evidence.addNumber(value)
    else evidence.add(value)
  }
  return evidence.label()
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 1 : part / whole)

/** Precision and recall per class, over all of them (`all`), and what was got wrong. */
export function scoreFields(fields: readonly GeneratedField[]): {
  readonly classes: readonly ClassScore[]
  readonly mistakes: readonly FieldMistake[]
} {
  const counts = new Map<string, { tp: number; fp: number; fn: number }>()
  const of = (id: string): { tp: number; fp: number; fn: number } => {
    const known = counts.get(id) ?? { tp: 0, fp: 0, fn: 0 }
    counts.set(id, known)
    return known
  }
  const mistakes: FieldMistake[] = []
  const all = { tp: 0, fp: 0, fn: 0 }
  for (const field of fields) {
    const label = labelOf(field)
    const { truth } = field
    if (label === truth) {
      if (truth === undefined) continue
      of(truth).tp += 1
      all.tp += 1
      continue
    }
    if (label !== undefined) {
      of(label).fp += 1
      all.fp += 1
    }
    if (truth !== undefined) {
      of(truth).fn += 1
      all.fn += 1
    }
    mistakes.push({
      kind: field.kind,
      naming: field.naming,
      name: field.name,
      truth: truth ?? 'none',
      label: label ?? 'none',
    })
  }
  const score = (dataClass: string, { tp, fp, fn }: { tp: number; fp: number; fn: number }): ClassScore => ({
    dataClass,
    truePositives: tp,
    falsePositives: fp,
    falseNegatives: fn,
    precision: ratio(tp, tp + fp),
    recall: ratio(tp, tp + fn),
  })
  return {
    classes: [
      ...[...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, count]) => score(id, count)),
      score('all', all),
    ],
    mistakes,
  }
}
