import { z } from 'zod'
import { suppressionsOf } from '../../detect/tuning/dismiss.ts'
import { dismissalDays, dismissalReasons, dismissalScopes } from '../../detect/tuning/suppression.ts'
import { feedbackOf } from '../../detect/tuning/tuning.ts'
import { SallyportError } from '../../kit/error.ts'
import { defineRoute } from '../route.ts'
import { dismissalView } from '../schemas/dismissal.ts'
import { feedbackView } from '../schemas/feedback.ts'
import { byId, flag } from '../schemas/params.ts'
import { suppressionList, suppressionView } from '../schemas/suppression.ts'
import { feedbackViewOf } from '../views/feedback.ts'
import { findIncident, incidentViewOf, signalsOf } from '../views/incident.ts'
import { present } from '../views/present.ts'
import { standingOf } from '../views/standing.ts'
import { hitsOf, suppressionViewOf } from '../views/suppression.ts'

const note = z.string().trim().min(1).max(2_000)

const titles: Readonly<Record<(typeof dismissalReasons)[number], string>> = {
  'expected-behaviour': 'Expected behaviour',
  test: 'A test',
  duplicate: 'A duplicate',
  'not-an-attack': 'Not an attack',
  'accepted-risk': 'Accepted risk',
}

export const dismissIncident = defineRoute({
  method: 'POST',
  path: '/incidents/{id}/dismiss',
  summary: 'Closes an incident and keeps its like from being raised for some days',
  role: 'analyst',
  audit: 'incident.dismiss',
  params: byId,
  body: z.strictObject({
    reason: z.enum(dismissalReasons),
    note: note.optional(),
    scope: z
      .enum(dismissalScopes)
      .default('actor-detector-endpoint')
      .describe('What is not raised: always of the detectors that took part, never everything they say.'),
    days: z
      .number()
      .int('must be a whole number of days')
      .min(1, `must be from 1 to ${dismissalDays.most} days`)
      .max(dismissalDays.most, `must be from 1 to ${dismissalDays.most} days`)
      .default(dismissalDays.default),
  }),
  response: dismissalView,
  async handler({ actor, audit, backend, body, live, now, params }) {
    const incident = await findIncident(backend, params.id)
    const signals = await signalsOf(backend, incident)
    const word = present({ ...body, incident: incident.id, at: now, by: actor.name })
    const made = suppressionsOf(signals, word)
    await backend.state.putSuppressions(made)
    // What was no attack teaches the detectors, like a word of its own.
    if (body.reason === 'not-an-attack' || body.reason === 'expected-behaviour')
      await backend.state.putFeedback(
        feedbackOf(
          incident.id,
          signals,
          present({ verdict: 'benign', note: body.note, at: now, by: actor.name }),
        ),
      )
    await backend.state.putResolution({
      incident: incident.id,
      status: 'closed',
      reason: body.note === undefined ? titles[body.reason] : `${titles[body.reason]}: ${body.note}`,
      at: now,
      by: actor.name,
    })
    await audit(incident.id, { ...present(body), suppressions: made.map(({ id }) => id) })
    await backend.changed('resolutions')
    await backend.changed('tuning')
    await live.tellIncident(incident)
    return {
      incident: incidentViewOf(incident, await standingOf(backend)),
      suppressions: made.map(one => suppressionViewOf(one, backend)),
    }
  },
})

export const giveFeedback = defineRoute({
  method: 'POST',
  path: '/incidents/{id}/feedback',
  summary: 'Says what an incident was; its detectors are calibrated by it',
  role: 'analyst',
  audit: 'incident.feedback',
  params: byId,
  body: z.strictObject({ verdict: z.enum(['attack', 'benign']), note: note.optional() }),
  response: feedbackView,
  async handler({ actor, audit, backend, body, live, now, params }) {
    const incident = await findIncident(backend, params.id)
    const signals = await signalsOf(backend, incident)
    const feedback = feedbackOf(incident.id, signals, present({ ...body, at: now, by: actor.name }))
    await backend.state.putFeedback(feedback)
    await audit(incident.id, present(body))
    await backend.changed('tuning')
    await live.tellIncident(incident)
    return feedbackViewOf(feedback)
  },
})

export const listSuppressions = defineRoute({
  method: 'GET',
  path: '/suppressions',
  summary: 'What is not raised for a while because somebody dismissed it, newest first',
  role: 'viewer',
  query: z.strictObject({ all: flag.optional().describe('Also those that ran out or were taken back.') }),
  response: suppressionList,
  async handler({ backend, query, now }) {
    const [suppressions, hits] = await Promise.all([
      backend.state.suppressions(now, { all: query.all === true }),
      hitsOf(backend),
    ])
    return { items: suppressions.slice(0, 1_000).map(one => suppressionViewOf(one, backend, hits)) }
  },
})

export const removeSuppression = defineRoute({
  method: 'DELETE',
  path: '/suppressions/{id}',
  summary: 'Takes a dismissal back: its like is raised again',
  role: 'analyst',
  audit: 'suppression.remove',
  params: byId,
  response: suppressionView,
  async handler({ actor, audit, backend, now, params }) {
    const removed = await backend.state.removeSuppression(params.id, actor.name, now)
    if (removed === undefined)
      throw new SallyportError('resource/not-found', 'There is no such dismissal, or it has ended.', {
        where: params.id,
        mend: 'List them with GET /api/v1/suppressions.',
      })
    await audit(removed.id, { incident: removed.incident, detector: removed.detector })
    await backend.changed('tuning')
    return suppressionViewOf(removed, backend)
  },
})
