import type { ClassRegistry } from '../catalog/data-classes/registry/class-registry.ts'
import type { Endpoint } from '../catalog/endpoint.ts'
import { SpecIndex } from '../catalog/spec/match.ts'
import { parseStored } from '../catalog/spec/stored-specification.ts'
import type { FlowMemory } from '../enforce/flow-memory.ts'
import type { AddressRange } from '../identity/address-table.ts'
import { stableHash } from '../kit/hash.ts'
import { compilePolicies } from '../policy/compile.ts'
import { type EndpointShape, learnedShapes, shapesOf } from '../policy/endpoint-shape.ts'
import type { PolicyBundle } from '../policy/facts.ts'
import { PolicyKnowledge, type TaughtKnowledge } from './policy-knowledge.ts'
import type { SpecSource } from './protocol.ts'
import { taughtKnowledge } from './taught-knowledge.ts'

export interface KnowledgeDeskOptions {
  readonly classes: ClassRegistry
  readonly endpoints: () => Iterable<Endpoint>
  readonly risks: () => Iterable<readonly [principal: string, risk: number]>
  readonly addresses: readonly AddressRange[]
  /** To every decision point. */
  readonly post: (taught: TaughtKnowledge) => void
}

const nothing: TaughtKnowledge = { abouts: [], risks: [] }

/** What decision points are told of endpoints and principals: kept up with the catalog, the specifications and the policies. */
export class KnowledgeDesk {
  readonly #options: KnowledgeDeskOptions
  #bundle = compilePolicies([]).bundle
  #specs: readonly SpecSource[] = []
  #specifications: SpecIndex | undefined
  #stale = true
  #current = nothing
  #hash = ''

  constructor(options: KnowledgeDeskOptions) {
    this.#options = options
  }

  get current(): TaughtKnowledge {
    return this.#current
  }

  /** The catalog, or what is known of principals, has changed. */
  touch(): void {
    this.#stale = true
  }

  specify(specs: readonly SpecSource[]): void {
    this.#specs = specs
    this.#specifications = undefined
    this.#stale = true
  }

  /** Tells decision points at once: what policies read has to be there when they begin. */
  govern(
    policies: readonly { readonly name: string; readonly source: string; readonly version: number }[],
  ): void {
    const { bundle } = compilePolicies(policies)
    if (bundle.id === this.#bundle.id) return
    this.#bundle = bundle
    this.#stale = true
    this.tell()
  }

  /** Works it out anew where something changed, and tells it where it differs. */
  tell(): void {
    if (!this.#stale) return
    this.#stale = false
    const taught = this.#taught(this.#bundle)
    const hash = stableHash([JSON.stringify(taught)])
    if (hash === this.#hash) return
    this.#hash = hash
    this.#current = taught
    this.#options.post(taught)
  }

  /** What policies that are not in force would be told, for a simulation. */
  for(bundle: PolicyBundle, flow: FlowMemory): PolicyKnowledge {
    const knowledge = new PolicyKnowledge(this.#options.addresses, flow)
    knowledge.learn(this.#taught(bundle))
    return knowledge
  }

  /** What endpoints take and give, by specifications and by traffic. */
  shapes(): readonly EndpointShape[] {
    return [
      ...shapesOf(this.#index()?.specifications ?? []),
      ...learnedShapes([...this.#options.endpoints()]),
    ]
  }

  #taught(bundle: PolicyBundle): TaughtKnowledge {
    if (bundle.count === 0) return nothing
    const specifications = this.#index()
    return taughtKnowledge({
      endpoints: this.#options.endpoints(),
      risks: this.#options.risks(),
      bundle,
      classes: this.#options.classes,
      ...(specifications === undefined ? {} : { specifications }),
    })
  }

  #index(): SpecIndex | undefined {
    if (this.#specs.length === 0) return undefined
    this.#specifications ??= new SpecIndex(parseStored(this.#specs))
    return this.#specifications
  }
}
