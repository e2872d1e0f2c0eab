import { findingRules } from '../../src/catalog/findings/rules/index.ts'
import { defaultDriftOptions } from '../../src/catalog/spec/drift.ts'
import { formats, textFormats } from '../../src/catalog/spec/formats/index.ts'
import { driftRules } from '../../src/catalog/spec/rules/index.ts'
import { block, code, list, page, prose, table } from './markdown.ts'

interface Told {
  readonly id: string
  readonly title: string
  readonly summary: string
  readonly owasp: readonly string[]
}

const rows = (rules: readonly Told[]): string =>
  table(
    ['rule', 'finds', 'OWASP'],
    rules.map(({ id, summary, owasp }) => [code(id), prose(summary), owasp.join(', ')]),
  )

/** `findings.md`: what is found with a specification, and without one. */
export const findingsPage = (): string =>
  page(
    'Findings',
    '`src/catalog/findings/rules`, `src/catalog/spec/rules` and `src/catalog/spec/formats`',
    `A finding says what about an endpoint should be mended: why, how, and which calls show it. The same rule, endpoint and place give the
same id in every run. Of one rule at one endpoint ${defaultDriftOptions.placesPerRule} places are told, of all ${defaultDriftOptions.places.toLocaleString('en')}.`,
    '## Without a specification',
    rows(findingRules),
    '## Beside a specification',
    `Traffic is compared where it succeeded: what was refused says what a client tried.`,
    rows(driftRules),
    '## What is compared',
    list([
      'Operations, parameters, headers that begin with `x-`, bodies by media type, statuses, authentication.',
      'Types, `enum` and `const`, formats (`date`, `date-time`, `time`, `duration`, `uuid`, `email`, `hostname`, `ipv4`, `ipv6`, `uri`), `minimum`, `maximum` and their exclusive forms, `multipleOf`, `minLength`, `maxLength`, `minItems`, `maxItems`, `uniqueItems` of scalars, `additionalProperties`, `required`.',
      '`pattern`, by an automaton that looks at each character once. One that looks around, refers back, asks for word boundaries or counts beyond 512 states is not checked, and importing says so.',
      'Of alternatives (`oneOf`, `anyOf`) what all of them say: where either may be meant, nothing is told.',
      'Of GraphQL root fields, fields selected at any depth, arguments and fields of inputs, deprecation, and the types of what came back.',
      'Of gRPC methods, fields by number (or by name, where names are known), deprecation, and the types that the wire tells apart.',
    ]),
    '## Formats',
    `References out of a document are never fetched: they are told, and read as “anything”. A binary file travels in the API as
\`data:application/x-protobuf;base64,…\`; \`sallyport spec import\` does that by itself.`,
    ...[...formats, ...textFormats].map(({ id, title, example }) =>
      [`### ${title} (${code(id)})`, block('text', example.trim())].join('\n\n'),
    ),
  )
