/** Who says so, the strongest first. */
export const labelSources = ['person', 'rule', 'specification', 'workload', 'inferred'] as const
export type LabelSource = (typeof labelSources)[number]

export interface Label {
  readonly value: string
  readonly from: LabelSource
  /** Half a sentence: "its path says \"payments\"", "rule payments-team in catalog.yaml", "label team of shop/orders". */
  readonly why: string
}

/** Who answers for an endpoint and what it is for. */
export interface Labels {
  readonly owner?: Label
  readonly environment?: Label
  /** Endpoints that belong together: an application, a product, a domain. */
  readonly group?: Label
  readonly tags: readonly Label[]
  /** As `Endpoint.criticality`, with who says so and why. */
  readonly criticality: Label
  /** Business flows it is a step of. */
  readonly flows: readonly FlowStep[]
}

/** A step of a business flow, with what one passage is worth. */
export interface FlowStep {
  readonly flow: string
  readonly step: string
  /** A fixed amount, or the field of the call that says it: `request:total`, `response:amount`, named as in `DataField`. */
  readonly value?: {
    readonly currency: string
    readonly amount?: number
    readonly field?: string
    /** The field counts cents, or what the currency's smallest unit is. */
    readonly minorUnits?: boolean
  }
}

/** What a person said of one endpoint; what is absent is left to rules and evidence. */
export interface EndpointOverride {
  readonly endpoint: string
  readonly owner?: string
  readonly environment?: string
  readonly group?: string
  readonly tags?: readonly string[]
  readonly criticality?: string
  readonly reason?: string
}
