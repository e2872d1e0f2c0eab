import { keptWhole } from '../../kit/snapshot.ts'
import { get, isTree } from './tree.ts'

/** Hops from reference to reference before it is called a circle. */
const maxHops = 32

/** Follows local `$ref`s of one document. References elsewhere are never fetched: they are counted and read as "anything". */
export class References {
  private readonly root: unknown
  private readonly _refused = new Set<string>()
  private readonly _missing = new Set<string>()

  constructor(root: unknown) {
    this.root = root
  }

  /** The value a reference chain ends at; the value itself without one; undefined where it leads nowhere. */
  follow(value: unknown): unknown {
    let at = value
    for (let hops = 0; hops < maxHops; hops += 1) {
      const target = get(at, '$ref')
      if (typeof target !== 'string') return at
      if (!target.startsWith('#')) {
        if (this._refused.size < 100) this._refused.add(target)
        return undefined
      }
      at = this.locate(target)
      if (at === undefined) {
        if (this._missing.size < 100) this._missing.add(target)
        return undefined
      }
    }
    return undefined
  }

  /** References to other documents, first 100. */
  get refused(): readonly string[] {
    return [...this._refused].sort()
  }

  /** Local references to nothing, first 100. */
  get missing(): readonly string[] {
    return [...this._missing].sort()
  }

  private locate(target: string): unknown {
    if (target === '#') return this.root
    if (!target.startsWith('#/')) return undefined
    let at: unknown = this.root
    for (const raw of target.slice(2).split('/')) {
      const part = unescapePointer(raw)
      if (Array.isArray(at)) at = at[Number(part)]
      else if (isTree(at)) at = get(at, part)
      else return undefined
    }
    return at
  }

  static {
    keptWhole(References, 'catalog/references', 1)
  }
}

/** RFC 6901, after the percent-encoding of a fragment. */
function unescapePointer(raw: string): string {
  let text = raw
  if (text.includes('%')) {
    try {
      text = decodeURIComponent(text)
    } catch {
      // Not percent-encoded after all.
    }
  }
  return text.replaceAll('~1', '/').replaceAll('~0', '~')
}
