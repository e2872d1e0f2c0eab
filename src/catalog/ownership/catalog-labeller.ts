import type { Workload } from '../../call/workload.ts'
import { criticalities } from '../criticalities.ts'
import type { Criticality } from '../criticality.ts'
import type { Endpoint } from '../endpoint.ts'
import type { CatalogFile, LabelRule } from './catalog-file.ts'
import { groupOfPath } from './endpoint-group.ts'
import { environmentOfHost } from './environment.ts'
import { FlowIndex } from './flow-index.ts'
import type { EndpointLabeller, LabelEvidence } from './labeller.ts'
import type { EndpointOverride, FlowStep, Label, LabelSource, Labels } from './labels.ts'
import { RuleIndex } from './rule-index.ts'
import { workloadName } from './serving-workloads.ts'
import { workloadLabel } from './workload-labels.ts'

/** Tags of one endpoint; further ones, the weaker first, are left out. */
const maxTags = 50
/** Each labeller has a number of its own, so that what was told before is told anew. */
let made = 0

type Property = 'owner' | 'environment' | 'group'

/**
 * Says who answers for an endpoint: a person's word before the rules of `catalog.yaml`, those before the specification, that
 * before the labels of workloads, those before what hosts and paths suggest. Of the rules the first that says something of a
 * property has it; tags add up. An owner is never guessed.
 */
export class CatalogLabeller implements EndpointLabeller {
  readonly version: number
  readonly #rules: RuleIndex
  readonly #flows: FlowIndex
  readonly #overrides: ReadonlyMap<string, EndpointOverride>

  constructor(file: CatalogFile | undefined, overrides: readonly EndpointOverride[]) {
    made += 1
    this.version = made
    this.#rules = new RuleIndex(file?.rules ?? [])
    this.#flows = new FlowIndex(file?.flows ?? [])
    this.#overrides = new Map(overrides.map(override => [override.endpoint, override]))
  }

  label(endpoint: Endpoint, tags: readonly string[], evidence?: LabelEvidence): Endpoint {
    const override = this.#overrides.get(endpoint.id)
    const rules = this.#rules.matching(endpoint, tags, evidence)
    const flows = this.#flows.stepsOf(endpoint)
    const said = (property: Property): Label | undefined =>
      personLabel(override, override?.[property]) ??
      ruleLabel(rules, property) ??
      specificationLabel(evidence, property) ??
      (property === 'group' ? tagLabel(tags) : undefined) ??
      workloadLabel(evidence?.workloads ?? [], property)
    const owner = said('owner')
    const environment = said('environment') ?? hostLabel(endpoint)
    const group = said('group') ?? groupLabel(endpoint, evidence?.workloads ?? [])
    const criticality = criticalityLabel(endpoint, override, rules, flows, evidence)
    const labels: Labels = {
      ...(owner === undefined ? {} : { owner }),
      ...(environment === undefined ? {} : { environment }),
      ...(group === undefined ? {} : { group }),
      tags: tagsOf(override, rules, tags),
      criticality,
      flows,
    }
    return relabelled(endpoint, labels, evidence)
  }
}

/** With the risk that follows from what it is said to be for. */
function relabelled(endpoint: Endpoint, labels: Labels, evidence: LabelEvidence | undefined): Endpoint {
  const { value, why, from } = labels.criticality
  if (from === 'inferred') return { ...endpoint, labels }
  const criticality: Criticality = { name: value as Criticality['name'], why }
  return {
    ...endpoint,
    criticality: value,
    ...(evidence === undefined ? {} : { risk: evidence.riskAs(criticality) }),
    labels,
  }
}

const personLabel = (override: EndpointOverride | undefined, value: string | undefined): Label | undefined =>
  value === undefined
    ? undefined
    : { value, from: 'person', why: override?.reason ?? 'set for this endpoint by a person' }

const whyOf = ({ name, file }: LabelRule): string => `rule ${name} in ${file}`

function ruleLabel(rules: readonly LabelRule[], property: Property | 'criticality'): Label | undefined {
  for (const rule of rules) {
    const value = rule.set[property]
    if (value !== undefined) return { value, from: 'rule', why: whyOf(rule) }
  }
  return undefined
}

function specificationLabel(evidence: LabelEvidence | undefined, property: Property): Label | undefined {
  const said = evidence?.specification?.[property]
  return said === undefined ? undefined : { ...said, from: 'specification' }
}

function hostLabel({ host }: Endpoint): Label | undefined {
  const found = environmentOfHost(host)
  return found === undefined
    ? undefined
    : { value: found.environment, from: 'inferred', why: `its host says "${found.word}"` }
}

const tagLabel = ([first]: readonly string[]): Label | undefined =>
  first === undefined
    ? undefined
    : { value: first, from: 'specification', why: 'the first tag of its operation' }

function groupLabel(endpoint: Endpoint, workloads: readonly Workload[]): Label | undefined {
  const found = groupOfPath(endpoint)
  if (found !== undefined) return { value: found.group, from: 'inferred', why: found.why }
  const workload = workloads[0]
  return workload?.name === undefined
    ? undefined
    : { value: workload.name, from: 'inferred', why: `${workloadName(workload)} answers it` }
}

function criticalityLabel(
  endpoint: Endpoint,
  override: EndpointOverride | undefined,
  rules: readonly LabelRule[],
  flows: readonly FlowStep[],
  evidence: LabelEvidence | undefined,
): Label {
  const wanted = override?.criticality
  const said =
    (isCriticality(wanted) ? personLabel(override, wanted) : undefined) ?? ruleLabel(rules, 'criticality')
  if (said !== undefined) return said
  const paid = flows.find(({ value }) => value !== undefined)
  if (paid !== undefined)
    return {
      value: 'payment',
      from: 'rule',
      why: `step ${paid.step} of the flow ${paid.flow} has a value`,
    }
  return {
    value: endpoint.criticality,
    from: 'inferred',
    why: evidence?.criticality.why ?? 'its path, its operation and its data',
  }
}

const isCriticality = (value: string | undefined): value is Criticality['name'] =>
  (criticalities as readonly (string | undefined)[]).includes(value)

/** The strongest source of each; a person's first. */
function tagsOf(
  override: EndpointOverride | undefined,
  rules: readonly LabelRule[],
  tags: readonly string[],
): readonly Label[] {
  const found = new Map<string, Label>()
  const add = (value: string, from: LabelSource, why: string): void => {
    if (found.size < maxTags && !found.has(value)) found.set(value, { value, from, why })
  }
  for (const tag of override?.tags ?? [])
    add(tag, 'person', override?.reason ?? 'set for this endpoint by a person')
  for (const rule of rules) for (const tag of rule.set.tags ?? []) add(tag, 'rule', whyOf(rule))
  for (const tag of tags) add(tag, 'specification', 'tag of its operation')
  return [...found.values()]
}
