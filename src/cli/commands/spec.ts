import { Option } from 'commander'
import type { SpecChange } from '../../catalog/spec/compare-specifications.ts'
import { stableHash } from '../../kit/hash.ts'
import { version } from '../../kit/version.ts'
import { type ApiOptions, apiClient, withApi } from '../api-options.ts'
import { defineCommand, ExitWith } from '../command.ts'
import { formatData } from '../output.ts'
import { formatTable } from '../table.ts'

interface DiffOptions {
  readonly format: 'table' | 'json' | 'yaml' | 'sarif'
  readonly failOn?: SpecChange['kind']
}

const kinds = ['safe', 'risky', 'breaking'] as const

export default defineCommand({
  id: 'spec',
  summary: 'specifications: compare two versions of one, give them to the running server',
  examples: [
    'sallyport spec diff openapi.old.yaml openapi.yaml',
    'sallyport spec diff openapi.old.yaml openapi.yaml --fail-on breaking --format sarif',
    'sallyport spec import openapi.yaml',
    'sallyport spec import schema.graphql orders.binpb',
  ],
  define: (command, io) => {
    command
      .command('diff')
      .description('breaking, risky and safe changes from one version to the next')
      .argument('<old>')
      .argument('<new>')
      .addOption(
        new Option('--format <format>', 'how to print it')
          .choices(['table', 'json', 'yaml', 'sarif'])
          .default('table'),
      )
      .addOption(new Option('--fail-on <kind>', 'exit 1 when a change is at least that').choices([...kinds]))
      .action(async (before: string, after: string, options: DiffOptions) => {
        // Loaded here so that the other commands start without the parsers.
        const [{ compareSpecifications }, { readSpecifications }] = await Promise.all([
          import('../../catalog/spec/compare-specifications.ts'),
          import('../specifications.ts'),
        ])
        const [old, now] = readSpecifications([before, after], io)
        const changes = old === undefined || now === undefined ? [] : compareSpecifications(old, now)
        if (options.format === 'sarif') io.out(formatData('json', sarif(changes, after)))
        else if (options.format !== 'table') io.out(formatData(options.format, { version: 1, changes }))
        else if (changes.length === 0) io.say('Nothing changed.')
        else
          io.out(
            formatTable(
              [
                { title: 'change', value: row => row.kind },
                { title: 'operation', value: row => row.operation },
                { title: 'what', value: row => `${row.at} ${row.what}`.trim(), grow: true },
              ],
              changes,
              io.width,
            ),
          )
        const { failOn } = options
        if (failOn !== undefined && changes.some(one => kinds.indexOf(one.kind) >= kinds.indexOf(failOn)))
          throw new ExitWith(1)
      })
    withApi(command.command('import').description('give specifications to the running server'), io)
      .argument('<files...>')
      .action(async (files: readonly string[], options: ApiOptions) => {
        const [{ parseSpecification }, { specificationText }, { readSpecificationFile, readSpecifications }] =
          await Promise.all([
            import('../../catalog/spec/parse.ts'),
            import('../../catalog/spec/source.ts'),
            import('../specifications.ts'),
          ])
        // Read here first: a file that is none is told with its line, before anything is sent.
        readSpecifications(files, io)
        const api = apiClient(io, options)
        for (const file of files) {
          const source = specificationText(readSpecificationFile(file))
          const { specification } = parseSpecification(source, file)
          await api.post('/specs', { name: file, source })
          io.say(`${file}: ${specification?.operations.length ?? 0} operations.`)
        }
      })
  },
})

const levels = { breaking: 'error', risky: 'warning', safe: 'note' } as const

function sarif(changes: readonly SpecChange[], file: string) {
  const rules = kinds.map(kind => ({ id: `spec-${kind}`, name: `spec-${kind}` }))
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Sallyport', version, rules } },
        results: changes.map(({ kind, operation, at, what }) => ({
          ruleId: `spec-${kind}`,
          ruleIndex: kinds.indexOf(kind),
          level: levels[kind],
          message: { text: `${operation}: ${`${at} ${what}`.trim()}` },
          locations: [{ physicalLocation: { artifactLocation: { uri: file } } }],
          partialFingerprints: { operationRuleHash: stableHash([kind, operation, at, what]) },
        })),
      },
    ],
  }
}
