import type { DataField } from '../endpoint.ts'

/** Places of a message that carry a class of data, by the names that `DataField` gives them. */
export class ClassedFields {
  readonly anywhere: boolean
  readonly #classes = new Map<string, string>()
  /** Every place on the way to one. */
  readonly #ways = new Set<string>([''])
  readonly #lastNames = new Map<string, string>()

  /** @param anywhere its places are not those of the message: a field of that name has the class wherever it stands */
  constructor(fields: readonly DataField[], side: DataField['side'], anywhere = false) {
    this.anywhere = anywhere
    for (const { side: its, field, dataClass } of fields) {
      if (its !== side) continue
      if (!this.#classes.has(field)) this.#classes.set(field, dataClass)
      this.#ways.add(field)
      for (let index = 0; index < field.length; index += 1)
        if (field[index] === '.' || field[index] === '[') this.#ways.add(field.slice(0, index))
      const name = (/[^.:[\]*]{1,128}$/.exec(field.replace(/(?:\[\]|\.\*)*$/, ''))?.[0] ?? '').toLowerCase()
      if (name !== '') this.#lastNames.set(name, dataClass)
    }
  }

  /** The places that a key below these can be: by its own name, or as an entry of a map. Few: only ways to a class. */
  under(places: readonly string[], key: string): readonly string[] {
    return places
      .flatMap(place => (place === '' ? [key, '*'] : [`${place}.${key}`, `${place}.*`]))
      .filter(place => this.#ways.has(place))
  }

  items(places: readonly string[]): readonly string[] {
    return places.map(place => `${place}[]`).filter(place => this.#ways.has(place))
  }

  /** @param name the key that the value stands under */
  classOf(places: readonly string[], name: string): string | undefined {
    for (const place of places) {
      const found = this.#classes.get(place === '' ? '$' : place)
      if (found !== undefined) return found
    }
    return this.anywhere ? this.named(name) : undefined
  }

  /** Of a parameter: `path:orderId`, `query:q`, `header:x-tenant`, whether it comes once or several times. */
  ofParameter(place: string): string | undefined {
    return this.#classes.get(place) ?? this.#classes.get(`${place}[]`)
  }

  /** Where the place is not known, only a name beside the value: any field of that name. */
  named(name: string): string | undefined {
    return this.#lastNames.get(name.toLowerCase())
  }
}
