import { workloadName } from '../call/workload.ts'
import { keptWhole } from '../kit/snapshot.ts'

export { workloadName }

/**
 * One name for a workload that some sources know by less: `orders` and `shop/orders` are the same where there is only one `orders`.
 * Bounded: beyond `capacity` names, new ones are taken as they come.
 */
export class WorkloadNames {
  private readonly capacity: number
  /** Full names by each of their endings. */
  private readonly byEnding = new Map<string, Set<string>>()
  private readonly known = new Set<string>()

  constructor(capacity = 50_000) {
    this.capacity = capacity
  }

  /**
   * The fullest name known for what was seen under `name`, and the poorer names that turn out to be the same: they were nodes of their
   * own until now.
   */
  resolve(name: string): { readonly name: string; readonly absorbs: readonly string[] } {
    if (this.known.has(name)) return { name: this.fullest(name), absorbs: nothing }
    if (this.known.size >= this.capacity) return { name, absorbs: nothing }
    this.known.add(name)
    for (const ending of endings(name)) {
      const full = this.byEnding.get(ending)
      if (full === undefined) this.byEnding.set(ending, new Set([name]))
      else if (full.size < 4) full.add(name)
    }
    // A poorer name that was met before is this one, unless it fits another as well.
    const absorbs = endings(name).filter(
      ending => ending !== name && this.known.has(ending) && this.fullest(ending) === name,
    )
    return { name: this.fullest(name), absorbs }
  }

  /** The fullest name known for what was seen under `name`; nothing is learned. */
  lookup(name: string): string {
    return this.fullest(name)
  }

  private fullest(name: string): string {
    const full = this.byEnding.get(name)
    // Mostly it is known by one name.
    if (full === undefined || (full.size === 1 && full.has(name))) return name
    const candidates = [...full].filter(other => other !== name)
    if (candidates.length === 0) return name
    // Of several, the longest if the others are endings of it: `c/shop/orders` over `shop/orders`.
    const longest = candidates.reduce((a, b) => (b.length > a.length ? b : a))
    return candidates.every(other => other === longest || longest.endsWith(`/${other}`)) ? longest : name
  }

  static {
    keptWhole(WorkloadNames, 'graph/workload-names', 1)
  }
}

const nothing: readonly never[] = []

/** The name and what is left of it without its first parts. */
function endings(name: string): readonly string[] {
  const found = [name]
  for (let slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1))
    found.push(name.slice(slash + 1))
  return found
}
