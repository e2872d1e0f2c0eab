import { Option } from 'commander'
import type { AnalysisDocument } from '../../engine/document.ts'
import { type Severity, severities, severityRank } from '../../kit/severity.ts'
import { type CatalogFiles, catalogFilesOf, withCatalogFiles } from '../catalog-files.ts'
import { defineCommand, ExitWith } from '../command.ts'
import type { Io } from '../io.ts'
import { counted, formatData } from '../output.ts'
import { analyseRecordings } from '../recordings.ts'
import { formatTable } from '../table.ts'

interface Options extends CatalogFiles {
  readonly learn?: readonly string[]
  readonly spec?: readonly string[]
  readonly assignments?: boolean
  readonly format: 'table' | 'json' | 'yaml' | 'sarif'
  readonly failOn?: Severity
  readonly key?: string
}

export default defineCommand({
  id: 'analyze',
  summary: 'read recordings and print what is in them: endpoints, signals, incidents',
  examples: [
    'sallyport analyze traffic.jsonl.gz',
    'sallyport analyze today.har access.log --learn last-week.jsonl.gz --format json',
    'sallyport analyze traffic.jsonl --fail-on high',
    'sallyport analyze traffic.jsonl --catalog catalog.yaml --data-classes classes.yaml --format yaml',
  ],
  define: (command, io) => {
    withCatalogFiles(command)
      .argument(
        '<files...>',
        'event lines (JSONL), HAR, access logs, manifests …, each also as .gz, or folders of them; merged by time',
      )
      .option('--learn <files...>', 'history: read first, nothing is raised from it')
      .option(
        '--spec <files...>',
        'specifications to compare with: OpenAPI 2.0 to 3.1, Postman, GraphQL schemas, protobuf descriptor sets',
      )
      .option('--assignments', "add each call's endpoint to the document")
      .addOption(
        new Option('--format <format>', 'how to print it')
          .choices(['table', 'json', 'yaml', 'sarif'])
          .default('table'),
      )
      .addOption(
        new Option(
          '--fail-on <severity>',
          'exit 1 when an incident or a finding is at least this severe',
        ).choices([...severities]),
      )
      .option('--key <text>', 'key of the fingerprints; the same key makes runs comparable')
      .action(async (files: readonly string[], options: Options) => {
        const document = await analyze(files, options, io)
        io.out(await print(document, options.format, io))
        const failOn = options.failOn
        if (failOn === undefined) return
        if (
          [...document.incidents, ...document.findings].some(
            ({ severity }) => severityRank(severity) >= severityRank(failOn),
          )
        )
          throw new ExitWith(1)
      })
  },
})

async function analyze(files: readonly string[], options: Options, io: Io): Promise<AnalysisDocument> {
  const assignments = options.assignments === true
  const { analysisDocument } = await import('../../engine/document.ts')
  const { readSpecifications } = await import('../specifications.ts')
  const { analysis, read, rejected } = await analyseRecordings(
    files,
    {
      assignments,
      files: catalogFilesOf(options, files),
      ...(options.learn === undefined ? {} : { learn: options.learn }),
      ...(options.key === undefined ? {} : { key: options.key }),
      prepare: fresh => {
        if (options.spec !== undefined) fresh.specify(readSpecifications(options.spec, io))
      },
    },
    io,
  )
  return analysisDocument(analysis, { read, rejected, assignments })
}

async function print(document: AnalysisDocument, format: Options['format'], io: Io): Promise<string> {
  if (format === 'sarif') {
    const { sarifFrom } = await import('../sarif.ts')
    return formatData('json', sarifFrom(document))
  }
  if (format !== 'table') return formatData(format, document)
  const { calls, endpoints, findings, incidents, signals } = document
  const settled = endpoints.filter(({ inventory }) => inventory !== 'candidate')
  const candidates = endpoints.length - settled.length
  const parts = [
    `${counted(calls.read, 'event')} read, ${calls.rejected} rejected. ${counted(settled.length, 'endpoint')}, ${counted(candidates, 'candidate')}, ${counted(findings.length, 'finding')}, ${counted(signals.length, 'signal')}, ${counted(incidents.length, 'incident')}.\n`,
  ]
  if (incidents.length > 0) {
    const rows = [...incidents].sort((a, b) => b.risk - a.risk || (a.id < b.id ? -1 : 1))
    parts.push(
      formatTable(
        [
          { title: 'severity', value: row => row.severity },
          { title: 'risk', value: row => row.risk, align: 'right' },
          { title: 'opened', value: row => row.opened },
          { title: 'incident', value: row => row.title, grow: true },
        ],
        rows,
        io.width,
      ),
    )
  }
  if (findings.length > 0)
    parts.push(
      formatTable(
        [
          { title: 'severity', value: row => row.severity },
          { title: 'finding', value: row => row.title, grow: true },
          { title: 'endpoint', value: row => row.endpoint },
        ],
        findings,
        io.width,
      ),
    )
  parts.push(
    formatTable(
      [
        { title: 'endpoint', value: row => row.id, grow: true },
        { title: 'calls', value: row => row.calls, align: 'right' },
        { title: 'inventory', value: row => row.inventory },
        { title: 'auth', value: row => row.auth.join(' ') },
        { title: 'answers with', value: row => row.dataClasses.response.join(' ') },
      ],
      // A short recording may have nothing but candidates: then they are what there is to see.
      settled.length > 0 ? settled : endpoints,
      io.width,
    ),
  )
  if (candidates > 0)
    parts.push(
      `${counted(candidates, 'candidate')}: answered, but seen too little to be called an endpoint${settled.length > 0 ? '; --format json lists them' : ''}.\n`,
    )
  return parts.join('\n')
}
