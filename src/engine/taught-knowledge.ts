import type { ClassRegistry } from '../catalog/data-classes/registry/class-registry.ts'
import type { Endpoint } from '../catalog/endpoint.ts'
import type { SpecIndex } from '../catalog/spec/match.ts'
import type { EndpointAbout } from '../policy/endpoint-about.ts'
import type { PolicyBundle } from '../policy/facts.ts'
import { learnedSchema, specifiedSchema } from '../policy/schema-of.ts'
import type { TaughtKnowledge } from './policy-knowledge.ts'

/** Principals whose risk is told, the most risky first. */
const maxRisks = 10_000

export interface KnowledgeSources {
  readonly endpoints: Iterable<Endpoint>
  readonly risks: Iterable<readonly [principal: string, risk: number]>
  readonly bundle: PolicyBundle
  readonly classes: ClassRegistry
  readonly specifications?: SpecIndex
}

/** Ids of classes with the groups they are in. */
function withGroups(ids: Iterable<string>, classes: ClassRegistry): readonly string[] {
  const found = new Set<string>()
  for (const id of ids) {
    found.add(id)
    const group = classes.get(id)?.group
    if (group !== undefined) found.add(group)
  }
  return [...found].sort()
}

/** What decision points need of the catalog: a little of each endpoint, schemas and fields only of those whose policies read them. */
export function taughtKnowledge(sources: KnowledgeSources): TaughtKnowledge {
  const abouts: EndpointAbout[] = []
  for (const endpoint of sources.endpoints) abouts.push(aboutOf(endpoint, sources))
  const risks = [...sources.risks]
    .filter(([, risk]) => risk > 0)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  return { abouts, risks: risks.slice(0, maxRisks) }
}

export function aboutOf(
  endpoint: Endpoint,
  { bundle, classes, specifications }: Omit<KnowledgeSources, 'endpoints' | 'risks'>,
): EndpointAbout {
  const { id, host, method, template, labels, workloads, fields } = endpoint
  const traits = {
    exposure: endpoint.exposure,
    criticality: endpoint.criticality,
    dataClasses: withGroups([...endpoint.dataClasses.request, ...endpoint.dataClasses.response], classes),
    inventory: endpoint.inventory,
    risk: endpoint.risk.score,
    service: workloads?.[0] ?? labels?.group?.value ?? '',
    owner: labels?.owner?.value ?? '',
  }
  const wants = bundle.wants(host, method, template, traits)
  const answerFields = wants.answerFields
    ? fields.flatMap(({ side, field, dataClass }) =>
        side === 'response' && !field.startsWith('header:')
          ? [{ field, classes: withGroups([dataClass], classes) }]
          : [],
      )
    : []
  const requestSchema = wants.requestSchema ? schemaOf(endpoint, specifications) : undefined
  return {
    endpoint: id,
    ...traits,
    ...(answerFields.length === 0 ? {} : { answerFields }),
    ...(requestSchema === undefined ? {} : { requestSchema }),
  }
}

/** What a specification says of JSON bodies, else what was learned. */
function schemaOf(
  { host, method, template, requestSchema }: Endpoint,
  specifications: SpecIndex | undefined,
) {
  const body = specifications?.match(host, method, template.split('/').slice(1))?.operation.body
  for (const [type, schema] of body?.media ?? [])
    if (schema !== undefined && /(?:[/+]json|\*\/\*)$/.test(type)) return specifiedSchema(schema)
  return requestSchema === undefined ? undefined : learnedSchema(requestSchema)
}
