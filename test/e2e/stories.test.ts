import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { workADay } from '../../range/shop/stories/daily-work.ts'
import { type Estate, startEstate } from '../../range/shop/stories/estate.ts'
import { analysisAfter, historyOf, recordDay, writeHistory } from '../../range/shop/stories/history.ts'
import { startSensors } from '../../range/shop/stories/sensors.ts'
import { stories } from '../../range/shop/stories/stories.ts'
import { type StoryTruth, storyTruths } from '../../range/shop/truth.ts'
import type { SallyportEvent } from '../../src/call/event.ts'
import type { Incident } from '../../src/detect/incident.ts'
import { loadConfig } from '../../src/engine/config.ts'
import { System } from '../../src/engine/system.ts'
import { systemClock } from '../../src/kit/clock.ts'
import { temporaryFolder } from './started.ts'

/**
 * Intrusions across the processes of the sample shop, as the whole product sees them: calls by its gateway, spans of the OpenTelemetry SDK,
 * alerts of a runtime sensor and audit records of the cloud, each sent to where it listens. What is normal comes from a recording of the
 * same processes at their daily work, moved back in time.
 */
const latestMs = 60_000
const hourMs = 3_600_000

const folder = temporaryFolder()
let estate: Estate
let day: readonly SallyportEvent[]

beforeAll(async () => {
  estate = await startEstate()
  day = await recordDay(estate)
}, 60_000)
afterAll(async () => {
  await estate?.close()
  folder.remove()
})

describe('a release of the shop', () => {
  it('that brings a new dependency raises no incident, neither at once nor after an hour', async () => {
    const analysis = analysisAfter(day)
    const known = (): boolean =>
      [...analysis.graph.graph.allEdges({ kinds: ['calls'] })].some(
        ({ from, to }) => from === 'workload:shop/users' && to === 'workload:shop/orders',
      )
    expect(known()).toBe(false)
    const sensors = await startSensors(estate, event => void analysis.observe(event))
    try {
      estate.reportTo(sensors.collectors)
      await workADay(estate, sensors.target)
      await estate.production.deploy('users', '2.0.0')
      await workADay(estate, sensors.target)
      await estate.flush()
    } finally {
      await sensors.close()
      await estate.production.deploy('users', '1.0.0')
    }
    expect(known()).toBe(true)
    analysis.settle(Date.now() + hourMs)
    expect(analysis.incidents().map(({ title }) => title)).toEqual([])
  }, 60_000)
})

describe('three intrusions after the recorded days', () => {
  it('are three incidents, and no more an hour later', async () => {
    const analysis = analysisAfter(day)
    const sensors = await startSensors(estate, event => void analysis.observe(event))
    try {
      estate.reportTo(sensors.collectors)
      await workADay(estate, sensors.target)
      for (const { id } of storyTruths) await stories[id](estate, sensors.target)
      await estate.flush()
    } finally {
      await sensors.close()
    }
    const paths = () => analysis.incidents().map(({ path }) => path?.map(({ node }) => node))
    const truths = storyTruths.map(({ path }) => path)
    expect(paths()).toHaveLength(truths.length)
    expect(paths()).toEqual(expect.arrayContaining(truths))
    analysis.settle(Date.now() + hourMs)
    expect(paths()).toHaveLength(truths.length)
    expect(paths()).toEqual(expect.arrayContaining(truths))
  }, 60_000)
})

describe('an intrusion into the shop', () => {
  let system: System
  const ends = new Map<StoryTruth['id'], number>()
  /** By incident, when it was there first. */
  const there = new Map<string, number>()
  let clean: readonly string[]
  const said: string[] = []

  const incidents = async (): Promise<readonly Incident[]> =>
    (await system.state.incidents({ limit: 100 })).items
  const found = async ({ path }: StoryTruth): Promise<readonly Incident[]> =>
    (await incidents()).filter(incident => incident.path?.some(({ node }) => node === path[1]) === true)

  beforeAll(async () => {
    const history = join(folder.path, 'history.jsonl')
    writeHistory(history, day)
    system = await System.start({
      config: loadConfig(undefined, {
        SALLYPORT_DATA_DIR: join(folder.path, 'data'),
        SALLYPORT_ANALYSIS_LEARN: JSON.stringify([history]),
        SALLYPORT_CALLS_DRIVER: 'memory',
        SALLYPORT_GATEWAY_PORT: '0',
        SALLYPORT_GATEWAY_UPSTREAM: estate.url,
        SALLYPORT_GATEWAY_TRUSTED_PROXIES: '[127.0.0.1/32]',
        SALLYPORT_SENSORS_OTLP_ENABLED: 'true',
        SALLYPORT_SENSORS_OTLP_HTTP_PORT: '0',
        SALLYPORT_SENSORS_OTLP_GRPC_PORT: '0',
        SALLYPORT_SENSORS_RUNTIME_PORT: '0',
        SALLYPORT_SENSORS_CLOUD_PORT: '0',
      }),
      clock: systemClock,
      log: line => said.push(line),
    })
    system.subscribe(heard => {
      if (heard.type === 'incident' && !there.has(heard.incident.id)) there.set(heard.incident.id, Date.now())
    })
    const addressOf = (id: string): string => {
      const address = system.sensors().find(sensor => sensor.id === id)?.address ?? ''
      expect(address).toMatch(/^127/)
      return `http://${address.split(' ')[0]}`
    }
    await vi.waitFor(
      () =>
        estate.reportTo({
          otlp: addressOf('otlp'),
          runtime: addressOf('runtime'),
          cloud: addressOf('cloud'),
        }),
      { timeout: 10_000 },
    )
    const target = system.gatewayUrl() ?? ''
    await workADay(estate, target)
    await estate.flush()
    clean = (await incidents()).map(({ title }) => title)
    for (const { id } of storyTruths) ends.set(id, await stories[id](estate, target))
    await estate.flush()
    // Spans that wait for another side are told after ten seconds without it.
    await vi.waitFor(
      async () => {
        for (const truth of storyTruths) {
          const [incident] = await found(truth)
          expect(incident?.path?.map(({ node }) => node)).toEqual(truth.path)
        }
      },
      { timeout: latestMs, interval: 250 },
    )
  }, 120_000)
  afterAll(async () => {
    await system?.close()
  })

  it('comes after daily work that raised nothing', () => {
    expect(said).toContain(`Learned from ${[...historyOf(day)].length} recorded events.`)
    expect(clean).toEqual([])
  })

  it.each(storyTruths)('is one incident with its way and its data, in time: $id', async truth => {
    const matching = await found(truth)
    expect(matching).toHaveLength(1)
    const [incident] = matching
    expect(incident?.path?.map(({ node }) => node)).toEqual(truth.path)
    expect(incident?.dataClasses).toEqual(expect.arrayContaining([...truth.dataClasses]))
    expect(incident?.principals).toEqual(
      truth.principals.map(principal => expect.stringMatching(new RegExp(`^${principal}`)) as string),
    )
    const end = ends.get(truth.id) ?? Number.NaN
    expect((incident?.opened ?? Number.POSITIVE_INFINITY) - end).toBeLessThanOrEqual(latestMs)
    expect((there.get(incident?.id ?? '') ?? Number.POSITIVE_INFINITY) - end).toBeLessThanOrEqual(latestMs)
  })

  it('is told once: there are as many incidents as stories', async () => {
    expect((await incidents()).map(({ title }) => title)).toHaveLength(storyTruths.length)
    expect(ends.size).toBe(3)
  })
})
