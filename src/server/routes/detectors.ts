import { z } from 'zod'
import { SallyportError } from '../../kit/error.ts'
import { nearest } from '../../kit/nearest.ts'
import type { Backend, DetectorStatus } from '../backend.ts'
import { defineRoute } from '../route.ts'
import { backtestView } from '../schemas/backtest.ts'
import { detectorList, detectorView } from '../schemas/detector.ts'
import { byId, moment } from '../schemas/params.ts'
import { backtestViewOf } from '../views/backtest.ts'
import { detectorViews } from '../views/detector.ts'
import { present } from '../views/present.ts'

export const listDetectors = defineRoute({
  method: 'GET',
  path: '/detectors',
  summary: 'Every detector: how it is set, what it said, what people made of it',
  role: 'viewer',
  response: detectorList,
  async handler({ backend, now }) {
    return { items: await detectorViews(backend, backend.detectors(), now) }
  },
})

export const showDetector = defineRoute({
  method: 'GET',
  path: '/detectors/{id}',
  summary: 'One detector',
  role: 'viewer',
  params: byId,
  response: detectorView,
  async handler({ backend, now, params }) {
    return await view(backend, params.id, now)
  },
})

const options = z.record(z.string().max(100), z.number().nullable())

export const setDetector = defineRoute({
  method: 'PATCH',
  path: '/detectors/{id}',
  summary: 'Sets a detector, from the next call on; an option that is null goes back to its default',
  role: 'analyst',
  audit: 'detector.set',
  params: byId,
  body: z.strictObject({ options: options.optional(), enabled: z.boolean().optional() }),
  response: detectorView,
  async handler({ actor, audit, backend, body, now, params }) {
    const detector = find(backend, params.id)
    const { id } = detector.facts
    const asked = body.options ?? {}
    checkOptions(detector, asked)
    const [known] = (await backend.state.detectorSettings()).filter(one => one.detector === id)
    const set: Record<string, number> = { ...known?.options }
    for (const [name, value] of Object.entries(asked)) {
      if (value === null) delete set[name]
      else set[name] = value
    }
    const enabled = body.enabled ?? known?.enabled
    await backend.state.putDetectorSetting({
      ...present({ enabled }),
      detector: id,
      options: set,
      at: now,
      by: actor.name,
    })
    await audit(id, present({ ...body, before: before(detector, asked) }))
    await backend.changed('tuning')
    return await view(backend, id, now)
  },
})

export const testDetector = defineRoute({
  method: 'POST',
  path: '/detectors/{id}/test',
  summary: 'Runs one detector over the recorded calls, as it is set and as it would be set',
  role: 'analyst',
  computes: true,
  params: byId,
  body: z.strictObject({
    since: moment.optional().describe('All that is recorded when absent, the newest calls up to a bound.'),
    options: options.optional(),
  }),
  response: backtestView,
  async handler({ backend, body, params }) {
    const detector = find(backend, params.id)
    const asked = body.options ?? {}
    checkOptions(detector, asked)
    const values = Object.fromEntries(
      Object.entries(asked).map(([name, value]) => [name, value ?? defaultOf(detector, name)]),
    )
    return backtestViewOf(
      await backend.backtest(present({ detector: params.id, since: body.since, options: values })),
    )
  },
})

const defaultOf = (detector: DetectorStatus, name: string): number =>
  detector.configured[name] ?? detector.facts.options[name]?.default ?? 0

/** As it was, for the audit log. */
const before = (detector: DetectorStatus, asked: Readonly<Record<string, unknown>>) => ({
  enabled: detector.enabled,
  options: Object.fromEntries(Object.keys(asked).map(name => [name, detector.options[name]])),
})

function find(backend: Backend, id: string): DetectorStatus {
  const found = backend.detectors().find(({ facts }) => facts.id === id)
  if (found !== undefined) return found
  throw new SallyportError('resource/not-found', 'There is no such detector.', {
    where: id,
    mend: 'List them with GET /api/v1/detectors.',
  })
}

async function view(backend: Backend, id: string, now: number) {
  const [told] = await detectorViews(backend, [find(backend, id)], now)
  if (told === undefined) throw new SallyportError('internal/defect', 'One detector makes one view.')
  return told
}

function checkOptions(detector: DetectorStatus, asked: Readonly<Record<string, number | null>>): void {
  const { id, options: declared } = detector.facts
  for (const [name, value] of Object.entries(asked)) {
    const where = `body.options.${name}`
    if (!Object.hasOwn(declared, name)) {
      const close = nearest(name, Object.keys(declared))
      throw new SallyportError('usage/invalid-argument', `The detector ${id} has no option "${name}".`, {
        where,
        mend:
          close === undefined
            ? `It has: ${Object.keys(declared).join(', ') || 'none'}.`
            : `Did you mean ${close}?`,
      })
    }
    if (value !== null && (!Number.isFinite(value) || value < 0))
      throw new SallyportError('usage/invalid-argument', 'The value must be a number that is not negative.', {
        where,
      })
  }
}
