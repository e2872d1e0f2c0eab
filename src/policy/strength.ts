import { actionTypes, type PolicyAction } from './facts.ts'

const strengths: ReadonlyMap<string, number> = new Map(
  actionTypes.map((type, index) => [type, actionTypes.length - index]),
)

/** How strong an action is: the higher goes first. */
export const strengthOf = (type: PolicyAction['type']): number => strengths.get(type) ?? 0

/** What decides of two policies which goes first. */
export interface Ranked {
  readonly type: PolicyAction['type']
  readonly priority: number
  readonly name: string
}

/** The strongest action first, of equal ones the higher priority, then by name. */
export const byRank = (a: Ranked, b: Ranked): number =>
  strengthOf(b.type) - strengthOf(a.type) || b.priority - a.priority || (a.name < b.name ? -1 : 1)
