import { z } from 'zod'
import { criticalities } from '../../catalog/criticalities.ts'
import type { EndpointOverride } from '../../catalog/ownership/labels.ts'
import { SallyportError } from '../../kit/error.ts'
import type { StateStore } from '../../store/ports/state-store.ts'
import { inTurn } from '../in-turn.ts'
import { defineRoute } from '../route.ts'
import { endpointDetailView } from '../schemas/endpoint.ts'
import { byId } from '../schemas/params.ts'
import { endpointDetail, noSuchEndpoint } from './endpoints.ts'
import { reason } from './quarantine.ts'

/** Endpoints a person may have said something of; more is refused. */
const maxOverrides = 20_000

const word = z
  .string()
  .trim()
  .min(1, 'must not be empty; null takes it back')
  .max(80, 'must have at most 80 characters')
  .regex(/^\P{Cc}*$/u, 'must not hold control characters')
const taken = word.nullable().optional()

const body = z
  .strictObject({
    owner: taken,
    environment: taken,
    group: taken,
    tags: z.array(word).max(20, 'must have at most 20 tags').nullable().optional(),
    criticality: z
      .enum(criticalities, `must be one of ${criticalities.join(', ')}`)
      .nullable()
      .optional(),
    reason: reason.optional(),
  })
  .refine(({ reason: _, ...values }) => Object.values(values).some(value => value !== undefined), {
    error: 'must hold owner, environment, group, tags or criticality',
  })

export const labelEndpoint = defineRoute({
  method: 'PATCH',
  path: '/endpoints/{id}',
  summary: "A person's word on an endpoint, before all rules and evidence; null takes a word back",
  role: 'analyst',
  audit: 'endpoint.label',
  params: byId,
  body,
  response: endpointDetailView,
  async handler({ actor, audit, backend, body: change, now, params }) {
    const facts = backend.endpoint(params.id)
    if (facts === undefined) throw noSuchEndpoint(params.id)
    const { id } = facts.endpoint
    await inTurn(() => keep(backend.state, id, change, now, actor.name))
    await audit(id, change)
    await backend.changed('catalog')
    return await endpointDetail(backend, id, now)
  },
})

type Change = z.infer<typeof body>

async function keep(state: StateStore, id: string, change: Change, at: number, by: string): Promise<void> {
  const stored = await state.directions()
  const known = stored.find(one => one.kind === 'override' && one.id === id)
  const before: EndpointOverride =
    known === undefined ? { endpoint: id } : (JSON.parse(known.body) as EndpointOverride)
  const { endpoint: _, reason: __, ...values } = { ...before, ...change }
  const left = Object.entries(values).filter(([, value]) => value !== null && value !== undefined)
  if (left.length === 0) {
    await state.deleteDirection(id)
    return
  }
  if (known === undefined && stored.filter(({ kind }) => kind === 'override').length >= maxOverrides)
    throw new SallyportError('limit/exceeded', 'No more endpoints can be labelled one by one.', {
      where: 'body',
      mend: 'Write a rule in the catalog file instead: one rule labels any number of endpoints.',
    })
  const said = change.reason ?? before.reason
  const override = {
    endpoint: id,
    ...Object.fromEntries(left),
    ...(said === undefined ? {} : { reason: said }),
  }
  await state.putDirection({ id, kind: 'override', body: JSON.stringify(override), at, by })
}
