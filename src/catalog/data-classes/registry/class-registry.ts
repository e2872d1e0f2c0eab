import type { DataClassDefinition, ValueShape } from '../../data-class.ts'
import { cueWords } from '../reference/cue-words.ts'
import { Reading } from './reading.ts'

/** What a field's name says about the classes. Shared by all fields of that name. */
export interface NamePlan {
  /** Classes that the name hints at, strongly or beside the right neighbours. */
  readonly named: readonly Reading[]
  /** Classes not to be read blindly: those above, and those the name rules out. */
  readonly excluded: ReadonlySet<DataClassDefinition> | undefined
  /** True where the name says that this is something of the application's own: an order, a version, a time. */
  readonly against: boolean
  /** What the name says to its neighbours: ids of the classes it names, and cues. */
  readonly cues: readonly string[]
}

/** Words that say "this is something of ours, not of a person". */
const against = new Set(
  (
    'id order tracking sku hash timestamp version time created updated count amount total serial ' +
    'barcode ean isbn gtin upc etag checksum digest nonce transaction reference ts offset size ' +
    'invoice parcel shipment sequence commit build revision at epoch batch lot article product ' +
    'bestellnummer auftragsnummer rechnungsnummer artikelnummer kundennummer sendungsnummer ' +
    'vorgangsnummer pedido factura albaran commande facture ordine fattura encomenda zamowienie ' +
    'faktura bestelling factuur tilaus ordernummer fakturanummer datum fecha'
  ).split(' '),
)
const maxPlans = 10_000
const longest = 64
const shapes: readonly ValueShape[] = ['digits', 'code', 'text']
const none: readonly Reading[] = []

/** Words of a field name: `cardNumber`, `card_number`, `CARDNumber` and `card-number` are `card number`. */
export function wordsOf(name: string): string {
  return name
    .slice(0, 128)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .replace(/[^A-Za-z0-9]+/g, ' ')
    .trim()
    .toLowerCase()
}

/** A set of data classes, prepared for telling them apart quickly: by the field's name, and by outer form and length. */
export class ClassRegistry {
  readonly definitions: readonly DataClassDefinition[]
  readonly #byId: ReadonlyMap<string, DataClassDefinition>
  readonly #named: ReadonlyMap<DataClassDefinition, Reading>
  readonly #weak: ReadonlyMap<DataClassDefinition, Reading>
  /** Classes to try where the name says nothing, by shape and by length up to `longest`. */
  readonly #blind: ReadonlyMap<ValueShape, readonly (readonly Reading[])[]>
  /** A cache of a pure function; emptied when full. */
  readonly #plans = new Map<string, NamePlan>()

  constructor(definitions: readonly DataClassDefinition[]) {
    this.definitions = definitions
    this.#byId = new Map(definitions.map(definition => [definition.id, definition]))
    this.#named = new Map(definitions.map(definition => [definition, new Reading(definition, 'named')]))
    this.#weak = new Map(definitions.map(definition => [definition, new Reading(definition, 'weak')]))
    const blind = definitions
      .filter(({ needsName }) => !needsName)
      .map(definition => new Reading(definition, 'blind'))
    this.#blind = new Map(
      shapes.map(shape => [
        shape,
        Array.from({ length: longest + 1 }, (_, length) =>
          blind.filter(reading =>
            length < longest
              ? reading.fits(shape, length)
              : reading.definition.lengths[1] >= longest && reading.definition.shapes.includes(shape),
          ),
        ),
      ]),
    )
  }

  get(id: string): DataClassDefinition | undefined {
    return this.#byId.get(id)
  }

  /** What learned evidence refers to, by names that stay as long as the classes do: see `kit/snapshot.ts`. */
  externals(): ReadonlyMap<string, object> {
    const named = new Map<string, object>([['data-classes', this]])
    for (const definition of this.definitions) named.set(`data-class:${definition.id}`, definition)
    for (const readings of [this.#named.values(), this.#weak.values(), new Set(this.#everyBlind())])
      for (const reading of readings)
        named.set(`data-class:${reading.definition.id}:${reading.says}`, reading)
    return named
  }

  *#everyBlind(): Generator<Reading> {
    for (const byLength of this.#blind.values()) for (const readings of byLength) yield* readings
  }

  /** Classes that a value of this form may belong to whatever its field is called. */
  blind(shape: ValueShape, length: number): readonly Reading[] {
    return this.#blind.get(shape)?.[Math.min(length, longest)] ?? none
  }

  planFor(name: string): NamePlan {
    const cached = this.#plans.get(name)
    if (cached !== undefined) return cached
    const plan = this.#plan(name)
    if (this.#plans.size >= maxPlans) this.#plans.clear()
    this.#plans.set(name, plan)
    return plan
  }

  #plan(name: string): NamePlan {
    const plain = wordsOf(name)
    const words = ` ${plain} `
    const single = new Set(plain.split(' '))
    const joined = plain.replaceAll(' ', '')
    const named: Reading[] = []
    const excluded = new Set<DataClassDefinition>()
    const cues = new Set<string>()
    let hinted = false
    for (const definition of this.definitions) {
      if (definition.never?.some(word => single.has(word)) === true) {
        excluded.add(definition)
        continue
      }
      const says = definition.names.some(
        wanted => words.includes(` ${wanted} `) || joined === wanted.replaceAll(' ', ''),
      )
      const maySay = !says && definition.weakNames?.some(wanted => plain === wanted) === true
      if (!says && !maySay) continue
      excluded.add(definition)
      named.push((says ? this.#named : this.#weak).get(definition)!)
      if (!says) continue
      hinted = true
      cues.add(definition.id)
    }
    for (const word of single) {
      const cue = cueWords.get(word)
      if (cue !== undefined) cues.add(cue)
    }
    return {
      named,
      excluded: excluded.size === 0 ? undefined : excluded,
      against: !hinted && [...single].some(word => against.has(word)),
      cues: [...cues],
    }
  }
}
