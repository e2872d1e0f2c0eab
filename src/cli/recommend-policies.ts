import { type Command, Option } from 'commander'
import type { GraphQuestions } from '../engine/graph-questions.ts'
import { SallyportError } from '../kit/error.ts'
import { policyKinds } from '../posture/kinds/index.ts'
import type { Recommendation } from '../posture/recommendation.ts'
import { defaultLearning, maxLearningDays } from '../posture/window.ts'
import { counted, grouped } from '../posture/words.ts'
import { type ApiOptions, apiClient, withApi } from './api-options.ts'
import { type CatalogFiles, catalogFilesOf, withCatalogFiles } from './catalog-files.ts'
import { askFiles } from './graph-source.ts'
import type { Io } from './io.ts'
import { wholeNumber } from './numbers.ts'
import { readSince } from './output.ts'
import { type PatchOptions, recommendPatches, subjectOf } from './recommend-patches.ts'
import { terminalText } from './terminal-text.ts'

interface GivenOptions extends Omit<Options, 'for' | 'kind'>, PatchOptions {
  readonly for?: string
  readonly kind?: string
}

function workloadOptions(given: GivenOptions): Options {
  const { for: node, kind } = given
  if (node !== undefined && kind !== undefined) return { ...given, for: node, kind }
  throw new SallyportError('usage/invalid-argument', 'Say what a policy is wanted for.', {
    where: node === undefined ? '--for' : '--kind',
    mend: 'Give --for with --kind, or one of --incident, --finding and --endpoint.',
  })
}

interface Options extends ApiOptions, CatalogFiles {
  readonly for: string
  readonly kind: string
  readonly days: number
  readonly until?: string
  readonly minCalls: number
  readonly minDays: number
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly gateway?: string
  readonly trustDomain?: string
}

/** `recommend`, below `policy`. */
export function recommendPolicies(command: Command, io: Io): void {
  withCatalogFiles(withApi(command.command('recommend'), io))
    .description(
      'write policies that allow what was seen and nothing else; the explanation goes to standard error',
    )
    .argument(
      '[files...]',
      'recordings, traces, flows, runtime events and manifests, instead of a running Sallyport',
    )
    .option('--incident <id>', 'policies that would have stopped it, each simulated; the best is written')
    .option('--finding <id>', 'the same for a finding')
    .option('--endpoint <id>', 'enforce its learned or specified schema')
    .option('--all', 'of an incident, a finding or an endpoint: write all of them')
    .option('--for <node>', 'workload:shop/orders, or namespace:shop for all of a namespace')
    .addOption(
      new Option('--kind <kind>', 'what to write for a workload').choices(policyKinds.map(({ id }) => id)),
    )
    .option(
      '--days <n>',
      'days that are learned from',
      wholeNumber('--days', 1, maxLearningDays),
      defaultLearning.days,
    )
    .option('--until <time>', 'the end of those days; the newest thing that was seen when absent')
    .option(
      '--min-calls <n>',
      'times at least that something was seen to be allowed',
      wholeNumber('--min-calls', 1, 1_000_000),
      defaultLearning.minCalls,
    )
    .option(
      '--min-days <n>',
      'days at least on which it was seen',
      wholeNumber('--min-days', 1, maxLearningDays),
      defaultLearning.minDays,
    )
    .option(
      '--include <name>',
      'allowed whatever the support; * stands for any text; may be repeated',
      another,
    )
    .option('--exclude <name>', 'not allowed; may be repeated', another)
    .option('--gateway <workload>', 'what lets callers from outside in: ingress/nginx')
    .option('--trust-domain <domain>', 'of the mesh; cluster.local when absent')
    .action(async (files: readonly string[], given: GivenOptions) => {
      const subject = subjectOf(given)
      if (subject !== undefined) return await recommendPatches(subject, given, io)
      const options = workloadOptions(given)
      const recommendation = await ask(files, options, io)
      explain(recommendation, io)
      if (recommendation.yaml !== '') io.out(recommendation.yaml)
    })
}

const another = (name: string, before: readonly string[] = []): readonly string[] => [...before, name]

async function ask(files: readonly string[], options: Options, io: Io): Promise<Recommendation> {
  const { for: node, kind, days, minCalls, minDays, include, exclude, gateway, trustDomain } = options
  const until = options.until === undefined ? undefined : readSince(options.until, Date.now(), '--until')
  const request: GraphQuestions['recommendation']['ask'] = {
    for: node,
    kind,
    days,
    minCalls,
    minDays,
    ...(until === undefined ? {} : { until }),
    ...(include === undefined ? {} : { include }),
    ...(exclude === undefined ? {} : { exclude }),
    ...(gateway === undefined ? {} : { gateway }),
    ...(trustDomain === undefined ? {} : { trustDomain }),
  }
  if (files.length > 0) {
    const { url, token, dataClasses, catalog } = options
    const source = {
      url,
      ...(token === undefined ? {} : { token }),
      ...(dataClasses === undefined ? {} : { dataClasses }),
      ...(catalog === undefined ? {} : { catalog }),
    }
    return await askFiles(files, source, io, 'recommendation', request)
  }
  catalogFilesOf(options, [])
  const { for: _, include: __, exclude: ___, ...plain } = request
  const params = new URLSearchParams({ node })
  for (const [name, value] of Object.entries(plain)) params.set(name, String(value))
  for (const one of include ?? []) params.append('include', one)
  for (const one of exclude ?? []) params.append('exclude', one)
  return await apiClient(io, options).get<Recommendation>('/recommendations', params)
}

/** Lines of one list that are shown. */
const maxShown = 20

function explain({ coverage, denied, leftOut, manifests, nothing, from, to }: Recommendation, io: Io): void {
  const { calls, uses, confidence } = coverage
  io.say(
    `${counted(manifests.length, 'policy', 'policies')} from what was seen from ${from} to ${to}: ${confidence}. ${grouped(calls.allowed)} of ${counted(calls.seen, 'call')} and ${uses.allowed} of ${counted(uses.seen, 'kind')} of use would go on to pass.`,
  )
  const list = (title: string, sentences: readonly string[]): void => {
    if (sentences.length === 0) return
    io.say(title)
    for (const sentence of sentences.slice(0, maxShown)) io.say(`- ${terminalText(sentence)}`)
    if (sentences.length > maxShown) io.say(`- and ${sentences.length - maxShown} more`)
  }
  if (denied.length === 0) io.say('Nothing of the last seven days would have been denied.')
  list(
    'Of the last seven days it would have denied:',
    denied.map(({ sentence }) => sentence),
  )
  list(
    'Left out, and not seen in the last seven days:',
    leftOut.map(({ sentence }) => sentence),
  )
  list('To be known:', [...new Set(manifests.flatMap(({ notes }) => notes))])
  list(
    'Nothing to recommend:',
    nothing.map(({ workload, why }) => `${workload}: ${why}`),
  )
}
