import type { JsonObject } from './http.ts'

export type Level = 'loud' | 'medium' | 'stealthy'
export const levels: readonly Level[] = ['loud', 'medium', 'stealthy']
/** `setup`: legitimate in itself (own login, public list); neither hit nor false alarm. */
export type Outcome = 'success' | 'attempt' | 'setup'

export interface TruthCall {
  readonly attack: string
  readonly kind: string
  readonly outcome: Outcome
}

export interface TruthAttack {
  readonly id: string
  readonly kind: string
  readonly level: Level
  readonly app: string
  readonly title: string
  readonly owasp: readonly string[]
  /** Account ids whose credentials the attack carried, and what else it is known by. */
  readonly actors: readonly string[]
  readonly addresses: number
  readonly from: string
  readonly to: string
  readonly calls: number
  readonly setup: number
  readonly success: number
  readonly attempt: number
}

export interface TruthDeploy {
  readonly id: string
  readonly time: string
  readonly changes: readonly string[]
}

export interface Truth {
  readonly version: 1
  readonly app: string
  readonly seed: number
  readonly parameters: JsonObject
  readonly history: { readonly from: string; readonly to: string; readonly calls: number }
  readonly clean: { readonly from: string; readonly to: string; readonly calls: number }
  readonly attacked: { readonly from: string; readonly to: string; readonly calls: number }
  readonly deploys: readonly TruthDeploy[]
  readonly attacks: readonly TruthAttack[]
  readonly calls: Readonly<Record<string, TruthCall>>
}

/** One line of `access.jsonl.gz`: an object that a call looked up. */
export interface TruthAccess {
  readonly call: string
  /** The account whose credential the call carried. */
  readonly principal: string
  readonly object: string
  readonly owner: string | null
  readonly relation: 'own' | 'shared' | 'support' | 'foreign' | 'missing'
  readonly write: boolean
  readonly status: number
}
