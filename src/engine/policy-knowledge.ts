import type { FlowMemory } from '../enforce/flow-memory.ts'
import { type AddressRange, AddressTable } from '../identity/address-table.ts'
import type { Place } from '../identity/place.ts'
import type { EndpointAbout } from '../policy/endpoint-about.ts'
import type { FactsKnowledge } from './policy-facts.ts'

/** What decision points are told besides routes: of endpoints and of principals. Plain data. */
export interface TaughtKnowledge {
  readonly abouts: readonly EndpointAbout[]
  /** Principals of incidents and their risk, 0 to 100. */
  readonly risks: readonly (readonly [principal: string, risk: number])[]
}

/** What is known besides the request at hand, by the last that was told. */
export class PolicyKnowledge implements FactsKnowledge {
  readonly #places: AddressTable | undefined
  readonly #flow: FlowMemory | undefined
  #abouts: ReadonlyMap<string, EndpointAbout> = new Map()
  #risks: ReadonlyMap<string, number> = new Map()

  constructor(addresses: readonly AddressRange[] = [], flow?: FlowMemory) {
    this.#places = addresses.length === 0 ? undefined : new AddressTable(addresses)
    this.#flow = flow
  }

  learn({ abouts, risks }: TaughtKnowledge): void {
    this.#abouts = new Map(abouts.map(about => [about.endpoint, about]))
    this.#risks = new Map(risks)
  }

  about(endpoint: string): EndpointAbout | undefined {
    return this.#abouts.get(endpoint)
  }

  placeOf(ip: string): Place | undefined {
    return this.#places?.placeOf(ip)
  }

  riskOf(principal: string): number {
    return this.#risks.get(principal) ?? 0
  }

  secondsSince(principal: string, endpoint: string, now: number, tokenSince?: number): number | undefined {
    return this.#flow?.secondsSince(principal, endpoint, now, tokenSince)
  }
}
