/** What is kept of a value: undefined leaves it out. */
export type Shape = (value: unknown) => unknown

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Text up to `most` characters; longer text is left out, for half a name is another name. */
export const text =
  (most = 253): Shape =>
  value =>
    typeof value === 'string' && value.length <= most ? value : undefined

export const flag: Shape = value => (typeof value === 'boolean' ? value : undefined)

export const number: Shape = value =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined

/** A port by number or by name. */
export const port: Shape = value => number(value) ?? text(63)(value)

/** The first `most` elements that are of the shape. */
export const list =
  (shape: Shape, most: number): Shape =>
  value => {
    if (!Array.isArray(value)) return undefined
    const kept: unknown[] = []
    for (const element of value as readonly unknown[]) {
      if (kept.length === most) break
      const one = shape(element)
      if (one !== undefined) kept.push(one)
    }
    return kept
  }

/** The named fields that are of their shapes. An empty one stays: `podSelector: {}` chooses every pod. */
export const record =
  (fields: Readonly<Record<string, Shape>>): Shape =>
  value => {
    if (!isRecord(value)) return undefined
    const kept: [string, unknown][] = []
    for (const [name, shape] of Object.entries(fields)) {
      if (!Object.hasOwn(value, name)) continue
      const field = shape(value[name])
      if (field !== undefined) kept.push([name, field])
    }
    return Object.fromEntries(kept)
  }

/** Texts by name, the first `most` whose names are wanted. */
export const texts =
  (most: number, wanted: (name: string) => boolean = () => true, length = 253): Shape =>
  value => {
    if (!isRecord(value)) return undefined
    const kept: [string, string][] = []
    for (const [name, one] of Object.entries(value)) {
      if (kept.length === most) break
      if (typeof one === 'string' && one.length <= length && name.length <= 317 && wanted(name))
        kept.push([name, one])
    }
    return Object.fromEntries(kept)
  }
