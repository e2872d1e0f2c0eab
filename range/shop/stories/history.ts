import { writeFileSync } from 'node:fs'
import type { SallyportEvent } from '../../../src/call/event.ts'
import { formatEventLine } from '../../../src/call/event-line.ts'
import { Analysis } from '../../../src/engine/analysis.ts'
import { workADay } from './daily-work.ts'
import type { Estate } from './estate.ts'
import { startSensors } from './sensors.ts'

const halfDayMs = 43_200_000
/** How long the history is: a week is learned, and a day more. */
const rounds = 17

/** What the sensors tell of one short day of the estate, in order. */
export async function recordDay(estate: Estate): Promise<readonly SallyportEvent[]> {
  const events: SallyportEvent[] = []
  const sensors = await startSensors(estate, event => events.push(event))
  try {
    estate.reportTo(sensors.collectors)
    await workADay(estate, sensors.target)
    await estate.flush()
  } finally {
    await sensors.close()
  }
  return events
}

/** The day over and over, every twelve hours, until half a day ago: time is an input. */
export function* historyOf(day: readonly SallyportEvent[]): Generator<SallyportEvent> {
  for (let round = rounds; round > 0; round -= 1)
    for (const event of day) yield earlier(event, round * halfDayMs, round.toString(36))
}

/** Analysis that has been there for all of it. */
export function analysisAfter(day: readonly SallyportEvent[]): Analysis {
  const analysis = new Analysis()
  for (const event of historyOf(day)) analysis.observe(event, { learning: true })
  return analysis
}

/** Writes the history as event lines, for whoever learns from recordings. */
export function writeHistory(file: string, day: readonly SallyportEvent[]): void {
  writeFileSync(file, [...historyOf(day)].map(event => `${formatEventLine(event)}\n`).join(''))
}

function earlier(event: SallyportEvent, byMs: number, mark: string): SallyportEvent {
  const moved = { ...event, id: `${event.id}-${mark}`, time: event.time - byMs } as SallyportEvent
  if (!('trace' in moved) || moved.trace === undefined) return moved
  const trace = Object.fromEntries(Object.entries(moved.trace).map(([name, id]) => [name, `${id}-${mark}`]))
  return { ...moved, trace } as SallyportEvent
}
