import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BoundedList } from './bounded-list.ts'
import { BoundedMap } from './bounded-map.ts'
import { RollingCount } from './rolling-count.ts'
import { become, freeze, kept, keptWhole, thaw } from './snapshot.ts'
import { Sprt } from './sprt.ts'

class Leaf {
  #value: number
  constructor(value: number) {
    this.#value = value
  }
  get value(): number {
    return this.#value
  }
  static {
    kept<Leaf, number>(Leaf, {
      name: 'test/leaf',
      version: 1,
      save: leaf => leaf.#value,
      make: value => new Leaf(value),
    })
  }
}

class Branch {
  #children = new Map<string, Branch | Leaf>()
  settledWith = -1
  add(name: string, child: Branch | Leaf): void {
    this.#children.set(name, child)
  }
  child(name: string): Branch | Leaf | undefined {
    return this.#children.get(name)
  }
  static {
    kept<Branch, { readonly children: Map<string, Branch | Leaf> }>(Branch, {
      name: 'test/branch',
      version: 1,
      save: branch => ({ children: branch.#children }),
      make: ({ children }) => {
        const branch = new Branch()
        branch.#children = children
        return branch
      },
      settle: (branch, { children }) => {
        branch.settledWith = children.size
      },
    })
  }
}

class Link {
  private readonly next: Link | undefined
  private back: Link | undefined
  private cache: (() => number) | undefined = () => 1
  constructor(next?: Link) {
    this.next = next
    if (next !== undefined) next.back = this
  }
  get length(): number {
    let length = 0
    for (let at: Link | undefined = this; at !== undefined; at = at.next) length += 1
    return length
  }
  get linked(): boolean {
    return this.next?.back === this && this.cache === undefined
  }
  static {
    keptWhole(Link, 'test/link', 1, { without: ['cache'] })
  }
}

class Stranger {
  readonly name = 'nobody registered this'
}

const again = <T>(value: T): T => thaw(freeze(value)) as T

describe('snapshot', () => {
  it('gives back plain data as it was', () => {
    fc.assert(
      fc.property(
        fc.anything({
          withMap: true,
          withSet: true,
          withTypedArray: true,
          withBigInt: true,
          withNullPrototype: true,
        }),
        value => {
          expect(again(value)).toStrictEqual(value)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('gives back names that look like machinery as data', () => {
    const held = JSON.parse('{"__proto__":{"admin":true},"constructor":1,"\\u0000kept":0}') as unknown
    const got = again(held) as Record<string, unknown>
    expect(Object.keys(got).sort()).toEqual(['\0kept', '__proto__', 'constructor'])
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
    expect(Object.getPrototypeOf(got)).toBe(Object.prototype)
  })

  it('keeps what is shared shared, and goes round cycles', () => {
    const leaf = new Leaf(7)
    const list: unknown[] = [leaf, leaf]
    list.push(list)
    const got = again(list)
    expect(got[0]).toBe(got[1])
    expect(got[2]).toBe(got)
    expect((got[0] as Leaf).value).toBe(7)
  })

  it('makes kept instances inside kept instances, round cycles through a container too', () => {
    const root = new Branch()
    const below = new Branch()
    root.add('below', below)
    below.add('leaf', new Leaf(3))
    below.add('root', root)
    const got = again({ root }).root
    expect(got.settledWith).toBe(1)
    const found = got.child('below') as Branch
    expect(found.settledWith).toBe(2)
    expect(found.child('root')).toBe(got)
    expect((found.child('leaf') as Leaf).value).toBe(3)
  })

  it('makes structures kept whole field by field, however long and round their chain', () => {
    let chain = new Link()
    for (let i = 1; i < 3_000; i += 1) chain = new Link(chain)
    const got = again([chain])[0] as Link
    expect(got).toBeInstanceOf(Link)
    expect(got.length).toBe(3_000)
    expect(got.linked).toBe(true)
  })

  it('lets one that is held on to become what was kept', () => {
    const held = new Link()
    become(held, again([new Link(new Link())])[0] as Link)
    expect(held.length).toBe(2)
    expect(() => become(new Leaf(1), new Leaf(2))).toThrow('Only structures kept whole')
  })

  it('keeps instances as keys of maps and members of sets', () => {
    const leaf = new Leaf(1)
    const got = again({ map: new Map([[leaf, 'a']]), set: new Set([leaf]) })
    const [key] = got.map.keys()
    expect(key).toBeInstanceOf(Leaf)
    expect(got.set.has(key as Leaf)).toBe(true)
  })

  it('refers to what it does not hold by name', () => {
    const service = { ask: () => 1 }
    const bytes = freeze({ a: service, b: [service] }, new Map([['service', service]]))
    const other = { ask: () => 2 }
    const got = thaw(bytes, new Map([['service', other]])) as { a: unknown; b: unknown[] }
    expect(got.a).toBe(other)
    expect(got.b[0]).toBe(other)
    expect(() => thaw(bytes)).toThrow('it refers to service, which there is not')
  })

  it('names the place of what cannot be kept', () => {
    expect(() => freeze({ a: { b: [() => 1] } })).toThrow('A function cannot be kept, at state.a.b[].')
    expect(() => freeze(new Map([['x', new Stranger()]]))).toThrow(
      'An instance of Stranger cannot be kept, at state.value.',
    )
  })

  it('refuses damaged bytes and other formats with one error', () => {
    const bytes = freeze({ leaf: new Leaf(1) })
    for (let cut = 0; cut < bytes.length; cut += 1) {
      try {
        thaw(bytes.subarray(0, cut))
      } catch (error) {
        expect(error).toMatchObject({ code: 'store/corrupt' })
      }
    }
    expect(() => thaw(new Uint8Array([1, 2, 3]))).toThrow('cannot be used')
  })

  it('continues each structure as if nothing had happened', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { minLength: 1, maxLength: 200 }), fc.nat(200), (values, cut) => {
        const run = (interrupted: boolean) => {
          let state = {
            map: new BoundedMap<number, number>(8),
            list: new BoundedList<number>(10),
            count: new RollingCount(5, 10),
            test: new Sprt(),
          }
          let time = 0
          const told: unknown[] = []
          for (const [index, value] of values.entries()) {
            if (interrupted && index === cut) state = again(state)
            time += value
            state.map.set(value, index)
            state.map.get(value + 1)
            state.list.add(value)
            told.push(state.count.add(time), state.test.add(value > 20, 0.1, 0.6), state.test.score)
          }
          return [told, [...state.map.entries()], state.map.evicted, state.list.toArray(), state.list.dropped]
        }
        expect(run(true)).toEqual(run(false))
      }),
    )
  })
})
