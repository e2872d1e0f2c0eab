import { memoOf } from '../../kit/memo.ts'
import { charactersOf, RequiredCharacters } from '../../kit/required-characters.ts'

export const payloadKinds = [
  'sql-injection',
  'xss',
  'command-injection',
  'path-traversal',
  'template-injection',
  'nosql-injection',
  'ldap-injection',
  'xxe',
  'ssrf',
  'jndi',
  'prototype-pollution',
  'deserialisation',
  'crlf-injection',
  'mail-injection',
  'php-injection',
  'java-injection',
  'node-injection',
  'ssi-injection',
  'xpath-injection',
  'file-inclusion',
  'file-upload',
  'session-fixation',
  'sensitive-file',
  'graphql-introspection',
  'fuzz',
  'scanner',
] as const
export type PayloadKind = (typeof payloadKinds)[number]

/** What was recognised in one value. */
export interface PayloadHit {
  readonly kind: PayloadKind
  /** Which construct, e.g. `union-select`. Stable: shown as evidence. */
  readonly rule: string
  /**
   * 0 to 1: how rarely this construct is anything but an attack. Below one half it is a sign that takes something else (the field's
   * model, the answer) to count.
   */
  readonly confidence: number
}

/** One language that an attacker smuggles into a value, and how it is recognised. */
export interface PayloadGrammar {
  readonly kind: PayloadKind
  /** Lower-case literals; `inspect` is called only where at least one occurs. */
  readonly triggers: readonly string[]
  /** Also called for every value of at least so many characters. */
  readonly longFrom?: number
  /** Linear in the value's length; `lower` is the value in lower case. */
  inspect(value: string, lower: string): PayloadHit | undefined
  readonly examples: { readonly hits: readonly string[]; readonly misses: readonly string[] }
}

/** `[rule, confidence, pattern]`, strongest first; patterns are linear. */
export type PatternRule = readonly [rule: string, confidence: number, pattern: RegExp]

const needsOf = memoOf((rules: readonly PatternRule[]) =>
  rules.map(([, , pattern]) => new RequiredCharacters(pattern)),
)
const present = new Int32Array(4)
let presentIn: string | undefined

/** The first rule whose pattern occurs. A pattern is only run on a text that holds the characters it takes. */
export function firstMatch(
  kind: PayloadKind,
  rules: readonly PatternRule[],
  text: string,
): PayloadHit | undefined {
  const needs = needsOf(rules)
  // The grammars ask of the same text one after the other.
  if (text !== presentIn) {
    charactersOf(text, present)
    presentIn = text
  }
  for (let index = 0; index < rules.length; index += 1) {
    if (!needs[index]!.mayBeIn(present)) continue
    const [rule, confidence, pattern] = rules[index]!
    if (pattern.test(text)) return { kind, rule, confidence }
  }
  return undefined
}
