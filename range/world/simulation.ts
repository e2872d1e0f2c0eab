import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SallyportError } from '../../src/kit/error.ts'
import { apps } from '../apps/index.ts'
import { attacks } from '../attacks/index.ts'
import type { App, AppDefinition } from './app.ts'
import { Attack } from './attack.ts'
import { day, hour } from './calendar.ts'
import { LineFile } from './recorder.ts'
import { levels, type Truth, type TruthAccess, type TruthAttack, type TruthCall } from './truth.ts'
import { World } from './world.ts'

export interface RunOptions {
  readonly app: string
  readonly seed: number
  /** Of the application's parameters: the seed unless given. */
  readonly parameters?: number
  /** Folder; made if it is not there. */
  readonly out: string
  /** 21 and 14 unless given. */
  readonly historyDays?: number
  readonly windowDays?: number
  /** Only these kinds of attack. */
  readonly kinds?: readonly string[]
}

/** What one run wrote, in calls. */
export interface RunResult {
  readonly truth: Truth
  readonly accesses: number
}

interface Played {
  readonly world: World
  readonly app: App
  readonly attacks: readonly TruthAttack[]
  readonly labels: ReadonlyMap<string, TruthCall>
}

/**
 * Plays one application three times over and writes `history.jsonl.gz`, `clean.jsonl.gz`, `attacked.jsonl.gz`, `access.jsonl.gz` (of the
 * attacked window) and `truth.json`. The same options, the same bytes.
 * @throws SallyportError `usage/invalid-argument` for an application or a kind that there is none of.
 */
export function run(options: RunOptions): RunResult {
  const definition = appOf(options.app)
  const unknown = options.kinds?.find(kind => !attacks.some(({ id }) => id === kind))
  if (unknown !== undefined)
    throw new SallyportError('usage/invalid-argument', `There is no attack kind ${unknown}.`, {
      mend: `Kinds: ${attacks.map(({ id }) => id).join(', ')}.`,
    })
  mkdirSync(options.out, { recursive: true })
  const file = (name: string): LineFile => new LineFile(join(options.out, name))
  const history = file('history.jsonl.gz')
  const clean = file('clean.jsonl.gz')
  const attacked = file('attacked.jsonl.gz')
  const access = file('access.jsonl.gz')
  const first = play(definition, options, false, history, clean, undefined)
  const second = play(definition, options, true, undefined, attacked, access)
  const { world } = first
  const time = (at: number): string => new Date(at).toISOString()
  const truth: Truth = {
    version: 1,
    app: definition.id,
    seed: options.seed,
    parameters: {
      ...world.style.describe(),
      ...world.accounts.weakness,
      ...world.tokens.weakness,
      ...first.app.parameters,
    },
    history: { from: time(world.start), to: time(world.turn), calls: history.close() },
    clean: { from: time(world.turn), to: time(world.end), calls: clean.close() },
    attacked: { from: time(world.turn), to: time(world.end), calls: attacked.close() },
    deploys: first.app.deploys.map(({ id, time: at, changes }) => ({ id, time: time(at), changes })),
    attacks: second.attacks,
    calls: Object.fromEntries(second.labels),
  }
  writeFileSync(join(options.out, 'truth.json'), `${JSON.stringify(truth)}\n`)
  return { truth, accesses: access.close() }
}

function appOf(id: string): AppDefinition {
  const definition = apps.find(app => app.id === id)
  if (definition === undefined)
    throw new SallyportError('usage/invalid-argument', `There is no application ${id}.`, {
      mend: `Applications: ${apps.map(app => app.id).join(', ')}.`,
    })
  return definition
}

function play(
  definition: AppDefinition,
  options: RunOptions,
  hostile: boolean,
  history: LineFile | undefined,
  window: LineFile,
  access: LineFile | undefined,
): Played {
  const world = new World({
    app: definition.id,
    seed: options.seed,
    ...(options.parameters === undefined ? {} : { parameters: options.parameters }),
    historyDays: options.historyDays ?? 21,
    windowDays: options.windowDays ?? 14,
  })
  const app = definition.build(world)
  const { timeline, turn, end, start } = world
  for (let midnight = start; midnight < end; midnight += day)
    timeline.at(midnight, () => {
      world.housekeeping()
      app.crowd.plan(midnight)
      app.plan(midnight)
    })
  for (const deploy of app.deploys) timeline.at(deploy.time, () => deploy.apply())
  if (history !== undefined) world.sink = sinkTo(history, undefined)
  timeline.runUntil(turn)
  world.sink = sinkTo(window, access)
  const labels = new Map<string, TruthCall>()
  const planned = hostile ? planAttacks(world, app, options, labels) : []
  timeline.runUntil(end)
  const found = planned.flatMap(attack => attack.truth ?? [])
  return { world, app, attacks: found, labels }
}

function sinkTo(lines: LineFile, access: LineFile | undefined) {
  return {
    call: (line: object): void => lines.write(line),
    access: (line: TruthAccess): void => access?.write(line),
  }
}

/** Each kind that the application has what it takes for, at each level, spread over the window. */
function planAttacks(
  world: World,
  app: App,
  options: RunOptions,
  labels: Map<string, TruthCall>,
): readonly Attack[] {
  const shared = { taken: new Set<string>(), labels }
  const planned: Attack[] = []
  for (const definition of attacks) {
    if (options.kinds !== undefined && !options.kinds.includes(definition.id)) continue
    if (!definition.supports(app)) continue
    for (const level of levels) {
      const id = `A${String(planned.length + 1).padStart(3, '0')}`
      const attack = new Attack(world, app, definition, level, id, shared)
      planned.push(attack)
      const share =
        definition.slow === true ? 0.2 : level === 'stealthy' ? 0.6 : level === 'medium' ? 0.85 : 0.93
      const first = Math.floor(attack.stream.between(0, share) * (world.end - world.turn))
      const hourOfDay = attack.stream.int(8, 21) * hour + attack.stream.int(0, hour - 1)
      const time = world.turn + Math.floor(first / day) * day + (level === 'loud' ? first % day : hourOfDay)
      world.timeline.at(Math.max(world.turn + hour, time), () =>
        world.timeline.play(world.now, definition.play(attack)),
      )
    }
  }
  return planned
}
