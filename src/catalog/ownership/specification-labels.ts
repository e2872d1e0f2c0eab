import { get, isTree, listAt, type Tree } from '../spec/tree.ts'
import type { SpecificationLabel, SpecificationLabels } from './labeller.ts'

/** Tags of one operation, and characters of one value. */
const maxTags = 20
const maxText = 80

type Property = keyof SpecificationLabels

/** Extensions by what they say, the plainest first: those in use with OpenAPI, and the words of Backstage's `spec`. */
const extensions: Readonly<Record<Property, readonly string[]>> = {
  // Our own export's names first: what was exported comes back as it was.
  owner: [
    'x-sallyport-owner',
    'x-owner',
    'x-team',
    'x-service-owner',
    'x-api-owner',
    'x-owner-team',
    'x-owning-team',
  ],
  environment: ['x-sallyport-environment', 'x-environment', 'x-env', 'x-stage'],
  group: [
    'x-sallyport-group',
    'x-group',
    'x-system',
    'x-domain',
    'x-product',
    'x-application',
    'x-service',
    'x-service-name',
  ],
}
const backstage: Readonly<Record<Property, readonly string[]>> = {
  owner: ['owner'],
  environment: [],
  group: ['system', 'domain'],
}
/** Keys under which an owner or a group is an object with a name. */
const names = ['name', 'team', 'id', 'email']

/**
 * What an OpenAPI document says of who answers for an operation: its tags, and `x-owner` and the like on the operation, its path,
 * `info` or the document, the nearest first; there also `x-backstage: { owner, system }`.
 */
export function ownershipOf(
  operation: unknown,
  pathItem: unknown,
  document: unknown,
): { readonly tags?: readonly string[]; readonly labels?: SpecificationLabels } {
  const tags = listAt(operation, 'tags')
    .filter(tag => typeof tag === 'string')
    .map(tag => tag.trim().slice(0, maxText))
    .filter(tag => tag !== '')
  const holders = [
    [operation, 'the operation'],
    [pathItem, 'its path'],
    [get(document, 'info'), 'the document'],
    [document, 'the document'],
  ] as const
  const labels: { -readonly [Key in Property]?: SpecificationLabel } = {}
  for (const property of ['owner', 'environment', 'group'] as const) {
    const found = holders
      .values()
      .map(([holder, where]) => labelIn(holder, where, property))
      .find(label => label !== undefined)
    if (found !== undefined) labels[property] = found
  }
  return {
    ...(tags.length === 0 ? {} : { tags: [...new Set(tags)].slice(0, maxTags) }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
  }
}

function labelIn(holder: unknown, where: string, property: Property): SpecificationLabel | undefined {
  if (!isTree(holder)) return undefined
  for (const key of extensions[property]) {
    const value = textOf(get(holder, key))
    if (value !== undefined) return { value, why: `${key} of ${where}` }
  }
  const annotated = get(holder, 'x-backstage')
  for (const key of backstage[property]) {
    const value = textOf(get(annotated, key))
    if (value !== undefined) return { value, why: `x-backstage.${key} of ${where}` }
  }
  return undefined
}

/** A text, or the name of what is described: `{ name: payments, slack: '#pay' }`. Backstage's `group:default/payments` is `payments`. */
function textOf(value: unknown): string | undefined {
  if (isTree(value)) return nameIn(value)
  if (typeof value !== 'string') return undefined
  const text = value.trim().replace(/^(?:group|user|system|domain):(?:[\w.-]{1,63}\/)?/, '')
  return text === '' || text.length > maxText ? undefined : text
}

function nameIn(tree: Tree): string | undefined {
  for (const key of names) {
    const value = get(tree, key)
    if (typeof value === 'string') return textOf(value)
  }
  return undefined
}
