import { policyJsonSchema } from '../../src/policy/policy-schema.ts'
import { apiPage } from './api.ts'
import { cliPage } from './cli.ts'
import { configurationPage } from './configuration.ts'
import { dataClassesPage } from './data-classes.ts'
import { detectorsPage } from './detectors.ts'
import { errorsPage } from './errors.ts'
import { findingsPage } from './findings.ts'
import { list, page } from './markdown.ts'
import { metricsPage } from './metrics.ts'
import { payloadsPage } from './payloads.ts'
import { policiesPage } from './policies.ts'
import { protocolsPage } from './protocols.ts'

const pages: readonly (readonly [file: string, about: string, make: () => string])[] = [
  ['detectors.md', 'Detectors: what each finds, says, and may be told', detectorsPage],
  ['findings.md', 'Findings: what is found beside a specification, and without one', findingsPage],
  ['data-classes.md', 'Data classes: which sensitive data is recognised', dataClassesPage],
  [
    'protocols.md',
    'Protocols: GraphQL, gRPC, MCP and others, and how their operations are named',
    protocolsPage,
  ],
  ['payloads.md', 'Injection payloads: which attack languages are recognised', payloadsPage],
  ['policies.md', 'Policies: the document, the facts, the templates', policiesPage],
  ['configuration.md', 'Configuration: every setting and its default', configurationPage],
  ['cli.md', 'Command line: every command with examples', cliPage],
  ['api.md', 'REST API: every route', apiPage],
  ['metrics.md', 'Metrics: what `GET /metrics` shows', metricsPage],
  ['errors.md', 'Errors: codes, statuses, exit codes', errorsPage],
]

const schemaFile = 'policy.schema.json'
const schemaAbout = 'JSON Schema of policies, for editors'

/** The pages of `docs/reference` by file name. The same source gives the same text. */
export function referencePages(): ReadonlyMap<string, string> {
  const index = page(
    'Reference',
    'the registries in `src`',
    'Derived from the code that it describes; a test compares the two.',
    list([...pages.map(([file, about]) => `[${about}](${file})`), `[${schemaAbout}](${schemaFile})`]),
  )
  return new Map([
    ['README.md', index],
    ...pages.map(([file, , make]) => [file, make()] as const),
    [schemaFile, `${JSON.stringify(policyJsonSchema, null, 2)}\n`],
  ])
}
