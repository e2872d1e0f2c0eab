import type { Observation } from '../../baseline/observation.ts'
import { isWrite } from '../../baseline/role-matrix.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { hash32 } from '../../kit/hash.ts'
import type { EndpointId } from '../../kit/id.ts'
import { actorOf, whoActs } from '../acting-agent.ts'
import { blame } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { isGraveTool } from '../grave-tools.ts'
import { Stretches, toTell } from '../stretches.ts'
import { counted } from '../words.ts'

const dayMs = 86_400_000
/** Functions and scopes told apart of one agent; further ones are not judged. */
const mostFunctions = 512
const mostScopes = 64

/** What one agent did so far, for whomever. Plain data. */
interface AgentHabit {
  calls: number
  /** Calls since the last function that was new, that one among them. */
  settled: number
  days: number
  day: number
  /** Hashes of the endpoints it used with success. */
  readonly functions: Set<number>
  /** Hashes of the scopes its tokens had. */
  readonly scopes: Set<number>
}

class AgentScopeCreepRun implements DetectorRun {
  readonly #context: DetectContext
  readonly #stretches: Stretches
  readonly #habits: BoundedMap<string, AgentHabit>
  /** Endpoint → agents that act for others and used it, the first few. */
  readonly #users: BoundedMap<EndpointId, Set<string>>
  /** Server and tool → when it was first listed. */
  readonly #listed: BoundedMap<string, number>

  constructor(context: DetectContext) {
    this.#context = context
    this.#stretches = new Stretches({ most: context.option('agents'), gapMs: dayMs })
    this.#habits = new BoundedMap(context.option('agents'))
    this.#users = new BoundedMap(context.option('tools'))
    this.#listed = new BoundedMap(context.option('tools'))
  }

  observe(o: Observation): readonly Finding[] {
    const { operation } = o.match
    for (const { name } of operation?.definitions ?? []) {
      const key = `${o.call.destination.host}\0${name}`
      if (this.#listed.peek(key) === undefined) this.#listed.set(key, o.call.time)
    }
    const agent = actorOf(o)
    if (!isAgent(o) && this.#habits.peek(agent) === undefined) return []
    const habit = this.#habits.ensure(agent, () => ({
      calls: 0,
      settled: 0,
      days: 0,
      day: 0,
      functions: new Set(),
      scopes: new Set(),
    }))
    const before = { ...habit, functions: habit.functions.size }
    const known = habit.functions.has(hash32(o.match.endpoint)) || before.functions >= mostFunctions
    const fresh = this.#learn(o, agent, habit)
    if (known || o.learning || (o.outcome !== 'success' && o.outcome !== 'refused')) return []
    if (before.calls < this.#context.option('calls') || this.#isNew(o) || this.#isOrdinary(o, agent))
      return []
    const name = operation?.name ?? o.match.template
    const grave = isGraveTool(name) || (operation === undefined && isWrite(o))
    const done = o.outcome === 'success'
    const stretch = this.#stretches.step(
      `${agent}\0${done ? 'did' : 'tried'}`,
      o.call.time,
      o.call.id,
      o.match.endpoint,
    )
    if (!grave && stretch.things.length < this.#least(o, before.settled) && !stretch.raised) return []
    return [
      {
        message: done ? (fresh === undefined ? 'did' : 'scope') : 'tried',
        observed: {
          who: whoActs(o),
          what: counted(stretch.things.length, 'function'),
          endpoint: o.match.endpoint,
          scope: fresh ?? '',
        },
        expected: { known: before.functions, calls: before.calls, days: before.days },
        attempt: !done,
        confidence: Math.min(
          0.9,
          0.65 + (grave ? 0.1 : 0) + (fresh === undefined ? 0 : 0.1) + 0.02 * stretch.things.length,
        ),
        severity: done ? (grave ? 'high' : 'medium') : 'low',
        ...blame(o),
        evidence: toTell(stretch),
        key: `${agent}\0${stretch.from}\0${done ? 'did' : 'tried'}`,
        // Whoever it acts for is not to blame.
        ...(agent === o.identity.principal ? {} : { actor: agent }),
      },
    ]
  }

  size(): number {
    return this.#stretches.size + this.#habits.size + this.#users.size + this.#listed.size
  }

  save(): unknown {
    return [this.#stretches, this.#habits, this.#listed, this.#users]
  }

  load(saved: unknown): void {
    const [stretches, habits, listed, users] = saved as readonly [
      Stretches,
      BoundedMap<string, AgentHabit>,
      BoundedMap<string, number>,
      BoundedMap<EndpointId, Set<string>>,
    ]
    this.#stretches.adopt(stretches)
    this.#habits.adopt(habits)
    this.#listed.adopt(listed)
    this.#users.adopt(users)
  }

  merged(from: EndpointId, to: EndpointId): void {
    for (const { functions } of this.#habits.values())
      if (functions.delete(hash32(from))) functions.add(hash32(to))
    const users = this.#users.peek(from)
    if (users === undefined) return
    this.#users.delete(from)
    const target = this.#users.ensure(to, () => new Set())
    for (const agent of users) if (target.size < 16) target.add(agent)
  }

  /** @returns a scope that none of the agent's tokens had before */
  #learn(o: Observation, agent: string, habit: AgentHabit): string | undefined {
    const day = Math.floor(o.call.time / dayMs)
    if (day !== habit.day) {
      habit.day = day
      habit.days += 1
    }
    habit.calls += 1
    if (o.outcome === 'success') {
      const mark = hash32(o.match.endpoint)
      if (!habit.functions.has(mark)) habit.settled = 0
      if (habit.functions.size < mostFunctions) habit.functions.add(mark)
      if (agent !== o.identity.principal) {
        const users = this.#users.ensure(o.match.endpoint, () => new Set())
        if (users.size < 16) users.add(agent)
      }
    }
    habit.settled += 1
    // The roles of whom it acts for differ from one to the next.
    if (agent !== o.identity.principal) return undefined
    let fresh: string | undefined
    const known = habit.scopes.size > 0 && habit.scopes.size < mostScopes
    for (const role of o.identity.roles.slice(0, 32)) {
      const mark = hash32(role)
      if (habit.scopes.has(mark)) continue
      if (o.outcome === 'success' && habit.scopes.size < mostScopes) habit.scopes.add(mark)
      if (known) fresh ??= role
    }
    return fresh
  }

  /** What its likes do every day is what such agents are for; who acts for others has the other agents for its likes. */
  #isOrdinary(o: Observation, agent: string): boolean {
    const least = this.#context.option('ordinary')
    if (agent === o.identity.principal) return this.#context.roles.standingOf(o).used >= least
    const users = this.#users.peek(o.match.endpoint)
    return users !== undefined && users.size - (users.has(agent) ? 1 : 0) >= least
  }

  /** Of an agent that acts for many, one is odd where it did nothing new for any of them in a long time. */
  #least(o: Observation, settled: number): number {
    const long = o.identity.actors !== undefined && settled >= this.#context.option('calls')
    return long ? 1 : this.#context.option('functions')
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

/** A token that says so, or a program that speaks the agents' protocol, for itself or for somebody. */
const isAgent = ({ identity, match }: Observation): boolean =>
  identity.kind === 'agent' ||
  ((identity.kind === 'service' || identity.kind === 'apikey' || identity.actors !== undefined) &&
    match.operation?.protocol === 'mcp')

const use = (tool: string, rest = 'kind=agent', times = 'every 9m x 30'): string =>
  `${rest} POST /mcp body={"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${tool}","arguments":{}}} ${times} -> 200 {"jsonrpc":"2.0","id":1,"result":{"content":[]}}`

const people = Array.from({ length: 50 }, (_, index) => `p${index + 1}`)

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
    ordinary: {
      default: 3,
      reason:
        'Three days of use by agents like it, or three other agents that act for people: it is what they are for.',
    },
    newDays: { default: 2, reason: 'A tool that was added these days is new to everybody.' },
    agents: {
      default: 5_000,
      reason: 'Agents whose functions are remembered; at most 512 functions and 10 KiB each.',
    },
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
      `${people.map(person => `learn ${person} ${use('read_file', 'act=helper', 'x 1')}`).join('\n')}
wait 3d
p7 ${use('run_query', 'act=helper', 'x 1')}`,
    ],
    quiet: [
      `learn helper ${use('find_order')}
learn helper ${use('find_parcel')}
wait 3d
helper ${use('find_invoice')}`,
      `${people.map(person => `learn ${person} ${use('read_file', 'act=helper', 'x 1')}\nlearn ${person} ${use('run_query', 'act=helper', 'x 1')}`).join('\n')}
wait 3d
p51 ${use('run_query', 'act=helper', 'x 1')}`,
    ],
  },
  create: context => new AgentScopeCreepRun(context),
})
