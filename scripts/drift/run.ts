import { Catalog } from '../../src/catalog/catalog.ts'
import type { Endpoint } from '../../src/catalog/endpoint.ts'
import type { Finding } from '../../src/catalog/finding.ts'
import { Drift } from '../../src/catalog/spec/drift.ts'
import { parseSpecification } from '../../src/catalog/spec/parse.ts'
import type { Orphan } from '../../src/catalog/spec/specified-endpoints.ts'
import type { Tree } from '../../src/catalog/spec/tree.ts'
import { evidenceOf, identify } from '../../src/identity/identify.ts'
import { SessionDirectory } from '../../src/identity/session-directory.ts'
import type { LabelledCall } from './corpus.ts'

export interface Outcome {
  readonly findings: readonly Finding[]
  readonly endpoints: readonly Endpoint[]
  readonly orphans: readonly Orphan[]
}

/** Traffic against specifications, as the analysis does it. */
export function compare(trees: readonly Tree[], calls: readonly LabelledCall[]): Outcome {
  const specifications = trees.map((tree, index) => {
    const { specification, problems } = parseSpecification(JSON.stringify(tree), `specification ${index}`)
    if (specification === undefined) throw new Error(problems[0]?.message ?? 'not a specification')
    return specification
  })
  const catalog = new Catalog()
  catalog.specify(specifications)
  const drift = new Drift()
  catalog.onMerge((from, to) => drift.merged(from, to))
  const sessions = new SessionDirectory()
  for (const { call } of calls) {
    const match = catalog.observe(call, identify(evidenceOf(call), sessions))
    drift.observe(call, match, catalog.boundOf(match.endpoint))
  }
  const endpoints = catalog.endpoints()
  return {
    endpoints,
    orphans: catalog.orphans(),
    findings: drift.findings(endpoints, id => catalog.boundOf(id)),
  }
}
