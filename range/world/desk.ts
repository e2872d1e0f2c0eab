import type { JsonObject, Relation } from './http.ts'
import type { Reply, Request } from './service.ts'
import type { World } from './world.ts'

export interface Reach<Found> {
  /** Plural, as in the truth: `orders`. */
  readonly type: string
  readonly id: string
  readonly found: Found | undefined
  /** The check was forgotten: whoever asks gets it. */
  readonly open: boolean
  /** Given to the caller by its owner. */
  readonly shared?: boolean
  /** The caller's work covers it, whoever owns it. */
  readonly entitled?: boolean
  readonly give: (found: Found) => Reply
}

/** What handlers of all applications do alike: pages of lists, and objects that belong to somebody. Notes each object that is looked up. */
export class Desk {
  readonly #world: World
  readonly #most: number
  readonly #staff: (request: Request, owner: string) => boolean
  readonly #unbound: (request: Request) => boolean

  /**
   * @param options `most`: the largest page. `staff`: is the caller entitled to this owner's objects by their work? `unbound`: gets them
   * without being entitled, by a weakness.
   */
  constructor(
    world: World,
    options: {
      readonly most: number
      readonly staff: (request: Request, owner: string) => boolean
      readonly unbound?: (request: Request) => boolean
    },
  ) {
    this.#world = world
    this.#most = options.most
    this.#staff = options.staff
    this.#unbound = options.unbound ?? (() => false)
  }

  relate(request: Request, owner: string, shared = false): Relation {
    if (owner === request.me.id) return 'own'
    if (shared) return 'shared'
    return this.#staff(request, owner) ? 'support' : 'foreign'
  }

  reach<Found extends { readonly owner: string }>(request: Request, reach: Reach<Found>): Reply {
    const { type, id, found, open, shared, entitled, give } = reach
    const { service } = this.#world
    const one = type.replace(/s$/, '')
    if (found === undefined) {
      request.touch(`${type}/${id}`, null, 'missing')
      return service.refuse(404, 'not-found', `No such ${one}.`)
    }
    const told = this.relate(request, found.owner, shared)
    const relation = told === 'foreign' && entitled === true ? 'support' : told
    request.touch(`${type}/${id}`, found.owner, relation)
    return relation !== 'foreign' || open || this.#unbound(request) ? give(found) : service.refuseForeign(one)
  }

  /** One page of a list. */
  listed(request: Request, all: readonly JsonObject[]): Reply {
    const { style } = this.#world
    const { offset, limit } = style.pageOf(request.query, this.#most)
    const page = all.slice(offset, offset + limit)
    request.work = 1 + page.length / 40
    const next =
      offset + limit < all.length ? Buffer.from(`o:${offset + limit}`).toString('base64url') : undefined
    return { status: 200, body: style.list(page, all.length, next) }
  }

  /** The same of objects that have owners, each noted. `shared`: is it the caller's too? */
  listedOf<Found extends { readonly owner: string }>(
    request: Request,
    type: string,
    all: readonly Found[],
    view: (found: Found) => JsonObject & { readonly id: string },
    shared: (found: Found) => boolean = () => false,
  ): Reply {
    const { offset, limit } = this.#world.style.pageOf(request.query, this.#most)
    const views = all.map(view)
    for (let index = offset; index < Math.min(all.length, offset + limit); index += 1) {
      const found = all[index]!
      request.touch(
        `${type}/${views[index]!.id}`,
        found.owner,
        this.relate(request, found.owner, shared(found)),
      )
    }
    return this.listed(request, views)
  }
}
