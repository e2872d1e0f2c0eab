import { compileGlob } from '../../kit/glob.ts'
import type { Endpoint } from '../endpoint.ts'
import { speaks } from '../protocol.ts'
import type { LabelMatch, LabelRule } from './catalog-file.ts'
import { EndpointIndex, type EndpointTest } from './endpoint-index.ts'
import type { LabelEvidence } from './labeller.ts'

/** The rules of a catalog file, ready to be asked. */
export class RuleIndex {
  readonly #index: EndpointIndex<LabelRule>

  constructor(rules: readonly LabelRule[]) {
    this.#index = new EndpointIndex(
      rules.map(rule => {
        const { host: hosts, path: paths } = rule.match
        return [rule, { hosts, paths, tests: [...testsOf(rule.match)] }] as const
      }),
    )
  }

  /** The rules that match, in the order of the file. */
  matching(
    endpoint: Endpoint,
    tags: readonly string[],
    evidence: LabelEvidence | undefined,
  ): readonly LabelRule[] {
    return this.#index.matching(endpoint, tags, evidence)
  }
}

function* testsOf(match: LabelMatch): Generator<EndpointTest> {
  const { method, operation, protocol, workload, labels, dataClass, tag } = match
  if (method !== undefined) yield ({ endpoint }) => method.includes(endpoint.method)
  if (protocol !== undefined) yield ({ endpoint }) => protocol.some(one => speaks(endpoint.protocol, one))
  if (operation !== undefined) {
    const names = operation.map(compileGlob)
    yield ({ operation: name }) => name !== undefined && names.some(fits => fits(name))
  }
  if (tag !== undefined) yield ({ tags }) => tag.some(one => tags.includes(one))
  if (dataClass !== undefined)
    yield ({ endpoint: { dataClasses } }) =>
      dataClass.some(one => dataClasses.request.includes(one) || dataClasses.response.includes(one))
  if (workload !== undefined) {
    const names = workload.map(compileGlob)
    yield ({ endpoint }) => endpoint.workloads?.some(name => names.some(fits => fits(name))) === true
  }
  if (labels !== undefined) {
    const wanted = Object.entries(labels)
    yield ({ evidence }) =>
      evidence?.workloads.some(({ labels: own }) => wanted.every(([key, value]) => own?.[key] === value)) ===
      true
  }
}
