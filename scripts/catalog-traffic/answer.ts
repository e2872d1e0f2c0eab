import type { Json } from '../../src/call/content.ts'
import { get, type Tree, treeAt } from '../../src/catalog/spec/tree.ts'
import { flat, resolve } from '../drift/raw-schema.ts'
import { Random } from './random.ts'

const maxDepth = 4
const maxProperties = 40

/** Schema of an operation's first successful JSON answer. */
export function answerSchema(root: Tree, operation: unknown): unknown {
  const responses = treeAt(operation, 'responses')
  const status = Object.keys(responses ?? {}).find(key => key.startsWith('2'))
  const content = status === undefined ? undefined : treeAt(resolve(root, get(responses, status)), 'content')
  const media = Object.keys(content ?? {}).find(key => key.includes('json'))
  return media === undefined ? undefined : get(get(content, media), 'schema')
}

/** A value of a schema. Which optional properties an answer has depends on the place (most always there) and on chance. */
export function sampleOf(root: Tree, schema: unknown, random: Random, place: string, depth = 0): Json {
  const { type, words, properties, required, items, format } = flat(root, schema)
  if (words !== undefined && words.length > 0) return random.pick(words)
  if (type === 'array' || (items !== undefined && type === undefined)) {
    if (depth >= maxDepth) return []
    return Array.from({ length: random.below(4) }, () =>
      sampleOf(root, items, random, `${place}[]`, depth + 1),
    )
  }
  if (type === 'object' || properties.size > 0) {
    const object: Record<string, Json> = {}
    if (depth >= maxDepth) return object
    for (const [name, property] of [...properties].slice(0, maxProperties)) {
      const here = `${place}.${name}`
      const share = new Random(here).next() < 0.75 ? 0.97 : 0.4
      if (required.has(name) || random.next() < share)
        object[name] = sampleOf(root, property, random, here, depth + 1)
    }
    return object
  }
  if (type === 'integer') return random.below(10_000)
  if (type === 'number') return random.below(100_000) / 100
  if (type === 'boolean') return random.below(2) === 0
  if (format === 'date-time') return new Date(1_750_000_000_000 + random.below(1e9)).toISOString()
  return `text ${random.below(1_000)}`
}
