import type { ApiCall } from '../../src/call/api-call.ts'
import type { Json } from '../../src/call/content.ts'
import { Catalog } from '../../src/catalog/catalog.ts'
import type { Identity } from '../../src/identity/identity.ts'
import { callId, type PrincipalId } from '../../src/kit/id.ts'
import type { BodySample } from './bodies.ts'

export interface NamingScore {
  readonly naming: string
  readonly fields: number
  readonly precision: number
  readonly recall: number
  /** Look-alike fields that were given a class, per 1,000 of them. */
  readonly falsePer1000: number
  readonly mistakes: Readonly<Record<string, number>>
}

const identity: Identity = {
  principal: 'user:u1' as PrincipalId,
  kind: 'user',
  name: 'u1',
  roles: [],
  claims: {},
  confidence: 1,
  device: 'd',
  evidence: 'JWT subject',
}

const callOf = (body: Json, index: number): ApiCall => ({
  type: 'call',
  id: callId(`b-${index}`),
  time: 1_790_000_000_000 + index * 1_000,
  source: { ip: '203.0.113.7' },
  destination: { host: 'api.sample.example' },
  request: {
    method: 'GET',
    target: '/things',
    path: '/things',
    query: [],
    httpVersion: '1.1',
    headers: [],
    content: { kind: 'empty' },
    bodySize: 0,
    bodyTruncated: false,
  },
  response: {
    status: 200,
    headers: [['content-type', 'application/json']],
    content: { kind: 'json', value: body },
    bodySize: 0,
    bodyTruncated: false,
  },
  credentials: [],
})

/** Classes of the fields of one operation's answers, by the last name of the field. */
function classesOf(sample: BodySample): ReadonlyMap<string, string> {
  const catalog = new Catalog()
  for (const [index, body] of sample.bodies.entries()) catalog.observe(callOf(body, index), identity)
  const classes = new Map<string, string>()
  for (const { fields } of catalog.endpoints())
    for (const { field, dataClass, side } of fields)
      if (side === 'response') classes.set(/[^.[\]*]+$/.exec(field)?.[0] ?? field, dataClass)
  return classes
}

/** Field-level precision and recall through the whole catalog, apart for honest and neutral names. */
export function scoreBodies(samples: readonly BodySample[]): readonly NamingScore[] {
  return ['honest', 'neutral'].map(naming => {
    let right = 0
    let given = 0
    let wanted = 0
    let fields = 0
    let harmless = 0
    let wrong = 0
    const mistakes: Record<string, number> = {}
    for (const sample of samples) {
      if (sample.naming !== naming) continue
      const classes = classesOf(sample)
      for (const [name, { kind, truth }] of sample.fields) {
        fields += 1
        const label = classes.get(name)
        if (truth === undefined) harmless += 1
        else wanted += 1
        if (label !== undefined) given += 1
        if (label !== undefined && label === truth) right += 1
        if (truth === undefined && label !== undefined) wrong += 1
        if (label === truth) continue
        const what = `${kind}${naming === 'honest' ? ` as ${name}` : ''}: ${label ?? 'nothing'}`
        mistakes[what] = (mistakes[what] ?? 0) + 1
      }
    }
    return {
      naming,
      fields,
      precision: given === 0 ? 1 : right / given,
      recall: wanted === 0 ? 1 : right / wanted,
      falsePer1000: harmless === 0 ? 0 : (1_000 * wrong) / harmless,
      mistakes,
    }
  })
}
