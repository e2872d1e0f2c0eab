import type { ApiCall } from '../../call/api-call.ts'
import type { ClassRegistry } from '../../catalog/data-classes/registry/class-registry.ts'
import type { Endpoint } from '../../catalog/endpoint.ts'
import { maskedExample } from '../../catalog/examples/masked-example.ts'
import type { MaskedExampleView } from '../api/example.ts'
import { stamp } from './stamp.ts'

/** Examples shown of one endpoint. */
export const maxExamples = 5

/** One for each status, the newest. @param calls newest first */
export function newestOfEachStatus(calls: readonly ApiCall[]): readonly ApiCall[] {
  const byStatus = new Map<number | undefined, ApiCall>()
  for (const call of calls) {
    const status = call.response?.status
    if (!byStatus.has(status)) byStatus.set(status, call)
  }
  return [...byStatus.values()].slice(0, maxExamples)
}

/** The call as an example of the endpoint, without a value of sensitive data. @param classes What is sensitive. */
export function exampleViewOf(call: ApiCall, endpoint: Endpoint, classes: ClassRegistry): MaskedExampleView {
  const example = maskedExample(call, endpoint, classes)
  return { ...example, time: stamp(example.time) }
}
