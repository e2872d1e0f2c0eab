import type { Ask } from './http.ts'
import type { Request } from './service.ts'
import type { Stream } from './stream.ts'
import type { World } from './world.ts'

/** Where a request says which tenant it is about: in the host, in the path, or only in the caller's token. */
export class Tenancy {
  /** Goes before the templates of everything that belongs to a tenant. */
  readonly template: string
  readonly #world: World
  readonly #noun: string
  readonly #header: string | undefined

  /** @param options `header`: names the tenant where neither host nor path do; without it the token alone tells. */
  constructor(world: World, options: { readonly nouns: readonly string[]; readonly header?: string }) {
    this.#world = world
    this.#noun = world.style.noun(...options.nouns)
    this.#header = options.header
    this.template = world.style.tenantIn === 'path' ? `/${this.#noun}/{tenantId}` : ''
  }

  /** Ids for tenants of these names, as they fit where they are written. */
  id(name: string, stream: Stream): string {
    return this.#world.style.tenantIn === 'host'
      ? name
      : this.#world.style.choose('tenant-ids', [name, `org_${stream.token(10)}`, stream.uuid()])
  }

  /** Puts a request into a tenant: `ask.path` is below the tenant's place. */
  in(tenant: string, ask: Ask): Ask {
    const { style } = this.#world
    const path = (place: string): string => `${style.prefix}${place}${ask.path}`
    switch (style.tenantIn) {
      case 'host':
        return { ...ask, path: path(''), host: `${tenant}.${style.host}` }
      case 'path':
        return { ...ask, path: path(`/${this.#noun}/${encodeURIComponent(tenant)}`) }
      case 'claim':
        return {
          ...ask,
          path: path(''),
          ...(this.#header === undefined
            ? {}
            : { headers: [...(ask.headers ?? []), [this.#header, tenant]] }),
        }
    }
  }

  /** The tenant that a request names; the caller's own where it names none. */
  named(request: Request): string {
    const { style } = this.#world
    const own = request.session?.tenant ?? ''
    switch (style.tenantIn) {
      case 'host': {
        const host = request.headers.find(([name]) => name === 'host')?.[1] ?? ''
        return host.endsWith(`.${style.host}`) ? host.slice(0, -style.host.length - 1) : own
      }
      case 'path':
        return request.parameter('tenantId')
      case 'claim':
        return request.headers.find(([name]) => name === this.#header)?.[1] ?? own
    }
  }
}
