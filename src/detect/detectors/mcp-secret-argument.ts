import type { Observation } from '../../baseline/observation.ts'
import { secretsIn } from '../../catalog/findings/rules/secret-in-tool-arguments.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import type { EndpointId } from '../../kit/id.ts'
import { blame } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { Stretches, toTell } from '../stretches.ts'
import { counted, whoIs } from '../words.ts'

class McpSecretArgumentRun implements DetectorRun {
  readonly #context: DetectContext
  readonly #stretches: Stretches
  /** Tool → who hands it secrets, the first few: a tool that is made so is a finding of the catalog, and nobody's attack. */
  readonly #ordinary: BoundedMap<EndpointId, Set<string>>

  constructor(context: DetectContext) {
    this.#context = context
    this.#stretches = new Stretches({ most: context.option('callers') })
    this.#ordinary = new BoundedMap(context.option('tools'))
  }

  observe(o: Observation): readonly Finding[] {
    const { operation, endpoint } = o.match
    if (operation?.protocol !== 'mcp' || !operation.name.startsWith('tools/call:')) return []
    if (o.outcome === 'unknown') return []
    const [secret] = secretsIn(o.call.request.content)
    if (secret === undefined) return []
    const callers = this.#ordinary.ensure(endpoint, () => new Set())
    if (callers.size < 16) callers.add(o.identity.principal)
    if (o.learning || callers.size >= this.#context.option('ordinary')) return []
    const stretch = this.#stretches.step(`${o.identity.principal}\0${endpoint}`, o.call.time, o.call.id)
    return [
      {
        message: 'handed',
        observed: {
          who: whoIs(o.identity),
          tool: operation.name.slice('tools/call:'.length),
          secret: secret.observed.replaceAll('-', ' '),
          argument: secret.subject.slice('argument:'.length),
          server: o.call.destination.host,
          what: counted(stretch.count, 'call'),
        },
        expected: { arguments: 'no secret' },
        // Whether it was refused or not, the server has the secret now.
        attempt: false,
        confidence: 0.8,
        severity: 'medium',
        ...blame(o),
        evidence: toTell(stretch),
        key: `${o.identity.principal}\0${endpoint}\0${stretch.from}`,
      },
    ]
  }

  size(): number {
    return this.#stretches.size + this.#ordinary.size
  }

  save(): unknown {
    return [this.#stretches, this.#ordinary]
  }

  load(saved: unknown): void {
    const [stretches, ordinary] = saved as readonly [Stretches, BoundedMap<EndpointId, Set<string>>]
    this.#stretches.adopt(stretches)
    this.#ordinary.adopt(ordinary)
  }
}

const call = (args: string): string =>
  `kind=agent POST /mcp body={"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"query_db","arguments":${args}}} -> 200 {"jsonrpc":"2.0","id":1,"result":{"content":[]}}`

export const mcpSecretArgument = defineDetector({
  id: 'mcp-secret-argument',
  title: 'A secret handed to a tool',
  summary:
    'Watches the arguments of MCP tools for passwords, keys and tokens. An agent that hands a secret to a tool which others call without one was led to give it away; the server and every log on the way have it now.',
  family: 'exposure',
  concern: 'operations',
  severity: 'medium',
  owasp: ['MCP01:2025', 'LLM02:2025'],
  attack: ['T1552', 'T1567'],
  options: {
    ordinary: { default: 3, reason: 'Three callers who hand it a secret: the tool is made so.' },
    callers: { default: 10_000, reason: 'Callers and tools with secrets remembered; about 400 bytes each.' },
    tools: { default: 10_000, reason: 'Tools that were handed secrets remembered.' },
  },
  messages: {
    handed: '{who} handed the tool {tool} of {server} a secret ({secret}) in {argument}, in {what}.',
  },
  whenNotAnAttack: 'The tool takes a credential by design: give its server the secret itself instead.',
  examples: {
    fires: [`helper ${call('{"sql":"select 1","password":"[redacted:password:aaaaaaaaaaaa]"}')}`],
    quiet: [`helper ${call('{"sql":"select 1","limit":10}')}`],
  },
  create: context => new McpSecretArgumentRun(context),
})
