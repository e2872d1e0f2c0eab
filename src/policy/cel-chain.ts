import type { ASTNode } from '@marcbachmann/cel-js'
import { factFields, flowRoot } from './fact-fields.ts'

type Root = keyof typeof factFields | typeof flowRoot

const isRoot = (name: string): name is Root => name === flowRoot || Object.hasOwn(factFields, name)

/** Names that list macros gave to elements, each with the member chain of its element. */
export type ElementNames = ReadonlyMap<string, readonly string[]>

/**
 * The names of a member chain from a root, with `[]` where an index is no text; undefined of anything else.
 *
 * @param elements names within a list macro, which are chains too
 */
export function chainOf(node: ASTNode, elements?: ElementNames): string[] | undefined {
  if (node.op === 'id') {
    const element = elements?.get(node.args)
    if (element !== undefined) return [...element]
    return isRoot(node.args) ? [node.args] : undefined
  }
  if (node.op === '.') {
    const before = chainOf(node.args[0], elements)
    before?.push(node.args[1])
    return before
  }
  if (node.op !== '[]') return undefined
  const before = chainOf(node.args[0], elements)
  const index = node.args[1]
  before?.push(index.op === 'value' && typeof index.args === 'string' ? index.args : '[]')
  return before
}

const isNode = (value: unknown): value is ASTNode =>
  typeof value === 'object' && value !== null && 'op' in value && 'args' in value

/** The nodes right below one. */
export function children(node: ASTNode): ASTNode[] {
  const found: ASTNode[] = []
  const walk = (value: unknown): void => {
    if (isNode(value)) found.push(value)
    else if (Array.isArray(value)) for (const item of value) walk(item)
  }
  walk(node.args)
  return found
}
