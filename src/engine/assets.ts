import type { Catalog } from '../catalog/catalog.ts'
import type { ClassRegistry } from '../catalog/data-classes/registry/class-registry.ts'
import { type Asset, assetOf } from '../detect/asset.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import type { EndpointId } from '../kit/id.ts'
import type { Component } from '../kit/snapshot.ts'

/** What endpoints are worth is looked up again after so long, of the events' own time. */
const freshMs = 3_600_000
const kept = 20_000

type Known = BoundedMap<EndpointId, { readonly asset: Asset | undefined; readonly at: number }>

/** What endpoints are worth, as the catalog last described them: describing one takes longer than judging a call. */
export class Assets implements Component {
  readonly #catalog: Catalog
  readonly #classes: ClassRegistry
  #known: Known = new BoundedMap(kept)

  constructor(catalog: Catalog, classes: ClassRegistry) {
    this.#catalog = catalog
    this.#classes = classes
  }

  /** @param now Ms since the epoch, of the events. */
  of(endpoint: EndpointId, now: number): Asset | undefined {
    const known = this.#known.get(endpoint)
    if (known !== undefined && now - known.at < freshMs) return known.asset
    const told = this.#catalog.endpoint(this.#catalog.resolve(endpoint))
    const asset =
      told === undefined ? undefined : assetOf(told, dataClass => this.#classes.get(dataClass)?.group)
    this.#known.set(endpoint, { asset, at: now })
    return asset
  }

  save(): Known {
    return this.#known
  }

  load(saved: Known): void {
    this.#known = saved
  }

  /** What people said of the catalog may change what endpoints are worth. */
  forget(): void {
    this.#known.clear()
  }
}
