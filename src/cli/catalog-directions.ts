import { type Command, Option } from 'commander'
import { criticalities } from '../catalog/criticalities.ts'
import { SallyportError } from '../kit/error.ts'
import type { EndpointDetailView } from '../server/api/endpoint.ts'
import type { MergeReviewView } from '../server/api/merge-review.ts'
import type { PageView } from '../server/api/page.ts'
import type { PinView } from '../server/api/pin.ts'
import { type ApiOptions, apiClient, everyPage, withApi } from './api-options.ts'
import type { Io } from './io.ts'
import { type Format, formatOption, limitOption, printList } from './output.ts'
import type { Column } from './table.ts'
import { terminalText } from './terminal-text.ts'

const reviewColumns: readonly Column<MergeReviewView>[] = [
  { title: 'state', value: row => row.state },
  { title: 'calls', value: row => row.calls, align: 'right' },
  { title: 'nats', value: natsOf, align: 'right' },
  { title: 'template', value: row => `${row.host}${row.template}` },
  { title: 'words', value: row => wordsOf(row), grow: true },
]

const pinColumns: readonly Column<PinView>[] = [
  { title: 'id', value: row => row.id },
  { title: 'host', value: row => row.host },
  { title: 'template', value: row => row.template, grow: true },
  { title: 'since', value: row => row.at.slice(0, 10) },
  { title: 'by', value: row => row.by },
]

/** What speaks for values, and how much is needed; a person's word needs none. */
function natsOf({ state, nats, threshold }: MergeReviewView): string {
  return state === 'pinned' ? '' : `${nats.toFixed(1)} of ${threshold.toFixed(1)}`
}

function wordsOf({ words, count }: MergeReviewView): string {
  const more = count - words.length
  return `${words.join(' ')}${more > 0 ? ` +${more}` : ''}`
}

interface ReviewOptions extends ApiOptions {
  readonly state?: string
  readonly host?: string
  readonly query?: string
  readonly limit: number
  readonly format: Format
}

interface SetOptions extends ApiOptions {
  readonly owner?: string
  readonly environment?: string
  readonly group?: string
  readonly tag?: readonly string[]
  readonly criticality?: string
  readonly clear?: readonly string[]
  readonly reason?: string
}

const labelNames = ['owner', 'environment', 'group', 'tags', 'criticality'] as const

/** `apis reviews | pins | pin | unpin | set`: how a running Sallyport reads paths, and a person's word on it. */
export function defineDirections(apis: Command, io: Io): void {
  withApi(apis.command('reviews').description('where words of paths were taken for values, or might be'), io)
    .addOption(new Option('--state <state>', 'only these').choices(['merged', 'apart', 'pinned']))
    .option('--host <host>', 'only of this host')
    .option('--query <text>', 'only where the template or a word contains this')
    .addOption(limitOption(500))
    .addOption(formatOption())
    .action(async (options: ReviewOptions) => {
      const rows = await reviews(options, io)
      printList(io, options.format, rows, reviewColumns, 'Nothing to look at: no words were folded together.')
    })
  withApi(apis.command('pins').description('templates that people fixed'), io)
    .addOption(formatOption())
    .action(async (options: ApiOptions & { readonly format: Format }) => {
      const { items } = await apiClient(io, options).get<PageView<PinView>>('/catalog/pins')
      printList(io, options.format, items, pinColumns, 'No pins: every template is learned.')
    })
  withApi(apis.command('pin').description('fix a template: merges below {name}, keeps literals apart'), io)
    .argument('<host>', 'as calls name it, a pattern such as {tenant}.example.com, or * for every host')
    .argument('<template>', 'such as /orders/{orderId} or /orders/export')
    .option('--reason <text>', 'kept in the audit log')
    .action(async (host: string, template: string, options: ApiOptions & { readonly reason?: string }) => {
      const { reason } = options
      const pin = await apiClient(io, options).post<PinView>('/catalog/pins', {
        host,
        template,
        ...(reason === undefined ? {} : { reason }),
      })
      io.say(terminalText(`Pinned: ${pin.host} ${pin.template}`))
      io.say(terminalText(`  → undo: sallyport apis unpin ${pin.id}`))
    })
  withApi(apis.command('unpin').description('take a pin back'), io)
    .argument('<id>', 'as `apis pins` prints it')
    .action(async (id: string, options: ApiOptions) => {
      await apiClient(io, options).delete(`/catalog/pins/${encodeURIComponent(id)}`)
      io.say('Taken back. What traffic says decides again.')
    })
  withApi(apis.command('set').description('say who owns an endpoint, where it runs, what it is for'), io)
    .argument('<endpoint>', 'as `apis list` prints it')
    .option('--owner <name>', 'who answers for it')
    .option('--environment <name>', 'where it runs, such as production')
    .option('--group <name>', 'the application, product or domain it belongs to')
    .option('--tag <names...>', 'tags, in place of those set before')
    .addOption(new Option('--criticality <name>', 'what it is for').choices([...criticalities]))
    .addOption(new Option('--clear <names...>', 'take these words back').choices([...labelNames]))
    .option('--reason <text>', 'shown with the labels and kept in the audit log')
    .action(async (endpoint: string, options: SetOptions) => {
      const told = await apiClient(io, options).patch<EndpointDetailView>(
        `/endpoints/${encodeURIComponent(endpoint)}`,
        changeOf(options),
      )
      io.say(terminalText(`${told.id}: ${labelsOf(told) || 'no labels'}.`))
    })
}

function reviews(options: ReviewOptions, io: Io): Promise<readonly MergeReviewView[]> {
  const api = apiClient(io, options)
  const { state, host, query: q } = options
  return everyPage(cursor => {
    const query = new URLSearchParams()
    for (const [name, value] of Object.entries({ state, host, q, cursor }))
      if (value !== undefined) query.set(name, value)
    return api.get<PageView<MergeReviewView>>('/catalog/reviews', query)
  }, options.limit)
}

function changeOf({ owner, environment, group, tag, criticality, clear, reason }: SetOptions): object {
  const said = { owner, environment, group, tags: tag, criticality }
  const change = {
    ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)),
    ...Object.fromEntries((clear ?? []).map(name => [name, null])),
  }
  if (Object.keys(change).length === 0)
    throw new SallyportError('usage/invalid-argument', 'Nothing is said of the endpoint.', {
      where: 'apis set',
      mend: 'Give --owner, --environment, --group, --tag, --criticality or --clear.',
    })
  return { ...change, ...(reason === undefined ? {} : { reason }) }
}

/** Labels in one line, each with who says so. */
export function labelsOf({
  labels,
  criticality,
}: Pick<EndpointDetailView, 'labels' | 'criticality'>): string {
  const { owner, environment, group, tags = [], criticality: critical } = labels ?? {}
  const one = (
    name: string,
    label: { readonly value: string; readonly from: string } | undefined,
  ): string[] => (label === undefined ? [] : [`${name} ${label.value} (${label.from})`])
  return [
    ...one('owner', owner),
    ...one('environment', environment),
    ...one('group', group),
    ...(tags.length === 0 ? [] : [`tags ${tags.map(({ value }) => value).join(' ')}`]),
    ...(critical === undefined ? [`criticality ${criticality}`] : one('criticality', critical)),
  ].join(', ')
}
