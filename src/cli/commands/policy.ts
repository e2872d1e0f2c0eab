import { readFileSync } from 'node:fs'
import { Argument } from 'commander'
import { SallyportError } from '../../kit/error.ts'
import { compilePolicies } from '../../policy/compile.ts'
import { lintPolicies } from '../../policy/lint.ts'
import { formatProblem, parsePolicies } from '../../policy/parse.ts'
import { runPolicyTests } from '../../policy/run-tests.ts'
import { policyTemplates } from '../../policy/templates/index.ts'
import type { PageView, PolicyView, SimulationView } from '../../server/api.ts'
import { type ApiOptions, apiClient, withApi } from '../api-options.ts'
import { defineCommand, ExitWith } from '../command.ts'
import type { Io } from '../io.ts'
import { type Format, formatData, formatOption, printList, readSince } from '../output.ts'
import { recommendPolicies } from '../recommend-policies.ts'
import { formatTable } from '../table.ts'

export default defineCommand({
  id: 'policy',
  summary: 'policies as code: lint, test, simulate, apply',
  examples: [
    'sallyport policy new owner-guard > owner-guard.yaml',
    'sallyport policy lint policies/owner-guard.yaml',
    'sallyport policy test policies/owner-guard.yaml',
    'sallyport policy simulate policies/owner-guard.yaml --since 24h',
    'sallyport policy apply policies/owner-guard.yaml',
    'sallyport policy list',
    'sallyport policy recommend --for workload:shop/orders --kind networkpolicy traces.jsonl.gz > orders.yaml',
    'sallyport policy delete owner-guard',
  ],
  define: (command, io) => {
    command
      .command('new')
      .description('print a ready-made policy, to be read, changed and applied')
      .addArgument(new Argument('<template>').choices(policyTemplates.map(template => template.id)))
      .option(
        '--endpoint <endpoint...>',
        'where it applies, e.g. "GET /orders/{orderId}"; everywhere when absent',
      )
      .action((id: string, options: { readonly endpoint?: readonly string[] }) => {
        const template = policyTemplates.find(one => one.id === id)
        if (template === undefined) return
        io.out(template.render(options.endpoint === undefined ? {} : { endpoints: options.endpoint }))
      })
    command
      .command('lint')
      .description('check files without a server: syntax, types, names, doubtful rules')
      .argument('<files...>')
      .action((files: readonly string[]) => {
        const errors = files.map(file => lint(file, io)).reduce((sum, one) => sum + one, 0)
        if (errors > 0) throw new ExitWith(2)
        io.say(`${files.length} ${files.length === 1 ? 'file' : 'files'} checked, no errors.`)
      })
    command
      .command('test')
      .description('run the tests written inside the policies')
      .argument('<files...>')
      .action((files: readonly string[]) => {
        let failed = 0
        let ran = 0
        for (const file of files) {
          if (lint(file, io) > 0) throw new ExitWith(2)
          for (const result of runPolicyTests(read(file), file)) {
            ran += 1
            if (!result.passed) failed += 1
            io.say(
              `${result.passed ? 'ok  ' : 'FAIL'} ${result.policy}: ${result.test}${result.passed ? '' : ` — ${result.message ?? ''}`}`,
            )
          }
        }
        io.say(`${ran - failed} passed, ${failed} failed`)
        if (failed > 0) throw new ExitWith(1)
      })
    withApi(command.command('simulate').description('whom it would have touched in the recorded calls'), io)
      .argument('<file>')
      .option('--since <time>', 'how far back', '24h')
      .addOption(formatOption())
      .action(
        async (file: string, options: ApiOptions & { readonly since: string; readonly format: Format }) => {
          const since = new Date(readSince(options.since, Date.now())).toISOString()
          const result = await apiClient(io, options).post<SimulationView>('/policies/simulate', {
            source: read(file),
            since,
          })
          if (options.format !== 'table') return io.out(formatData(options.format, result))
          io.say(
            `Of ${result.calls} calls it would have acted on ${result.matched}, of ${result.principals.length} principals.`,
          )
          if (result.principals.length > 0) {
            io.out(
              formatTable(
                [
                  { title: 'calls', value: row => row.calls, align: 'right' },
                  { title: 'principal', value: row => row.principal, grow: true },
                  { title: 'in an incident', value: row => (row.inIncident ? 'yes' : 'no') },
                ],
                result.principals,
                io.width,
              ),
            )
          }
        },
      )
    withApi(command.command('apply').description('put policies in force, as their mode says'), io)
      .argument('<files...>')
      .action(async (files: readonly string[], options: ApiOptions) => {
        const api = apiClient(io, options)
        for (const file of files) {
          if (lint(file, io) > 0) throw new ExitWith(2)
          for (const { name, source } of parsePolicies(read(file), file).policies) {
            const known = await api.find<PolicyView>(`/policies/${encodeURIComponent(name)}`)
            const headers =
              known === undefined ? { 'if-none-match': '*' } : { 'if-match': `"${known.version}"` }
            const saved = await api.put<PolicyView>(
              `/policies/${encodeURIComponent(name)}`,
              { source },
              headers,
            )
            io.say(`${name}: version ${saved.version}, ${saved.mode}.`)
          }
        }
      })
    withApi(command.command('list').description('policies and what they did in the last 24 hours'), io)
      .addOption(formatOption())
      .action(async (options: ApiOptions & { readonly format: Format }) => {
        const { items } = await apiClient(io, options).get<PageView<PolicyView>>('/policies')
        printList(
          io,
          options.format,
          items,
          [
            { title: 'name', value: row => row.name, grow: true },
            { title: 'mode', value: row => row.mode },
            { title: 'phase', value: row => row.phase },
            { title: 'action', value: row => row.action },
            { title: 'version', value: row => row.version, align: 'right' },
            { title: 'decisions', value: row => row.effect.decisions, align: 'right' },
          ],
          'No policies. Start with one: sallyport policy apply policies/owner-guard.yaml',
        )
      })
    recommendPolicies(command, io)
    withApi(command.command('delete').description('take a policy out of force'), io)
      .argument('<name>')
      .action(async (name: string, options: ApiOptions) => {
        const api = apiClient(io, options)
        const path = `/policies/${encodeURIComponent(name)}`
        const { version } = await api.get<PolicyView>(path)
        await api.delete(path, { 'if-match': `"${version}"` })
        io.say('Deleted.')
      })
  },
})

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new SallyportError('input/unreadable', 'The policy file cannot be read.', {
      where: file,
      mend: 'Check the path.',
      cause,
    })
  }
}

/** Prints the problems of a file and says how many are errors. */
function lint(file: string, io: Io): number {
  const source = read(file)
  const { problems, policies } = compilePolicies([{ name: file, source, version: 1 }])
  if (policies.length === 0 && problems.length === 0) {
    io.say(`${file}: there is no policy in this file.`)
    io.say('  → Start with one: sallyport policy new owner-guard')
    return 1
  }
  const all = [
    ...problems,
    ...(problems.some(one => one.severity === 'error')
      ? []
      : lintPolicies([{ name: file, source, version: 1 }])),
  ]
  for (const problem of all) io.say(formatProblem(problem, source))
  return all.filter(problem => problem.severity === 'error').length
}
