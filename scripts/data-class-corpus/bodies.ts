import type { Json } from '../../src/call/content.ts'
import { Random } from '../catalog-traffic/random.ts'
import { harmless, type Kind, personal } from './kinds.ts'

export interface Placed {
  readonly kind: Kind
  readonly name: string
}

/** An operation whose bodies hold some fields, the same in each: some at the top, some in objects, lists and maps. */
export interface BodySample {
  readonly naming: 'honest' | 'neutral'
  /** By the name of the field, which occurs once in a sample. */
  readonly fields: ReadonlyMap<string, Kind>
  readonly bodies: readonly Json[]
}

const neutralNames =
  'v val value data field item f1 f2 f3 field1 field2 x1 attr col key1 param content text raw k'.split(' ')
const bodyCount = 40

type Nest = 'flat' | 'object' | 'list' | 'map'

function nested(nest: Nest, make: () => Json, random: Random): Json {
  if (nest === 'flat') return make()
  if (nest === 'object') return { meta: { page: random.below(9) }, result: make() }
  if (nest === 'list')
    return { items: Array.from({ length: 1 + random.below(3) }, make), total: random.below(99) }
  const entries: Record<string, Json> = {}
  for (let count = 1 + random.below(3); count > 0; count -= 1) entries[`e${random.below(10_000)}`] = make()
  return { entries }
}

/** Samples of both namings; half of the fields are look-alikes. The same seed makes the same samples. */
export function samplesOf(seed: string, count: number): readonly BodySample[] {
  const samples: BodySample[] = []
  for (let index = 0; index < count; index += 1) {
    const random = new Random(`${seed} ${index}`)
    const naming = index % 2 === 0 ? 'honest' : 'neutral'
    const truths = naming === 'neutral' ? personal.filter(({ needsName }) => needsName !== true) : personal
    const fields = new Map<string, Kind>()
    const sources = new Map<string, () => Json>()
    const extra = new Set<string>()
    const wanted = 4 + random.below(4)
    for (let tries = 0; fields.size < wanted && tries < 50; tries += 1) {
      const kind = random.pick(fields.size % 2 === 0 ? truths : harmless)
      const name = naming === 'honest' ? random.pick(kind.names) : random.pick(neutralNames)
      if (fields.has(name) || extra.has(name)) continue
      fields.set(name, kind)
      sources.set(name, kind.source(random))
      if (naming === 'honest') for (const beside of kind.beside ?? []) extra.add(beside)
    }
    for (const name of fields.keys()) extra.delete(name)
    const make = (): Json => {
      const body: Record<string, Json> = {}
      for (const [name, source] of sources) if (random.next() > 0.05) body[name] = source()
      for (const name of extra) body[name] = null
      return body
    }
    const nest = random.pick<Nest>(['flat', 'object', 'list', 'map'])
    samples.push({
      naming,
      fields,
      bodies: Array.from({ length: bodyCount }, () => nested(nest, make, random)),
    })
  }
  return samples
}
