import { z } from 'zod'
import { parsePin } from '../../catalog/directions/parse-pin.ts'
import type { TemplatePin } from '../../catalog/directions/template-pin.ts'
import { SallyportError } from '../../kit/error.ts'
import { stableHash } from '../../kit/hash.ts'
import type { PinView } from '../api/pin.ts'
import type { Backend } from '../backend.ts'
import { inTurn } from '../in-turn.ts'
import { pinsClash } from '../pins-clash.ts'
import { defineRoute } from '../route.ts'
import { byId, name } from '../schemas/params.ts'
import { pinView } from '../schemas/pin.ts'
import { answer } from '../schemas/registry.ts'
import { stamp } from '../views/stamp.ts'
import { reason } from './quarantine.ts'

/** Pins kept; more is refused. */
const maxPins = 1_000

async function allPins(backend: Backend): Promise<readonly PinView[]> {
  const fixed = backend.catalogFile()
  const ofFile = (fixed?.pins ?? []).map(({ id, host, template }) => ({
    id,
    host,
    template,
    at: stamp(backend.startedAt),
    by: `file:${fixed?.file}`,
  }))
  const stored = (await backend.state.directions()).flatMap(({ kind, body, at, by }) => {
    if (kind !== 'pin') return []
    const { id, host, template } = JSON.parse(body) as TemplatePin
    return [{ id, host, template, at: stamp(at), by }]
  })
  return [...ofFile, ...stored]
}

export const listPins = defineRoute({
  method: 'GET',
  path: '/catalog/pins',
  summary: 'Templates that people fixed: those of the catalog file, then the others, oldest first',
  role: 'viewer',
  response: answer('PinList', z.object({ items: z.array(pinView) })),
  async handler({ backend }) {
    return { items: [...(await allPins(backend))] }
  },
})

export const addPin = defineRoute({
  method: 'POST',
  path: '/catalog/pins',
  summary: 'Fixes a template: its literals stay literals, its placeholders take every other value',
  role: 'analyst',
  audit: 'pin.add',
  status: 201,
  body: z.strictObject({
    host: name.describe('As calls name it, a pattern such as {tenant}.example.com, or * for every host.'),
    template: name.describe('Such as /orders/{orderId}.'),
    reason: reason.optional(),
  }),
  response: pinView,
  async handler({ actor, audit, backend, body, now }) {
    const { host, template } = readPin(body.host, body.template)
    const pin: TemplatePin = { id: `pin-${stableHash([host, template])}`, host, template }
    await inTurn(async () => {
      checkAgainst(pin, await allPins(backend))
      const direction = {
        id: pin.id,
        kind: 'pin',
        body: JSON.stringify(pin),
        at: now,
        by: actor.name,
      } as const
      await backend.state.putDirection(direction)
    })
    await audit(pin.id, { host, template, ...(body.reason === undefined ? {} : { reason: body.reason }) })
    await backend.changed('catalog')
    return { ...pin, at: stamp(now), by: actor.name }
  },
})

/** The refusal of `parsePin`, named as the body has it. */
function readPin(host: string, template: string): ReturnType<typeof parsePin> {
  try {
    return parsePin(host, template)
  } catch (thrown) {
    if (!(thrown instanceof SallyportError)) throw thrown
    const { code, message, where, mend } = thrown
    throw new SallyportError(code, message, {
      where: `body.${where ?? 'template'}`,
      ...(mend === undefined ? {} : { mend }),
    })
  }
}

function checkAgainst(pin: TemplatePin, pins: readonly PinView[]): void {
  for (const other of pins) {
    if (other.host !== pin.host) continue
    if (other.template === pin.template)
      throw new SallyportError('resource/conflict', 'That template is pinned already.', {
        where: other.id,
        mend: `It was pinned by ${other.by} on ${other.at.slice(0, 10)}; there is nothing to do.`,
      })
    const [its, ours] = pinsClash(other.template, pin.template) ?? []
    if (its !== undefined)
      throw new SallyportError(
        'resource/conflict',
        `The pin ${other.template} calls the same place ${its}, this one ${ours}.`,
        { where: other.id, mend: `Write ${its} here too, or take the pin ${other.id} back first.` },
      )
  }
  if (pins.length >= maxPins)
    throw new SallyportError('limit/exceeded', 'No more templates can be pinned.', {
      where: 'body',
      mend: `Take some back: at most ${maxPins.toLocaleString('en')} are kept.`,
    })
}

export const deletePin = defineRoute({
  method: 'DELETE',
  path: '/catalog/pins/{id}',
  summary: 'Takes a pin back; what traffic says decides again',
  role: 'analyst',
  audit: 'pin.delete',
  status: 204,
  params: byId,
  response: { mediaType: 'text/plain' },
  async handler({ audit, backend, params }) {
    const pin = (await allPins(backend)).find(({ id }) => id === params.id)
    if (pin === undefined)
      throw new SallyportError('resource/not-found', 'There is no such pin.', {
        where: params.id,
        mend: 'List them with GET /api/v1/catalog/pins.',
      })
    if (pin.by.startsWith('file:'))
      throw new SallyportError('resource/conflict', 'That pin stands in the catalog file.', {
        where: params.id,
        mend: `Take it out of ${pin.by.slice(5)} and start Sallyport again.`,
      })
    await backend.state.deleteDirection(params.id)
    await audit(params.id, { host: pin.host, template: pin.template })
    await backend.changed('catalog')
    return undefined
  },
})
