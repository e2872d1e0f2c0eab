import type { Observation } from '../../baseline/observation.ts'
import { isWrite } from '../../baseline/role-matrix.ts'
import type { SlotSets } from '../../baseline/slot-sets.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { hash32 } from '../../kit/hash.ts'
import { blame } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { isGraveTool } from '../grave-tools.ts'
import { Stretches, toTell } from '../stretches.ts'
import { counted, whoIs } from '../words.ts'

const dayMs = 86_400_000

class AgentScopeCreepRun implements DetectorRun {
  readonly #context: DetectContext
  readonly #stretches: Stretches
  /** Scopes each agent's tokens had. */
  readonly #scopes: SlotSets
  /** Server and tool → when it was first listed. */
  readonly #listed: BoundedMap<string, number>

  constructor(context: DetectContext) {
    this.#context = context
    this.#stretches = new Stretches({ most: context.option('agents'), gapMs: dayMs })
    this.#scopes = context.baseline.sets({ exact: 32, bloomWords: 16 })
    this.#listed = new BoundedMap(context.option('tools'))
  }

  observe(o: Observation): readonly Finding[] {
    const { operation } = o.match
    for (const { name } of operation?.definitions ?? []) {
      const key = `${o.call.destination.host}\0${name}`
      if (this.#listed.peek(key) === undefined) this.#listed.set(key, o.call.time)
    }
    if (!isAgent(o)) return []
    const slot = this.#context.baseline.slotOf(o.identity.principal)
    if (slot === undefined) return []
    const fresh = this.#freshScopes(o, slot)
    if (o.learning || (o.outcome !== 'success' && o.outcome !== 'refused')) return []
    const profile = this.#context.baseline.profile(o.identity.principal)
    if (profile === undefined || profile.calls < this.#context.option('calls')) return []
    if (profile.hasUsed(o.match.endpoint) !== false || this.#isNew(o)) return []
    // What its likes do every day is what such agents are for.
    if (this.#context.roles.standingOf(o).used >= this.#context.option('ordinary')) return []
    const name = operation?.name ?? o.match.template
    const grave = isGraveTool(name) || (operation === undefined && isWrite(o))
    const done = o.outcome === 'success'
    const stretch = this.#stretches.step(
      `${o.identity.principal}\0${done ? 'did' : 'tried'}`,
      o.call.time,
      o.call.id,
      o.match.endpoint,
    )
    if (!grave && stretch.things.length < this.#context.option('functions') && !stretch.raised) return []
    return [
      {
        message: done ? (fresh === undefined ? 'did' : 'scope') : 'tried',
        observed: {
          who: whoIs(o.identity),
          what: counted(stretch.things.length, 'function'),
          endpoint: o.match.endpoint,
          scope: fresh ?? '',
        },
        expected: { known: profile.endpoints, calls: profile.calls, days: profile.activeDays },
        attempt: !done,
        confidence: Math.min(
          0.9,
          0.65 + (grave ? 0.1 : 0) + (fresh === undefined ? 0 : 0.1) + 0.02 * stretch.things.length,
        ),
        severity: done ? (grave ? 'high' : 'medium') : 'low',
        ...blame(o),
        evidence: toTell(stretch),
        key: `${o.identity.principal}\0${stretch.from}\0${done ? 'did' : 'tried'}`,
      },
    ]
  }

  size(): number {
    return this.#stretches.size + this.#listed.size
  }

  save(): unknown {
    return [this.#stretches, this.#scopes.save(), this.#listed]
  }

  load(saved: unknown): void {
    const [stretches, scopes, listed] = saved as readonly [Stretches, unknown, BoundedMap<string, number>]
    this.#stretches.adopt(stretches)
    this.#scopes.load(scopes)
    this.#listed.adopt(listed)
  }

  /** A scope that none of the agent's tokens had before. */
  #freshScopes(o: Observation, slot: number): string | undefined {
    let fresh: string | undefined
    const known = this.#scopes.count(slot) > 0
    for (const role of o.identity.roles.slice(0, 32)) {
      const mark = hash32(role)
      if (this.#scopes.has(slot, mark)) continue
      if (o.outcome === 'success') this.#scopes.add(slot, mark)
      if (known) fresh ??= role
    }
    return fresh
  }

  /** A tool or an endpoint that came within the last days is new to everybody. */
  #isNew(o: Observation): boolean {
    const tool = o.match.operation?.name.startsWith('tools/call:')
      ? o.match.operation.name.slice('tools/call:'.length)
      : undefined
    const since =
      tool === undefined
        ? this.#context.baseline.endpoint(o.match.endpoint)?.firstSeen
        : this.#listed.peek(`${o.call.destination.host}\0${tool}`)
    return since !== undefined && since > 0 && o.call.time - since < this.#context.option('newDays') * dayMs
  }
}

/** A token that says so, or a program that speaks the agents' protocol. */
const isAgent = ({ identity, match }: Observation): boolean =>
  identity.kind === 'agent' ||
  ((identity.kind === 'service' || identity.kind === 'apikey') && match.operation?.protocol === 'mcp')

const use = (tool: string): string =>
  `kind=agent POST /mcp body={"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${tool}","arguments":{}}} every 9m x 30 -> 200 {"jsonrpc":"2.0","id":1,"result":{"content":[]}}`

export const agentScopeCreep = defineDetector({
  id: 'agent-scope-creep',
  title: 'An agent that does more than it did',
  summary:
    'Knows which tools and endpoints each agent uses, and agents like it. An agent that takes up tools which delete, pay, export or administer, or several others at once, does more than it was set up for.',
  family: 'authorization',
  severity: 'medium',
  owasp: ['MCP02:2025', 'LLM06:2025', 'ASI03:2026'],
  attack: ['T1078', 'T1098'],
  options: {
    calls: { default: 50, reason: 'Fifty calls show what an agent is for.' },
    functions: { default: 3, reason: 'Three new functions within a day; one that does harm is enough.' },
    ordinary: { default: 3, reason: 'Three days of use by agents like it: it is what they are for.' },
    newDays: { default: 2, reason: 'A tool that was added these days is new to everybody.' },
    agents: { default: 5_000, reason: 'Agents with new functions remembered; about 500 bytes each.' },
    tools: { default: 20_000, reason: 'Tools whose first listing is remembered.' },
  },
  messages: {
    did: '{who} took up {what} it never used, the last {endpoint}.',
    scope: '{who} took up {what} it never used, the last {endpoint}, with a scope it never had ({scope}).',
    tried: '{who} tried {what} it never used, the last {endpoint}, and was refused.',
  },
  whenNotAnAttack: 'The agent was given a new task or a new tool: then its owner knows of it.',
  examples: {
    fires: [
      `learn helper ${use('find_order')}
learn helper ${use('find_parcel')}
wait 3d
helper ${use('delete_customer')}`,
    ],
    quiet: [
      `learn helper ${use('find_order')}
learn helper ${use('find_parcel')}
wait 3d
helper ${use('find_invoice')}`,
    ],
  },
  create: context => new AgentScopeCreepRun(context),
})
