import { compilePolicies } from '../policy/compile.ts'
import { factFields } from '../policy/fact-fields.ts'
import type { PolicyFacts } from '../policy/facts.ts'
import type { StoredCall } from '../store/ports/call-store.ts'
import type { DecisionRecord } from '../store/ports/state-store.ts'
import { asMet, type SimulationContext } from './policy-service.ts'

/** A policy's condition, and what it read of one call. */
export interface DecisionWhy {
  readonly condition?: string
  readonly facts: readonly { readonly name: string; readonly value: string }[]
}

const mostFacts = 40
const longestValue = 200

/**
 * What the condition of the decision's policy read of the call, by its recording and with what is known now: what was counted at that
 * moment is not kept. Bodies, headers, queries and claims are named but not shown: they may carry secrets, and the call itself masks them.
 *
 * @param source The policy as it stood then.
 */
export async function decisionWhy(
  source: string,
  { policy: name, phase }: Pick<DecisionRecord, 'policy' | 'phase'>,
  stored: StoredCall,
  context: SimulationContext,
): Promise<DecisionWhy> {
  const { policies } = compilePolicies([{ name: 'policy', source, version: 1 }])
  const policy = policies.find(one => one.document.name === name)
  if (policy === undefined) return { facts: [] }
  const condition = policy.document.when?.text
  for await (const met of asMet(source, only(stored), context)) {
    const facts = phase === 'response' ? (met.response ?? met.request) : met.request
    return {
      ...(condition === undefined ? {} : { condition }),
      facts: [...policy.variables]
        .sort()
        .slice(0, mostFacts)
        .flatMap(variable => readFact(facts, variable) ?? []),
    }
  }
  return { facts: [] }
}

async function* only(stored: StoredCall): AsyncGenerator<StoredCall> {
  yield stored
}

const types: Readonly<Record<string, Readonly<Record<string, string>>>> = factFields
const shown: ReadonlySet<string> = new Set(['string', 'double', 'bool', 'list<string>'])

function readFact(facts: PolicyFacts, name: string): { name: string; value: string } | undefined {
  const [root = '', field = ''] = name.split('.')
  const type = types[root]?.[field]
  if (type === undefined) return undefined
  if (!shown.has(type)) return { name, value: 'see the call' }
  const part = facts[root as keyof PolicyFacts] as Readonly<Record<string, unknown>> | undefined
  const value = part?.[field]
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'not known')
  return { name, value: text.length > longestValue ? `${text.slice(0, longestValue)}…` : text }
}
