import type { EndpointId } from '../kit/id.ts'
import type { BodySchema } from './body-schema.ts'
import type { EndpointTraits } from './facts.ts'

/** What policies are told of one endpoint: plain data, made from the catalog. */
export interface EndpointAbout extends EndpointTraits {
  readonly endpoint: EndpointId
  /** Fields of answers that carry classes of data, `items[].card`; each with its classes and their groups. */
  readonly answerFields?: readonly { readonly field: string; readonly classes: readonly string[] }[]
  /** Of JSON and form bodies. */
  readonly requestSchema?: BodySchema
}

/** Of an endpoint that the catalog does not know. */
export const noTraits: EndpointTraits = Object.freeze({
  exposure: '',
  criticality: '',
  dataClasses: Object.freeze([]),
  inventory: '',
  risk: 0,
  service: '',
  owner: '',
})
