import { Option } from 'commander'
import type { EntitlementView } from '../../server/api/entitlement.ts'
import type { GraphEdgeView, GraphNodeView, GraphPathView } from '../../server/api/graph.ts'
import type { ReachedView, ReachView } from '../../server/api/reach.ts'
import { entitlementViewOf } from '../../server/views/entitlement.ts'
import { edgeViewOf, nodeViewOf, pathViewOf } from '../../server/views/graph.ts'
import { reachViewOf } from '../../server/views/reach.ts'
import { apiClient } from '../api-options.ts'
import { catalogFilesOf } from '../catalog-files.ts'
import { defineCommand } from '../command.ts'
import { dotOf } from '../graph-dot.ts'
import { askFiles, paramsOf, type ViewOptions, viewOf, withGraph } from '../graph-source.ts'
import type { Io } from '../io.ts'
import { type Format, formatData, formatOption, limitOption, printList } from '../output.ts'
import { type Column, formatTable } from '../table.ts'
import { terminalText } from '../terminal-text.ts'

interface PathOptions extends ViewOptions {
  readonly from: string
  readonly to: string
  readonly limit: number
  readonly format: Format
}

interface ShownOptions extends ViewOptions {
  readonly format: Format
}

export default defineCommand({
  id: 'graph',
  summary: 'how workloads, identities, endpoints, stores and data are joined, and what can reach what',
  examples: [
    'sallyport graph path --from internet --to data:payment-card',
    'sallyport graph path --from workload:shop/web --to "store:*orders*" --as-of 2026-11-20T00:00:00Z --days 7',
    'sallyport graph path --from internet --to "store:*" --declared traces.jsonl.gz',
    'sallyport graph reach workload:shop/orders',
    'sallyport graph reach token:9f86d081884c',
    'sallyport graph unused --days 30',
    'sallyport graph export --format dot traces.jsonl.gz > graph.dot',
  ],
  define: (command, io) => {
    withGraph(command.command('path').description('ways from one to the other, each with a sentence'), io)
      .requiredOption('--from <node>', 'internet, kind:name, kind:*, a name with stars, token:<fingerprint>')
      .requiredOption('--to <node>', 'the same')
      .option('--declared', 'grants that were never used count too')
      .addOption(limitOption(10))
      .addOption(formatOption())
      .action(async (files: readonly string[], options: PathOptions) => {
        const paths = await pathsOf(files, options, io)
        if (options.format !== 'table') io.out(formatData(options.format, paths))
        else if (paths.length === 0)
          io.say(`There is no way from ${terminalText(options.from)} to ${terminalText(options.to)}.`)
        else io.out(paths.map(path => printPath(path, io)).join('\n'))
      })
    withGraph(command.command('reach').description('what whoever holds a node did and could reach'), io)
      // Before the files, which take the rest.
      .usage('[options] <node> [files...]')
      .addOption(formatOption())
      .action(async (given: readonly string[], options: ShownOptions) => {
        const [node, ...files] = given
        if (node === undefined) return command.error("error: missing required argument 'node'")
        const reach = await reachOf(node, files, options, io)
        if (options.format !== 'table') io.out(formatData(options.format, reach))
        else io.out(printReach(reach, io))
      })
    withGraph(command.command('unused').description('what identities are granted and did not use'), io)
      .addOption(formatOption())
      .action(async (files: readonly string[], options: ShownOptions) => {
        printList(
          io,
          options.format,
          await unused(files, options, io),
          [
            { title: 'identity', value: row => row.identity },
            { title: 'is granted', value: row => row.target, grow: true },
            { title: 'since', value: row => row.since?.slice(0, 10) },
            { title: 'used last', value: row => row.lastUsed?.slice(0, 10) ?? 'never' },
            { title: 'run by', value: row => row.workloads.length, align: 'right' },
          ],
          'Every grant that is known was used, or none is known.',
        )
      })
    withGraph(command.command('export').description('every node and edge'), io)
      .option('--declared', 'what is only granted too')
      .addOption(new Option('--format <format>', 'how to print it').choices(['json', 'dot']).default('json'))
      .action(
        async (files: readonly string[], options: ViewOptions & { readonly format: 'json' | 'dot' }) => {
          const { nodes, edges, truncated } = await wholeGraph(files, options, io)
          if (truncated)
            io.say(`There are more edges than the ${edges.length} printed: name files to get all.`)
          io.out(
            options.format === 'dot' ? dotOf(nodes, edges) : formatData('json', { nodes, edges, truncated }),
          )
        },
      )
  },
})

async function pathsOf(
  files: readonly string[],
  options: PathOptions,
  io: Io,
): Promise<readonly GraphPathView[]> {
  const { from, to, limit } = options
  const ask = { ...viewOf(options), from, to, limit: Math.min(limit, 100) }
  if (files.length > 0) return (await askFiles(files, options, io, 'paths', ask)).map(pathViewOf)
  catalogFilesOf(options, [])
  const { paths } = await apiClient(io, options).get<{ readonly paths: readonly GraphPathView[] }>(
    '/graph/paths',
    paramsOf(ask),
  )
  return paths
}

async function reachOf(
  node: string,
  files: readonly string[],
  options: ShownOptions,
  io: Io,
): Promise<ReachView> {
  const ask = { ...viewOf(options), node }
  if (files.length > 0) return reachViewOf(await askFiles(files, options, io, 'reach', ask))
  catalogFilesOf(options, [])
  return await apiClient(io, options).get<ReachView>('/graph/reach', paramsOf(ask))
}

const mostGrants = 1_000

async function unused(
  files: readonly string[],
  options: ShownOptions,
  io: Io,
): Promise<readonly EntitlementView[]> {
  const ask = { ...viewOf(options), unused: true }
  if (files.length > 0) {
    const limit = Number.MAX_SAFE_INTEGER
    return (await askFiles(files, options, io, 'entitlements', { ...ask, limit })).items.map(
      entitlementViewOf,
    )
  }
  catalogFilesOf(options, [])
  const { items, truncated } = await apiClient(io, options).get<{
    readonly items: readonly EntitlementView[]
    readonly truncated: boolean
  }>('/graph/entitlements', paramsOf(ask))
  if (truncated) io.say(`Only the first ${mostGrants} are shown.`)
  return items
}

interface Whole {
  readonly nodes: readonly GraphNodeView[]
  readonly edges: readonly GraphEdgeView[]
  readonly truncated: boolean
}

async function wholeGraph(files: readonly string[], options: ViewOptions, io: Io): Promise<Whole> {
  const ask = { ...viewOf(options), declared: options.declared === true }
  if (files.length === 0) {
    catalogFilesOf(options, [])
    return await apiClient(io, options).get<Whole>('/graph/export', paramsOf(ask))
  }
  const limit = Number.MAX_SAFE_INTEGER
  const { nodes, edges, truncated } = await askFiles(files, options, io, 'export', { ...ask, limit })
  return { nodes: nodes.map(nodeViewOf), edges: edges.map(edgeViewOf), truncated }
}

const steps: readonly Column<GraphEdgeView>[] = [
  { title: 'from', value: row => row.from },
  { title: 'does', value: row => (row.did ? row.kind : `may: ${row.kind}`) },
  { title: 'to', value: row => row.to, grow: true },
  { title: 'times', value: row => (row.did ? row.count : '–'), align: 'right' },
  { title: 'refused', value: row => (row.refused === 0 ? '' : row.refused), align: 'right' },
  { title: 'last', value: row => (row.did ? row.lastSeen.slice(0, 19) : '') },
  { title: 'known from', value: row => row.sources.join(' ') },
]

const printPath = (path: GraphPathView, io: Io): string =>
  `${terminalText(path.sentence)}\n\n${formatTable(steps, path.edges, io.width)}`

function printReach(reach: ReachView, io: Io): string {
  const counts = (byKind: ReachView['reached']): string => {
    const told = Object.entries(byKind).filter(([, count]) => count > 0)
    return told.length === 0
      ? 'nothing'
      : told.map(([kind, count]) => `${count} ${count === 1 ? oneOf(kind) : manyOf(kind)}`).join(', ')
  }
  const parts = [
    `${terminalText(reach.of.id)} did reach ${counts(reach.reached)}; with its grants it could reach ${counts(reach.reachable)}.\n`,
  ]
  if (reach.data.length > 0)
    parts.push(
      formatTable(
        [
          { title: 'data', value: row => row.dataClass },
          { title: 'reached', value: row => (row.did ? 'yes' : 'could') },
          { title: 'way', value: row => row.path.sentence, grow: true },
        ],
        reach.data,
        io.width,
      ),
    )
  const listed: readonly ReachedView[] = [...reach.stores, ...reach.identities, ...reach.endpoints]
  if (listed.length > 0)
    parts.push(
      formatTable(
        [
          { title: 'node', value: row => row.node.id, grow: true },
          { title: 'steps', value: row => row.steps, align: 'right' },
          { title: 'reached', value: row => (row.did ? 'yes' : 'could') },
          { title: 'last', value: row => row.node.lastSeen.slice(0, 19) },
        ],
        listed,
        io.width,
      ),
    )
  return parts.join('\n')
}

const oneOf = (kind: string): string => (kind === 'data' ? 'class of data' : kind)
const manyOf = (kind: string): string =>
  kind === 'identity' ? 'identities' : kind === 'data' ? 'classes of data' : `${kind}s`
