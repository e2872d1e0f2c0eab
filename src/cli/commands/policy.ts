import { Argument } from 'commander'
import type { EndpointShape } from '../../policy/endpoint-shape.ts'
import { policyTemplates } from '../../policy/templates/index.ts'
import type { PageView } from '../../server/api/page.ts'
import type { PolicyView } from '../../server/api/policy.ts'
import { type ApiOptions, apiClient, withApi } from '../api-options.ts'
import { defineCommand, ExitWith } from '../command.ts'
import type { Io } from '../io.ts'
import { type Format, formatOption, printList } from '../output.ts'
import { readPolicy } from '../policy-file.ts'
import { recommendPolicies } from '../recommend-policies.ts'
import { rollOutPolicy, stageWords } from '../roll-out-policy.ts'
import { simulatePolicy } from '../simulate-policy.ts'

export default defineCommand({
  id: 'policy',
  summary: 'policies as code: lint, test, simulate, apply, roll out',
  examples: [
    'sallyport policy new owner-guard > owner-guard.yaml',
    'sallyport policy lint policies/owner-guard.yaml --spec openapi.yaml',
    'sallyport policy test policies/owner-guard.yaml',
    'sallyport policy simulate policies/owner-guard.yaml --since 24h',
    'sallyport policy simulate policies/owner-guard.yaml last-week.jsonl.gz',
    'sallyport policy apply policies/owner-guard.yaml',
    'sallyport policy promote owner-guard',
    'sallyport policy status owner-guard',
    'sallyport policy rollback owner-guard --to 3',
    'sallyport policy history owner-guard',
    'sallyport policy list',
    'sallyport policy recommend --incident 148c552fff235728 > patch.yaml',
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
      .option(
        '--spec <file...>',
        'specifications: endpoints, parameters and fields that policies name are looked for in them, and used as their types allow',
      )
      .action(async (files: readonly string[], options: { readonly spec?: readonly string[] }) => {
        const shapes = options.spec === undefined ? undefined : await shapesIn(options.spec, io)
        let errors = 0
        for (const file of files) errors += await lint(file, io, shapes)
        if (errors > 0) throw new ExitWith(2)
        io.say(`${files.length} ${files.length === 1 ? 'file' : 'files'} checked, no errors.`)
      })
    command
      .command('test')
      .description('run the tests written inside the policies')
      .argument('<files...>')
      .action(async (files: readonly string[]) => {
        const { runPolicyTests } = await import('../../policy/run-tests.ts')
        let failed = 0
        let ran = 0
        for (const file of files) {
          if ((await lint(file, io)) > 0) throw new ExitWith(2)
          for (const result of runPolicyTests(readPolicy(file), file)) {
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
    simulatePolicy(command, io)
    withApi(command.command('apply').description('put policies in force, as their mode says'), io)
      .argument('<files...>')
      .option('--override <reason>', 'why what acts need not be simulated first; kept in the audit log')
      .action(async (files: readonly string[], options: ApiOptions & { readonly override?: string }) => {
        const api = apiClient(io, options)
        const { parsePolicies } = await import('../../policy/parse.ts')
        for (const file of files) {
          if ((await lint(file, io)) > 0) throw new ExitWith(2)
          for (const { name, source } of parsePolicies(readPolicy(file), file).policies) {
            const known = await api.find<PolicyView>(`/policies/${encodeURIComponent(name)}`)
            const headers =
              known === undefined ? { 'if-none-match': '*' } : { 'if-match': `"${known.version}"` }
            const saved = await api.put<PolicyView>(
              `/policies/${encodeURIComponent(name)}`,
              { source, ...(options.override === undefined ? {} : { override: options.override }) },
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
            {
              title: 'stage',
              value: row => (row.mode === 'invalid' ? row.mode : stageWords(row.rollout.stage)),
            },
            { title: 'phase', value: row => row.phase },
            { title: 'action', value: row => row.action },
            { title: 'version', value: row => row.version, align: 'right' },
            { title: 'decisions', value: row => row.effect.decisions, align: 'right' },
          ],
          'No policies. Start with one: sallyport policy apply policies/owner-guard.yaml',
        )
      })
    rollOutPolicy(command, io)
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

async function shapesIn(files: readonly string[], io: Io): Promise<readonly EndpointShape[]> {
  const [{ shapesOf }, { readSpecifications }] = await Promise.all([
    import('../../policy/endpoint-shape.ts'),
    import('../specifications.ts'),
  ])
  return shapesOf(readSpecifications(files, io))
}

/** Prints the problems of a file and says how many are errors. */
async function lint(file: string, io: Io, shapes?: readonly EndpointShape[]): Promise<number> {
  // Loaded here so that the commands that ask a running Sallyport start without the compiler.
  const [{ compilePolicies }, { lintPolicies }, { formatProblem }] = await Promise.all([
    import('../../policy/compile.ts'),
    import('../../policy/lint.ts'),
    import('../../policy/parse.ts'),
  ])
  const source = readPolicy(file)
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
      : lintPolicies(
          [{ name: file, source, version: 1 }],
          shapes === undefined ? {} : { shapes, strict: true },
        )),
  ]
  for (const problem of all) io.say(formatProblem(problem, source))
  return all.filter(problem => problem.severity === 'error').length
}
