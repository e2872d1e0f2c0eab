import type { Command } from 'commander'
import type { SimulationView } from '../server/api/simulation.ts'
import type { StoredCall } from '../store/ports/call-store.ts'
import { type ApiOptions, apiClient, withApi } from './api-options.ts'
import type { Io } from './io.ts'
import { type Format, formatData, formatOption, readSince } from './output.ts'
import { readPolicy } from './policy-file.ts'
import { analyseRecordings } from './recordings.ts'
import { formatTable } from './table.ts'
import { terminalText } from './terminal-text.ts'

interface Options extends ApiOptions {
  readonly since: string
  readonly until?: string
  readonly format: Format
}

/** Calls of recordings that are simulated at most: the newest. */
const maxRecorded = 200_000

/** `simulate`, below `policy`. */
export function simulatePolicy(command: Command, io: Io): void {
  withApi(command.command('simulate'), io)
    .description('whom it would touch in the recorded calls: attacks it stops, benign calls it breaks')
    .argument('<file>', 'the policies')
    .argument('[recordings...]', 'recordings to look at instead of asking a running Sallyport')
    .option('--since <time>', 'how far back', '24h')
    .option('--until <time>', 'to then; to now when absent')
    .addOption(formatOption())
    .action(async (file: string, recordings: readonly string[], options: Options) => {
      const source = readPolicy(file)
      const simulation =
        recordings.length > 0
          ? await simulateRecordings(source, recordings, io)
          : await apiClient(io, options).post<SimulationView>('/policies/simulate', {
              source,
              since: new Date(readSince(options.since, Date.now())).toISOString(),
              ...(options.until === undefined
                ? {}
                : { until: new Date(readSince(options.until, Date.now(), '--until')).toISOString() }),
            })
      if (options.format === 'table') tellSimulation(simulation, io)
      else io.out(formatData(options.format, simulation))
    })
}

/** With what all of the recordings teach, and the incidents that they raise taken for attacks. */
async function simulateRecordings(
  source: string,
  recordings: readonly string[],
  io: Io,
): Promise<SimulationView> {
  const [{ simulateCalls }, { rulesHash }, { simulationViewOf }] = await Promise.all([
    import('../engine/policy-service.ts'),
    import('../policy/stages.ts'),
    import('../server/views/simulation.ts'),
  ])
  let calls: StoredCall[] = []
  let dropped = false
  const { analysis } = await analyseRecordings(
    recordings,
    {
      onCall: stored => {
        calls.push(stored)
        if (calls.length < 2 * maxRecorded) return
        calls = calls.slice(-maxRecorded)
        dropped = true
      },
    },
    io,
  )
  const truncated = dropped || calls.length > maxRecorded
  const attacks = analysis.incidents()
  const simulation = await simulateCalls(source, each(calls.slice(-maxRecorded)), {
    snapshot: analysis.snapshot(1),
    attacks,
  })
  return simulationViewOf({
    ...simulation,
    hash: rulesHash(source),
    truncated,
    involved: new Set<string>(attacks.flatMap(({ principals }) => principals)),
  })
}

async function* each<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items
}

const shownRows = 20

export function tellSimulation(simulation: SimulationView, io: Io): void {
  const { calls, matched, principals, stopped, amended, attacks, suspect, benign, errors } = simulation
  io.say(`Of ${calls} calls it would have acted on ${matched}, of ${principals.length} principals.`)
  io.say(`It would have stopped ${stopped} and changed ${amended}.`)
  if (attacks.calls > 0)
    io.say(`Attacks: it stops ${attacks.stopped} of ${attacks.calls} calls and misses ${attacks.missed}.`)
  if (suspect.calls > 0)
    io.say(`By the same actors: it stops ${suspect.stopped} of ${suspect.calls} further calls.`)
  io.say(
    benign.stopped + benign.amended === 0
      ? `Benign: it touches none of ${benign.calls} calls.`
      : `Benign: it breaks ${benign.stopped} and changes ${benign.amended} of ${benign.calls} calls, of ${benign.principals} principals.`,
  )
  if (errors > 0) io.say(`Its conditions failed ${errors} times.`)
  if (simulation.truncated) io.say('There were more calls than were read: the newest were.')
  for (const { call, principal, endpoint, action } of benign.examples.slice(0, 5))
    io.say(terminalText(`- benign ${call}: ${principal} ${endpoint} → ${action ?? ''}`))
  if (principals.length === 0) return
  io.out(
    formatTable(
      [
        { title: 'calls', value: row => row.calls, align: 'right' },
        { title: 'principal', value: row => row.principal, grow: true },
        { title: 'in an incident', value: row => (row.inIncident ? 'yes' : 'no') },
      ],
      principals.slice(0, shownRows),
      io.width,
    ),
  )
  if (principals.length > shownRows) io.say(`and ${principals.length - shownRows} more principals`)
}
