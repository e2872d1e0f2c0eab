import type { Finding } from '../catalog/finding.ts'
import { titleSubject } from '../catalog/finding-title.ts'
import { undocumentedResponseField } from '../catalog/spec/rules/undocumented-response-field.ts'
import { SallyportError } from '../kit/error.ts'
import { type Patch, type PatchSubject, paced, patchesFor, placeOf } from '../policy/patches.ts'
import type { PolicySimulation, Simulation } from '../policy/simulate.ts'
import { rulesHash } from '../policy/stages.ts'
import type { CallStore } from '../store/ports/call-store.ts'
import type { StateStore, StoredSimulation } from '../store/ports/state-store.ts'
import { knownAttacks } from './known-attacks.ts'
import { type SimulationContext, simulateRecorded } from './policy-service.ts'
import { recordedCalls } from './recorded-calls.ts'
import type { AnalysisSnapshot } from './snapshot.ts'

/** What is asked for; one of the three. */
export interface RecommendationQuestion {
  readonly incident?: string
  readonly finding?: string
  /** An endpoint whose learned or specified schema is to be enforced. */
  readonly endpoint?: string
}

/** A policy that may stop it, and what it would have done to the recorded calls. */
export interface RecommendedPolicy extends Patch {
  readonly action: string
  readonly simulation: StoredSimulation
  readonly principals: number
}

export interface PolicyRecommendations {
  /** The best first: most attack calls stopped, fewest benign ones touched. */
  readonly items: readonly RecommendedPolicy[]
  /** The span that was simulated, ms since the epoch; absent without calls. */
  readonly from?: number
  readonly to?: number
}

export interface RecommenderParts {
  readonly state: StateStore
  readonly calls: CallStore
  readonly snapshot: () => AnalysisSnapshot | undefined
  readonly knowledge: SimulationContext['knowledge']
  /** Roles of those who call an endpoint and were not refused there, but these principals. */
  readonly rolesAt: (endpoint: string, but: ReadonlySet<string>) => readonly string[]
  readonly now: () => number
}

const dayMs = 86_400_000
/** Calls before a finding or an endpoint's question that are looked at. */
const lookBackMs = 7 * dayMs
/** Calls that are read to learn how fast others are. */
const pacedCalls = 50_000

/**
 * Policies for an incident (a virtual patch), a finding or an endpoint's schema, each simulated over the calls around it; the simulations
 * are kept, so that these policies may act.
 * @throws SallyportError `resource/not-found`, `usage/invalid-argument`
 */
export async function recommendPolicies(
  question: RecommendationQuestion,
  by: string,
  parts: RecommenderParts,
): Promise<PolicyRecommendations> {
  const { subject, since } = await subjectOf(question, parts)
  const patches = patchesFor(subject)
  if (patches.length === 0) return { items: [] }
  const attacks = await knownAttacks(parts.state)
  const simulation = await simulateRecorded(
    patches.map(({ source }) => source).join('---\n'),
    parts.calls,
    {
      snapshot: parts.snapshot(),
      attacks,
      focus: question.incident,
      knowledge: parts.knowledge,
    },
    { since },
  )
  const items: RecommendedPolicy[] = []
  for (const patch of patches) {
    const its = simulation.policies.find(({ policy }) => policy === patch.name)
    if (its === undefined) continue
    const stored = storedOf(patch, its, simulation, by, parts.now())
    await parts.state.putSimulation(stored)
    items.push({ ...patch, action: its.action, simulation: stored, principals: its.principals })
  }
  const { from, to } = simulation
  return {
    items: items.sort(byWorth),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  }
}

/** What breaks least goes first among those that stop the attack; the order of the patches decides between equals. */
function byWorth(a: RecommendedPolicy, b: RecommendedPolicy): number {
  const stops = (one: RecommendedPolicy): number => (one.simulation.attacksStopped > 0 ? 1 : 0)
  const breaks = ({ simulation }: RecommendedPolicy): number =>
    simulation.benignStopped + simulation.benignAmended
  return (
    stops(b) - stops(a) ||
    Math.sign(breaks(a)) - Math.sign(breaks(b)) ||
    (breaks(a) > 0 ? breaks(a) - breaks(b) : 0)
  )
}

function storedOf(
  { source }: Patch,
  its: PolicySimulation,
  { calls, attacks, suspect, benign, from, to }: Simulation,
  by: string,
  at: number,
): StoredSimulation {
  const others = calls - attacks.calls - suspect.calls
  const { matched, stopped, attacksStopped, suspectStopped, benignStopped, benignAmended } = its
  return {
    hash: rulesHash(source),
    at,
    by,
    calls,
    matched,
    stopped,
    attacks: attacks.calls,
    attacksStopped,
    benign: benign.calls,
    benignStopped,
    benignAmended,
    estimate: others === 0 ? 0 : (stopped - attacksStopped - suspectStopped) / others,
    ...(from === undefined || to === undefined ? {} : { from, to }),
  }
}

interface Subject {
  readonly subject: PatchSubject
  readonly since: number
}

async function subjectOf(question: RecommendationQuestion, parts: RecommenderParts): Promise<Subject> {
  const now = parts.now()
  if (question.incident !== undefined) return await ofIncident(question.incident, parts)
  if (question.finding !== undefined) {
    const { items } = await parts.state.catalogFindings({ ids: [question.finding], now, limit: 1 })
    const finding = items[0]?.finding
    if (finding === undefined) throw notFound('finding', question.finding)
    const subject = await completed(
      {
        id: finding.id.replace(`${finding.rule}-`, ''),
        causes: [finding.rule],
        endpoints: [finding.endpoint],
        principals: [],
      },
      parts,
      now - lookBackMs,
      { fields: answeredFields(finding) },
    )
    return { subject, since: now - lookBackMs }
  }
  if (question.endpoint !== undefined) {
    const { endpoint } = question
    const subject = await completed(
      { id: shortName(endpoint), causes: ['schema-violation'], endpoints: [endpoint], principals: [] },
      parts,
      now - lookBackMs,
    )
    return { subject, since: now - lookBackMs }
  }
  throw new SallyportError('usage/invalid-argument', 'Say what a policy is wanted for.', {
    where: 'body',
    mend: 'Give one of incident, finding and endpoint.',
  })
}

/** The field of answers that no specification names. */
function answeredFields({ rule, title }: Finding): ReadonlySet<string> {
  const subject =
    rule === undocumentedResponseField.id ? titleSubject(title, undocumentedResponseField.title) : ''
  const field = subject.startsWith('response:') ? subject.slice('response:'.length) : ''
  return new Set(field === '' || field === '$' ? [] : [field])
}

async function ofIncident(id: string, parts: RecommenderParts): Promise<Subject> {
  const incident = await parts.state.incident(id)
  if (incident === undefined) throw notFound('incident', id)
  const { items: signals } =
    incident.signals.length === 0
      ? { items: [] }
      : await parts.state.signals({ ids: incident.signals.slice(0, 200), limit: 200 })
  const fields = new Set<string>()
  const steps = new Map<string, string>()
  const dataClasses = new Set<string>()
  for (const signal of signals) {
    const { field, step } = signal.observed
    if (signal.detector === 'mass-assignment' && typeof field === 'string') fields.add(field)
    if (signal.detector === 'flow-skip' && typeof step === 'string' && signal.endpoint !== undefined)
      steps.set(signal.endpoint, step)
    if (signal.detector === 'data-exposure') for (const one of signal.dataClasses) dataClasses.add(one)
  }
  const since = incident.opened - dayMs
  const { detectors: causes, endpoints, principals } = incident
  const subject = await completed({ id, causes, endpoints, principals }, parts, since, {
    fields,
    steps,
    dataClasses,
  })
  return { subject, since }
}

/** Adds what the snapshot and the recorded calls know of the endpoints. */
async function completed(
  { id, causes, endpoints, principals }: Pick<PatchSubject, 'id' | 'causes' | 'endpoints' | 'principals'>,
  parts: RecommenderParts,
  since: number,
  told: {
    readonly fields?: ReadonlySet<string>
    readonly steps?: ReadonlyMap<string, string>
    readonly dataClasses?: ReadonlySet<string>
  } = {},
): Promise<PatchSubject> {
  const bound = new Map<string, Set<'user' | 'tenant'>>()
  for (const { endpoint, scope } of parts.snapshot()?.owners ?? []) {
    const scopes = bound.get(endpoint)
    if (scopes === undefined) bound.set(endpoint, new Set([scope]))
    else scopes.add(scope)
  }
  const but = new Set(principals)
  const roles = new Set(endpoints.flatMap(endpoint => parts.rolesAt(endpoint, but)))
  return {
    id,
    causes,
    endpoints,
    principals,
    fields: [...(told.fields ?? [])].slice(0, 20),
    steps: told.steps ?? new Map(),
    dataClasses: [...(told.dataClasses ?? [])],
    bound,
    roles: [...roles].sort().slice(0, 20),
    usualPerMinute: await usualPerMinute(parts.calls, { endpoints, principals }, since),
    now: parts.now(),
  }
}

/** The most calls that one other caller made in one minute to where a policy for these endpoints would act. */
async function usualPerMinute(
  calls: CallStore,
  subject: Pick<PatchSubject, 'endpoints' | 'principals'>,
  since: number,
): Promise<number> {
  const here = new Set(subject.endpoints.map(placeOf))
  here.delete(undefined)
  const counts = new Map<string, number>()
  let minute = Number.NaN
  let most = 0
  for await (const { call, endpoint, principal } of recordedCalls(calls, { since }, pacedCalls)) {
    if (!paced(principal, subject) || !here.has(placeOf(endpoint))) continue
    const its = Math.floor(call.time / 60_000)
    if (its !== minute) counts.clear()
    minute = its
    const count = (counts.get(principal) ?? 0) + 1
    counts.set(principal, count)
    most = Math.max(most, count)
  }
  return most
}

const shortName = (endpoint: string): string =>
  endpoint
    .replaceAll(/[^a-zA-Z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(-32)

const notFound = (what: string, id: string): SallyportError =>
  new SallyportError('resource/not-found', `There is no such ${what}.`, {
    where: id,
    mend: `List them with GET /api/v1/${what}s.`,
  })
