import type { Endpoint } from '../endpoint.ts'
import type { Flow } from './catalog-file.ts'
import { EndpointIndex, type Selector } from './endpoint-index.ts'
import type { FlowStep } from './labels.ts'

/** The steps of business flows by the endpoints they are at. */
export class FlowIndex {
  readonly #index: EndpointIndex<FlowStep>

  constructor(flows: readonly Flow[]) {
    this.#index = new EndpointIndex(flows.flatMap(stepsOf))
  }

  /** In the order of the file. */
  stepsOf(endpoint: Endpoint): readonly FlowStep[] {
    return this.#index.matching(endpoint)
  }
}

/** What the whole is worth is counted at its last step, where no step says it. */
function stepsOf({ name, steps, value }: Flow): readonly (readonly [FlowStep, Selector])[] {
  const silent = value !== undefined && steps.every(step => step.value === undefined)
  return steps.map((step, index) => {
    const worth = step.value ?? (silent && index === steps.length - 1 ? value : undefined)
    return [
      { flow: name, step: step.name, ...(worth === undefined ? {} : { value: worth }) },
      selectorOf(step.endpoint),
    ]
  })
}

/** `POST /cart/items`, `POST api.shop.example/payments`, `/orders/{orderId}`, `POST /graphql#mutation:*`. */
function selectorOf(text: string): Selector {
  const space = text.search(/\s/)
  const method = space < 0 ? '*' : text.slice(0, space)
  const place = space < 0 ? text : text.slice(space).trim()
  const slash = Math.max(0, place.indexOf('/'))
  return {
    paths: [`${method} ${place.slice(slash)}`],
    ...(slash === 0 ? {} : { hosts: [place.slice(0, slash).toLowerCase()] }),
  }
}
