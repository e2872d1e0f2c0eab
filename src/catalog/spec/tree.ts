/** A document as parsed, nothing assumed about it. */
export type Tree = { readonly [key: string]: unknown }

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An own property; never one of a prototype. */
export const get = (value: unknown, key: string): unknown =>
  isTree(value) && Object.hasOwn(value, key) ? value[key] : undefined

export const treeAt = (value: unknown, key: string): Tree | undefined => {
  const found = get(value, key)
  return isTree(found) ? found : undefined
}

export const listAt = (value: unknown, key: string): readonly unknown[] => {
  const found = get(value, key)
  return Array.isArray(found) ? found : []
}

export const textAt = (value: unknown, key: string): string | undefined => {
  const found = get(value, key)
  return typeof found === 'string' ? found : typeof found === 'number' ? String(found) : undefined
}

export const pointerOf = (...path: readonly string[]): string =>
  path.map(part => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
