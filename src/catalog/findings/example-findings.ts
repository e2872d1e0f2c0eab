import { exampleCall } from '../../call/protocols/example-call.ts'
import { evidenceOf, identify } from '../../identity/identify.ts'
import { SessionDirectory } from '../../identity/session-directory.ts'
import { callId } from '../../kit/id.ts'
import { Catalog } from '../catalog.ts'
import type { Finding } from '../finding.ts'
import { Findings } from './findings.ts'
import type { FindingExampleCall } from './rule.ts'

/** What the rules find in an example's calls, one a second. */
export function findingsIn(example: readonly FindingExampleCall[]): readonly Finding[] {
  const catalog = new Catalog()
  const findings = new Findings()
  catalog.onMerge((from, to) => findings.merged(from, to))
  const sessions = new SessionDirectory()
  for (const [index, one] of example.entries()) {
    const sealed = exampleCall(one)
    const heard = { ...sealed, id: callId(`c-${index + 1}`), time: sealed.time + index * 1000 }
    const identity = identify(evidenceOf(heard), sessions)
    for (const { call, match } of catalog.observeAll(heard, identity)) findings.observe(call, match, identity)
  }
  return findings.findings(catalog.endpoints(), catalog.operations.tools.changes(), id => catalog.resolve(id))
}
