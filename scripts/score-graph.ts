import { type Played, play } from '../src/detect/graph/play.ts'
import { Dice } from './graph-stories/dice.ts'
import { day, Estate, hour, minute } from './graph-stories/estate.ts'
import { Recorder } from './graph-stories/recorder.ts'
import { type Story, stories, type Told } from './graph-stories/stories.ts'

/**
 * How many variants of each staged story become exactly one incident that names its workload, its store and its data within a minute, and
 * what a simulated clean week with two deploys raises. Usage: `node scripts/score-graph.ts [variants] [weeks]`.
 */
const start = Date.UTC(2026, 2, 2)

interface Verdict {
  readonly one: boolean
  readonly way: boolean
  readonly data: boolean
  readonly seconds: number
}

export function scoreStory(story: Story, seed: number): Verdict {
  const random = new Dice(`graph ${seed}`)
  const recorder = new Recorder(random)
  const estate = new Estate(random, recorder, start)
  const at = start + 9 * day + random.whole(0, 20) * hour
  estate.work(start, at + 2 * hour)
  const told = story.stage(estate, recorder, random, at)
  for (let later = told.end; later < told.end + 3 * minute; later += 5_000) turn(estate, random, later)
  return verdictOf(play(recorder.steps(), { settle: false }), told)
}

function turn(estate: Estate, random: Dice, time: number): void {
  const service = random.pick(estate.services)
  estate.turn(service, random.pick(service.pods), time)
}

function verdictOf({ detection, opened }: Played, told: Told): Verdict {
  const incidents = detection.incidents()
  const [incident] = incidents
  const nodes = (incident?.path ?? []).map(({ node }) => node)
  return {
    one: incidents.length === 1,
    way: nodes.includes(`store:${told.store}`) && nodes.includes(`workload:${told.workload}`),
    data: incident?.dataClasses.includes(told.dataClass) ?? false,
    seconds:
      incident === undefined ? Number.POSITIVE_INFINITY : ((opened.get(incident.id) ?? 0) - told.end) / 1_000,
  }
}

/** Eight days to learn from, then a week with two deploys that bring new dependencies. */
export function cleanWeek(seed: number): {
  readonly signals: ReadonlyMap<string, number>
  readonly incidents: number
  readonly events: number
} {
  const random = new Dice(`graph ${seed}`)
  const recorder = new Recorder(random)
  const estate = new Estate(random, recorder, start)
  const learned = start + 8 * day
  const first = learned + random.whole(10, 60) * hour
  const second = first + random.whole(30, 80) * hour
  estate.work(start, first)
  estate.deploy(first, { store: random.pick(estate.stores), service: random.pick(estate.services) })
  estate.work(first + 5 * minute, second)
  estate.deploy(second, { host: `${random.word(6)}.vendor.example`, store: random.pick(estate.stores) })
  estate.work(second + 5 * minute, learned + 7 * day)
  const steps = recorder.steps()
  const { detection } = play(steps)
  const signals = new Map<string, number>()
  for (const { detector, time } of detection.signals())
    if (time >= learned) signals.set(detector, (signals.get(detector) ?? 0) + 1)
  return { signals, incidents: detection.incidents().length, events: steps.length }
}

if (import.meta.main) {
  const variants = Number(process.argv[2] ?? 20)
  const weeks = Number(process.argv[3] ?? 10)
  for (const story of stories) {
    const verdicts = Array.from({ length: variants }, (_, seed) => scoreStory(story, seed + 1))
    const share = (fits: (verdict: Verdict) => boolean): string =>
      `${verdicts.filter(fits).length}/${variants}`
    console.log(
      `${story.id}: one incident ${share(({ one }) => one)}, way ${share(({ way }) => way)}, data ${share(({ data }) => data)}, within 60 s ${share(({ seconds }) => seconds <= 60)}`,
    )
  }
  let incidents = 0
  let events = 0
  const signals = new Map<string, number>()
  for (let seed = 1; seed <= weeks; seed += 1) {
    const week = cleanWeek(1_000 + seed)
    incidents += week.incidents
    events += week.events
    for (const [detector, count] of week.signals) signals.set(detector, (signals.get(detector) ?? 0) + count)
  }
  const told = [...signals].map(([detector, count]) => `${detector} ${count}`).join(', ') || 'none'
  console.log(
    `${weeks} clean weeks of ${Math.round(events / weeks)} events: ${incidents} incidents; signals: ${told}`,
  )
}
