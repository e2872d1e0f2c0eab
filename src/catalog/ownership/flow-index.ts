import type { Endpoint } from '../endpoint.ts'
import type { Flow } from './catalog-file.ts'
import { compileEndpointText } from './endpoint-text.ts'
import type { FlowStep } from './labels.ts'

/** The steps of business flows by the endpoints they are at. */
export class FlowIndex {
  readonly #steps: readonly { readonly step: FlowStep; readonly at: (endpoint: Endpoint) => boolean }[]

  constructor(flows: readonly Flow[]) {
    this.#steps = flows.flatMap(flow => stepsOf(flow))
  }

  /** In the order of the file. */
  stepsOf(endpoint: Endpoint): readonly FlowStep[] {
    const found: FlowStep[] = []
    for (const { step, at } of this.#steps) if (at(endpoint)) found.push(step)
    return found
  }
}

/** What the whole is worth is counted at its last step, where no step says it. */
function stepsOf({ name, steps, value }: Flow): { step: FlowStep; at: (endpoint: Endpoint) => boolean }[] {
  const silent = value !== undefined && steps.every(step => step.value === undefined)
  return steps.map((step, index) => {
    const worth = step.value ?? (silent && index === steps.length - 1 ? value : undefined)
    return {
      step: { flow: name, step: step.name, ...(worth === undefined ? {} : { value: worth }) },
      at: compileEndpointText(step.endpoint),
    }
  })
}
