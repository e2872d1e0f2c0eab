import { deserialize, serialize } from 'node:v8'
import { SallyportError } from './error.ts'

/**
 * State that outlives the process. Two conventions carry it:
 *
 * - A **component** that is built with options and services (a detector, the catalog) has `save(): unknown` and
 *   `load(saved: unknown): void`; `load` is called once, on a fresh instance that was built with the same options.
 * - A **structure** that lives inside state (a bounded map, a sketch) registers its class with `kept`, so that it can
 *   stand anywhere in what a component saves.
 *
 * `save` gives plain data: primitives, arrays, plain objects, `Map`, `Set`, typed arrays and kept structures. What is shared
 * in it stays shared, and order is kept. It may give its live containers: `freeze` only reads them.
 */
export interface Component {
  save(): unknown
  load(saved: unknown): void
}

/** How instances of one class are saved and made again, said by hand. */
export interface Keeping<Instance extends object, Saved = unknown> {
  /** Unique over the product, e.g. `kit/bounded-map`. */
  readonly name: string
  /** Raised whenever the shape of `Saved` changes: a snapshot of another version is refused. */
  readonly version: number
  save(instance: Instance): Saved
  /**
   * A new instance. Containers in `saved` (arrays, objects, maps, sets, structures kept whole) are the ones that will be
   * filled afterwards: hold on to them, do not read them yet.
   */
  make(saved: Saved): Instance
  /** Called once everything is filled, for what must read its containers. */
  settle?(instance: Instance, saved: Saved): void
}

type AnyKeeping = Keeping<object, unknown> & { readonly whole?: Whole }

interface Whole {
  readonly prototype: object
  readonly without: ReadonlySet<string>
}
const byPrototype = new Map<object, AnyKeeping>()
const byName = new Map<string, AnyKeeping>()

/**
 * Registers a class; call it in the class's own static block, where private fields are in reach.
 * @throws SallyportError `internal/defect` when the name is taken
 */
export function kept<Instance extends object, Saved>(
  type: { readonly prototype: Instance },
  keeping: Keeping<Instance, Saved>,
): void {
  register(type.prototype, keeping as unknown as AnyKeeping)
}

/**
 * Registers a class whose instances are what their fields hold: saved and made again field by field, without its
 * constructor. Its members are TypeScript's `private`, not `#private`, which only a constructor can make.
 * @param without Fields that are left out, such as caches and services; they are undefined until `settle` or the holder sets them.
 */
export function keptWhole<Instance extends object>(
  type: { readonly prototype: Instance },
  name: string,
  version: number,
  { without = [], settle }: { readonly without?: readonly string[]; settle?(instance: Instance): void } = {},
): void {
  register(type.prototype, {
    name,
    version,
    save: instance => instance,
    make: saved => saved as object,
    ...(settle === undefined ? {} : { settle: instance => settle(instance as Instance) }),
    whole: { prototype: type.prototype, without: new Set(without) },
  })
}

/** Gives an instance of a class that is kept whole what another one holds: for one that others hold on to already. */
export function become<Instance extends object>(target: Instance, source: Instance): void {
  const { whole } = byPrototype.get(Object.getPrototypeOf(target) as object) ?? {}
  if (whole === undefined)
    throw new SallyportError('internal/defect', 'Only structures kept whole can become another.')
  for (const [name, held] of Object.entries(source))
    if (!whole.without.has(name)) (target as Record<string, unknown>)[name] = held
}

function register(prototype: object, keeping: AnyKeeping): void {
  if (byName.has(keeping.name))
    throw new SallyportError('internal/defect', `Two classes are kept as ${keeping.name}.`)
  byPrototype.set(prototype, keeping)
  byName.set(keeping.name, keeping)
}

const format = 1

/** Objects without a prototype: serialisation would give them one. */
const bare: AnyKeeping = {
  name: 'bare-object',
  version: 1,
  save: object => ({ ...object }),
  make: saved => Object.setPrototypeOf(saved, null) as object,
}
byName.set(bare.name, bare)

/** What stands for an external: its name. Resolved before anything is made. */
const external: AnyKeeping = {
  name: 'external',
  version: 1,
  save: () => undefined,
  make: () => {
    throw new SallyportError('internal/defect', 'An external is not made.')
  },
}
byName.set(external.name, external)

interface Frozen {
  readonly format: number
  /** Kept classes that occur, `[name, version]`. */
  readonly classes: readonly (readonly [string, number])[]
  /** Instances in the order they were met: index of the class, and what it saved. */
  readonly instances: readonly (readonly [number, unknown])[]
  readonly root: unknown
}

/** What state refers to and does not hold: services and tables of the program itself, by a name that stays. */
export type Externals = ReadonlyMap<string, object>

/**
 * @param externals Objects that are written as their names.
 * @returns Bytes that `thaw` turns into an equal value.
 * @throws SallyportError `internal/defect` naming the place of something that cannot be kept (a function, an instance of a class
 *   that is not registered)
 */
export function freeze(value: unknown, externals: Externals = new Map()): Uint8Array {
  return serialize(new Freezer(externals).freeze(value))
}

/**
 * @param externals The objects that stand for the names now.
 * @throws SallyportError `store/corrupt` when the bytes are no snapshot, or one of a program whose structures or names differ
 */
export function thaw(bytes: Uint8Array, externals: Externals = new Map()): unknown {
  let frozen: Frozen
  try {
    frozen = deserialize(bytes) as Frozen
  } catch (cause) {
    throw unreadable('it is damaged', cause)
  }
  if (frozen === null || typeof frozen !== 'object' || !Array.isArray(frozen.classes))
    throw unreadable('it is no snapshot')
  if (frozen.format !== format) throw unreadable(`its format is ${String(frozen.format)}, not ${format}`)
  try {
    return new Thawer(frozen, externals).thaw()
  } catch (cause) {
    throw cause instanceof SallyportError ? cause : unreadable('it is damaged', cause)
  }
}

const unreadable = (why: string, cause?: unknown): SallyportError =>
  new SallyportError('store/corrupt', `The snapshot of the analysis cannot be used: ${why}.`, {
    mend: 'Nothing needs to be done: the state is learned again from the recorded calls.',
    ...(cause === undefined ? {} : { cause }),
  })

// In the frozen tree a boxed number stands for the instance of that index: no state holds boxed numbers.
class Freezer {
  readonly #classes = new Map<AnyKeeping, number>()
  readonly #instances: [number, unknown][] = []
  readonly #copies = new Map<object, object>()
  readonly #work: (() => void)[] = []
  readonly #externals: ReadonlyMap<object, string>

  constructor(externals: Externals) {
    this.#externals = new Map([...externals].map(([name, object]) => [object, name] as const))
  }

  freeze(value: unknown): Frozen {
    const root = this.#copy(value, 'state')
    for (let next = this.#work.pop(); next !== undefined; next = this.#work.pop()) next()
    return {
      format,
      classes: [...this.#classes.keys()].map(({ name, version }) => [name, version] as const),
      instances: this.#instances,
      root,
    }
  }

  #copy(value: unknown, place: string): unknown {
    if (value === null || typeof value !== 'object') {
      if (typeof value === 'function' || typeof value === 'symbol')
        throw new SallyportError('internal/defect', `A ${typeof value} cannot be kept, at ${place}.`)
      return value
    }
    const known = this.#copies.get(value)
    if (known !== undefined) return known
    const name = this.#externals.get(value)
    if (name !== undefined) {
      const index = this.#instances.push([this.#classOf(external), name]) - 1
      return this.#note(value, Object(index) as object)
    }
    if (ArrayBuffer.isView(value) || value instanceof RegExp) return this.#note(value, value)
    if (Array.isArray(value)) {
      const copy: unknown[] = new Array(value.length)
      this.#work.push(() => {
        for (let i = 0; i < value.length; i += 1) copy[i] = this.#copy(value[i], `${place}[]`)
      })
      return this.#note(value, copy)
    }
    if (value instanceof Map) {
      const copy = new Map<unknown, unknown>()
      this.#work.push(() => {
        for (const [key, held] of value)
          copy.set(this.#copy(key, `${place}.key`), this.#copy(held, `${place}.value`))
      })
      return this.#note(value, copy)
    }
    if (value instanceof Set) {
      const copy = new Set<unknown>()
      this.#work.push(() => {
        for (const held of value) copy.add(this.#copy(held, `${place}.member`))
      })
      return this.#note(value, copy)
    }
    const prototype = Object.getPrototypeOf(value) as object | null
    if (prototype === Object.prototype) return this.#note(value, this.#fields(value, place))
    const keeping = prototype === null ? bare : byPrototype.get(prototype)
    if (keeping === undefined)
      throw new SallyportError(
        'internal/defect',
        `An instance of ${String(prototype?.constructor?.name)} cannot be kept, at ${place}.`,
      )
    const index = this.#instances.length
    const reference = Object(index) as object
    this.#note(value, reference)
    const instance: [number, unknown] = [this.#classOf(keeping), undefined]
    this.#instances.push(instance)
    if (keeping.whole !== undefined) {
      instance[1] = this.#fields(value, keeping.name, keeping.whole.without)
      return reference
    }
    // At once: an instance that others need while they are made comes with its own parts known.
    instance[1] = this.#copy(keeping.save(value), keeping.name)
    return reference
  }

  #fields(value: object, place: string, without?: ReadonlySet<string>): object {
    const copy: Record<string, unknown> = {}
    this.#work.push(() => {
      for (const key of Object.keys(value)) {
        if (without?.has(key) === true) continue
        const held = this.#copy((value as Record<string, unknown>)[key], `${place}.${key}`)
        // `__proto__` is a name that traffic can bring.
        if (key === '__proto__')
          Object.defineProperty(copy, key, { value: held, enumerable: true, writable: true })
        else copy[key] = held
      }
    })
    return copy
  }

  #note<T extends object>(from: object, copy: T): T {
    this.#copies.set(from, copy)
    return copy
  }

  #classOf(keeping: AnyKeeping): number {
    const known = this.#classes.get(keeping)
    if (known !== undefined) return known
    const index = this.#classes.size
    this.#classes.set(keeping, index)
    return index
  }
}

class Thawer {
  readonly #keepings: readonly AnyKeeping[]
  readonly #frozen: Frozen
  readonly #made: (object | undefined)[]
  readonly #making = new Set<number>()
  readonly #filled = new Set<object>()
  readonly #work: (() => void)[] = []
  readonly #settle: (() => void)[] = []

  readonly #externals: Externals

  constructor(frozen: Frozen, externals: Externals) {
    this.#externals = externals
    this.#frozen = frozen
    this.#made = new Array(frozen.instances.length)
    this.#keepings = frozen.classes.map(([name, version]) => {
      const keeping = byName.get(name)
      if (keeping === undefined) throw unreadable(`it holds ${name}, which this version does not know`)
      if (keeping.version !== version)
        throw unreadable(`it holds ${name} of version ${version}, this is ${keeping.version}`)
      return keeping
    })
  }

  thaw(): unknown {
    const root = this.#value(this.#frozen.root)
    for (let next = this.#work.pop(); next !== undefined; next = this.#work.pop()) next()
    for (const settle of this.#settle) settle()
    return root
  }

  /** The value itself, containers still to be filled in place. */
  #value(value: unknown): unknown {
    if (value === null || typeof value !== 'object') return value
    if (value instanceof Number) return this.#instance(Number(value))
    if (ArrayBuffer.isView(value) || value instanceof RegExp || this.#filled.has(value)) return value
    this.#filled.add(value)
    this.#work.push(() => this.#fill(value))
    return value
  }

  #fill(value: object): void {
    if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i += 1) {
        const held: unknown = value[i]
        if (held !== null && typeof held === 'object') value[i] = this.#value(held)
      }
    } else if (value instanceof Map) {
      const entries = [...value] as [unknown, unknown][]
      const plain = entries.every(([key]) => !(key instanceof Number))
      if (!plain) value.clear()
      for (const [key, held] of entries) value.set(this.#value(key), this.#value(held))
    } else if (value instanceof Set) {
      const members = [...value]
      if (members.some(member => member instanceof Number)) {
        value.clear()
        for (const member of members) value.add(this.#value(member))
      } else for (const member of members) this.#value(member)
    } else {
      const object = value as Record<string, unknown>
      for (const key of Object.keys(object)) {
        const held = object[key]
        if (held === null || typeof held !== 'object') continue
        const thawed = this.#value(held)
        if (thawed !== held) object[key] = thawed
      }
    }
  }

  #instance(index: number): object {
    const made = this.#made[index]
    if (made !== undefined) return made
    const [classIndex, saved] = this.#frozen.instances[index] ?? [-1, undefined]
    const keeping = this.#keepings[classIndex]
    if (keeping === undefined) throw unreadable('it is damaged')
    if (keeping === external) {
      const object = this.#externals.get(String(saved))
      if (object === undefined) throw unreadable(`it refers to ${String(saved)}, which there is not`)
      this.#made[index] = object
      return object
    }
    if (keeping.whole !== undefined) {
      const instance = Object.create(keeping.whole.prototype) as Record<string, unknown>
      this.#made[index] = instance
      const fields = saved as Record<string, unknown>
      this.#work.push(() => {
        for (const key of Object.keys(fields)) instance[key] = this.#value(fields[key])
      })
      if (keeping.settle !== undefined) this.#settle.push(() => keeping.settle?.(instance, instance))
      return instance
    }
    if (this.#making.has(index))
      throw new SallyportError(
        'internal/defect',
        `A ${keeping.name} holds itself without a container between.`,
      )
    this.#making.add(index)
    const whole = this.#shallow(saved)
    const instance = keeping.make(whole)
    this.#made[index] = instance
    this.#making.delete(index)
    if (keeping.settle !== undefined) this.#settle.push(() => keeping.settle?.(instance, whole))
    return instance
  }

  /** What was saved, its direct parts resolved. */
  #shallow(saved: unknown): unknown {
    if (saved === null || typeof saved !== 'object' || saved instanceof Number) return this.#value(saved)
    if (Array.isArray(saved)) {
      this.#filled.add(saved)
      for (let i = 0; i < saved.length; i += 1) saved[i] = this.#value(saved[i])
      return saved
    }
    if (Object.getPrototypeOf(saved) === Object.prototype) {
      this.#filled.add(saved)
      const object = saved as Record<string, unknown>
      for (const key of Object.keys(object)) {
        const held = object[key]
        if (held !== null && typeof held === 'object') object[key] = this.#value(held)
      }
      return object
    }
    return this.#value(saved)
  }
}
