import { z } from 'zod'
import { parseSpecification } from '../../catalog/spec/parse.ts'
import { formatSpecProblem } from '../../catalog/spec/specification.ts'
import {
  maxStored,
  maxStoredLength,
  readStored,
  type StoredSpecification,
  specsSetting,
} from '../../catalog/spec/stored-specification.ts'
import { SallyportError } from '../../kit/error.ts'
import type { StateStore } from '../../store/ports/state-store.ts'
import type { SpecView } from '../api/spec.ts'
import { inTurn } from '../in-turn.ts'
import { defineRoute } from '../route.ts'
import { name } from '../schemas/params.ts'
import { answer, pageOf } from '../schemas/registry.ts'

const specView: z.ZodType<SpecView> = answer(
  'Spec',
  z.object({
    name: z.string(),
    format: z.string(),
    title: z.string(),
    version: z.string(),
    servers: z.array(z.string()),
    operations: z.number(),
    problems: z.array(z.string()).describe('Warnings, one sentence each, with their place.'),
    updatedAt: z.string(),
    updatedBy: z.string(),
  }),
)

const stored = async (state: StateStore): Promise<readonly StoredSpecification[]> =>
  readStored(await state.getSetting(specsSetting))

function viewOf({ name, source, updatedAt, updatedBy }: StoredSpecification): SpecView {
  const { specification, problems } = parseSpecification(source, name)
  if (specification === undefined) {
    const first = problems.find(problem => problem.severity === 'error')
    throw new SallyportError('request/malformed', first?.message ?? 'Not a specification.', {
      where:
        first?.line === undefined
          ? `body.source${first?.pointer === undefined ? '' : `#${first.pointer}`}`
          : `body.source:${first.line}:${first.column ?? 1}`,
      mend: 'Give an OpenAPI document (2.0 to 3.1), a Postman collection, a GraphQL schema, or a protobuf descriptor set as `data:application/x-protobuf;base64,…`.',
    })
  }
  const { format, title, version, servers, operations } = specification
  return {
    name,
    format,
    title,
    version,
    servers: [...new Set(servers.map(server => `${server.host ?? ''}${server.basePath}`))].slice(0, 100),
    operations: operations.length,
    problems: problems.map(formatSpecProblem),
    updatedAt: new Date(updatedAt).toISOString(),
    updatedBy,
  }
}

export const listSpecs = defineRoute({
  method: 'GET',
  path: '/specs',
  summary: 'The specifications that traffic is compared with, by name',
  role: 'viewer',
  response: pageOf('SpecPage', specView),
  async handler({ backend }) {
    return { items: (await stored(backend.state)).map(viewOf) }
  },
})

export const putSpec = defineRoute({
  method: 'POST',
  path: '/specs',
  summary: 'Adds a specification, or replaces the one of that name; what was learned moves to its endpoints',
  role: 'analyst',
  audit: 'spec.put',
  status: 201,
  largestBody: 16 << 20,
  body: z.strictObject({ name, source: z.string().min(1) }),
  response: specView,
  async handler({ actor, audit, backend, body, now }) {
    const made: StoredSpecification = { ...body, updatedAt: now, updatedBy: actor.name }
    const view = viewOf(made)
    await inTurn(async () => {
      const others = (await stored(backend.state)).filter(one => one.name !== body.name)
      const length = others.reduce((sum, one) => sum + one.source.length, body.source.length)
      if (others.length >= maxStored || length > maxStoredLength)
        throw new SallyportError('limit/exceeded', 'No more specifications can be kept.', {
          where: 'body.source',
          mend: `Delete one first: at most ${maxStored}, and 64 MB together.`,
        })
      const all = [...others, made].sort((a, b) => (a.name < b.name ? -1 : 1))
      await backend.state.putSetting(specsSetting, JSON.stringify(all))
    })
    await audit(body.name, { title: view.title, version: view.version, operations: view.operations })
    await backend.changed('specs')
    return view
  },
})

export const deleteSpec = defineRoute({
  method: 'DELETE',
  path: '/specs/{name}',
  summary: 'Takes a specification back; its endpoints are learned ones again',
  role: 'analyst',
  audit: 'spec.delete',
  status: 204,
  params: z.strictObject({ name }),
  response: { mediaType: 'text/plain' },
  async handler({ audit, backend, params }) {
    await inTurn(async () => {
      const all = await stored(backend.state)
      const left = all.filter(one => one.name !== params.name)
      if (left.length === all.length)
        throw new SallyportError('resource/not-found', 'There is no specification of that name.', {
          where: params.name,
          mend: 'List them with GET /api/v1/specs.',
        })
      await backend.state.putSetting(specsSetting, JSON.stringify(left))
    })
    await audit(params.name)
    await backend.changed('specs')
    return undefined
  },
})
