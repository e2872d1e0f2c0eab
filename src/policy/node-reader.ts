import { isAlias, isMap, isScalar, isSeq, type LineCounter, type Node, type ParsedNode, Scalar } from 'yaml'
import { nearest } from '../kit/nearest.ts'
import type { PolicyProblem, SourcePosition } from './document.ts'

/** Reads YAML nodes into typed values and notes what is wrong with them and where. Never throws. */
export class NodeReader {
  readonly problems: PolicyProblem[] = []
  readonly #lines: LineCounter
  readonly #file: string
  readonly #source: string

  constructor(file: string, lines: LineCounter, source: string) {
    this.#file = file
    this.#lines = lines
    this.#source = source
  }

  /** Of a literal block, whose lines stand as they are: the column they begin at. */
  blockColumn(node: ParsedNode | null): number | undefined {
    if (!isScalar(node) || node.type !== Scalar.BLOCK_LITERAL) return undefined
    const [, ...lines] = this.#source.slice(node.range[0], node.range[1]).split('\n')
    const first = lines[0]
    return first === undefined || first.trim() === ''
      ? undefined
      : first.length - first.trimStart().length + 1
  }

  position(node: Node | null | undefined): SourcePosition {
    const { line, col } = this.#lines.linePos(node?.range?.[0] ?? 0)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }

  report(severity: 'error' | 'warning', message: string, at: SourcePosition, mend?: string): void {
    this.problems.push({
      severity,
      message,
      where: `${this.#file}:${at.line}:${at.column}`,
      line: at.line,
      column: at.column,
      ...(mend === undefined ? {} : { mend }),
    })
  }

  error(message: string, node: Node | null | undefined, mend?: string): undefined {
    this.report('error', message, this.position(node), mend)
    return undefined
  }

  /** The entries of a mapping; keys outside `allowed` are problems, with the nearest allowed one. */
  entries(
    node: unknown,
    what: string,
    allowed: readonly string[] | undefined,
    parent?: Node,
  ): Map<string, { key: Node; value: ParsedNode | null }> {
    const entries = new Map<string, { key: Node; value: ParsedNode | null }>()
    if (!isMap(node)) {
      this.error(`${what} must be a mapping.`, (node as Node | undefined) ?? parent)
      return entries
    }
    for (const pair of node.items) {
      const key = pair.key as Node
      if (!isScalar(key)) {
        this.error(`A key of ${what} must be plain text.`, key)
        continue
      }
      const name = String(key.value)
      if (allowed !== undefined && !allowed.includes(name)) {
        const meant = nearest(name, allowed)
        this.error(
          `Unknown key "${name}" in ${what}.`,
          key,
          meant === undefined ? `Known keys are ${allowed.join(', ')}.` : `Did you mean "${meant}"?`,
        )
        continue
      }
      entries.set(name, { key, value: this.#resolved(pair.value as ParsedNode | null) })
    }
    return entries
  }

  text(node: ParsedNode | null | undefined, what: string, parent?: Node): string | undefined {
    const scalar = this.#resolved(node ?? null)
    if (isScalar(scalar)) {
      if (typeof scalar.value === 'string' && scalar.value.trim() !== '') return scalar.value
      if (typeof scalar.value === 'number' || typeof scalar.value === 'boolean')
        return String(scalar.source ?? scalar.value)
    }
    return this.error(`${what} must be text.`, scalar ?? parent)
  }

  oneOf<Choice extends string>(
    node: ParsedNode | null,
    what: string,
    choices: readonly Choice[],
  ): Choice | undefined {
    const text = this.text(node, what)
    if (text === undefined) return undefined
    if ((choices as readonly string[]).includes(text)) return text as Choice
    const meant = nearest(text, choices)
    return this.error(
      `${what} is "${text}", which it cannot be.`,
      node,
      meant === undefined ? `It is one of ${choices.join(', ')}.` : `Did you mean "${meant}"?`,
    )
  }

  integer(node: ParsedNode | null, what: string, least: number, most: number): number | undefined {
    if (
      isScalar(node) &&
      typeof node.value === 'number' &&
      Number.isInteger(node.value) &&
      node.value >= least &&
      node.value <= most
    )
      return node.value
    return this.error(`${what} must be a whole number from ${least} to ${most}.`, node)
  }

  number(node: ParsedNode | null, what: string, least: number, most: number): number | undefined {
    if (isScalar(node) && typeof node.value === 'number' && node.value >= least && node.value <= most)
      return node.value
    return this.error(`${what} must be a number from ${least} to ${most}.`, node)
  }

  flag(node: ParsedNode | null, what: string): boolean | undefined {
    if (isScalar(node) && typeof node.value === 'boolean') return node.value
    return this.error(`${what} must be true or false.`, node)
  }

  texts(node: ParsedNode | null, what: string): string[] | undefined {
    if (!isSeq(node)) return this.error(`${what} must be a list.`, node, 'Write it as [a, b].')
    if (node.items.length > 1000) return this.error(`${what} has more than 1000 entries.`, node)
    const out: string[] = []
    for (const item of node.items) {
      const text = this.text(item as ParsedNode, `An entry of ${what}`, node)
      if (text !== undefined) out.push(text)
    }
    return out
  }

  items(node: ParsedNode | null, what: string): readonly ParsedNode[] {
    if (!isSeq(node)) {
      this.error(`${what} must be a list.`, node)
      return []
    }
    return node.items as ParsedNode[]
  }

  /** Any value as plain data, at most `depth` deep. */
  plain(node: ParsedNode | null, what: string, depth = 12): unknown {
    const resolved = this.#resolved(node)
    if (resolved === null) return null
    if (depth === 0) return this.error(`${what} is nested too deeply.`, resolved)
    if (isScalar(resolved))
      return typeof resolved.value === 'bigint' ? Number(resolved.value) : resolved.value
    if (isSeq(resolved)) return resolved.items.map(item => this.plain(item as ParsedNode, what, depth - 1))
    const out: [string, unknown][] = []
    for (const [name, { value }] of this.entries(resolved, what, undefined))
      out.push([name, this.plain(value, what, depth - 1)])
    return Object.fromEntries(out)
  }

  /** Aliases can make a short text expand without end; a policy has no use for them. */
  #resolved(node: ParsedNode | null): ParsedNode | null {
    if (!isAlias(node)) return node
    this.error('A policy cannot use YAML aliases.', node, 'Write the value out.')
    return null
  }
}

/** Whether a scalar's text starts right at its position (plain) or one column later (quoted on one line). */
export function scalarOffset(node: ParsedNode | null): { readonly offset: number; readonly inline: boolean } {
  if (!isScalar(node)) return { offset: 0, inline: false }
  if (node.type === Scalar.PLAIN) return { offset: 0, inline: true }
  if (node.type === Scalar.QUOTE_DOUBLE || node.type === Scalar.QUOTE_SINGLE)
    return { offset: 1, inline: true }
  return { offset: 0, inline: false }
}
