import type { Workload } from '../../call/workload.ts'
import type { Criticality } from '../criticality.ts'
import type { Endpoint } from '../endpoint.ts'

/** What a specification says of who answers for an operation, with the words to say why. */
export interface SpecificationLabels {
  readonly owner?: SpecificationLabel
  readonly environment?: SpecificationLabel
  readonly group?: SpecificationLabel
}

export interface SpecificationLabel {
  readonly value: string
  /** Where it stands: `x-owner of the operation`. */
  readonly why: string
}

/** What is known of an endpoint besides what it tells itself. */
export interface LabelEvidence {
  readonly specification?: SpecificationLabels
  /** Workloads that answered, with the labels that were kept; bounded. */
  readonly workloads: readonly Workload[]
  /** What the endpoint's own name, data and answers say it is for. */
  readonly criticality: Criticality
  /** The endpoint's risk, were it counted as of that criticality. */
  riskAs(criticality: Criticality): Endpoint['risk']
}

/** Gives an endpoint its `labels`, and the criticality and risk that follow from them. Pure: the same in, the same out. */
export interface EndpointLabeller {
  /** Another labeller, another number: what was labelled before is labelled again. */
  readonly version: number
  /**
   * @param tags of its operation in a specification
   * @param evidence without it only names, tags and the endpoint's own data speak, and the risk stays as it is
   */
  label(endpoint: Endpoint, tags: readonly string[], evidence?: LabelEvidence): Endpoint
}
