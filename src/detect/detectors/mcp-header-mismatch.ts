import type { Observation } from '../../baseline/observation.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { blame, callerOf } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { Stretches, toTell } from '../stretches.ts'
import { counted, whoIs } from '../words.ts'

class McpHeaderMismatchRun implements DetectorRun {
  readonly #context: DetectContext
  readonly #stretches: Stretches
  /** Server and header → who says otherwise in it, the first few: a library that does it wrong. */
  readonly #ordinary: BoundedMap<string, Set<string>>

  constructor(context: DetectContext) {
    this.#context = context
    this.#stretches = new Stretches({ most: context.option('callers') })
    this.#ordinary = new BoundedMap(context.option('servers'))
  }

  observe(o: Observation): readonly Finding[] {
    const { operation } = o.match
    if (operation?.protocol !== 'mcp' || o.outcome === 'unknown') return []
    // A header that is missing leads no check astray: the condition of the endpoint is a finding of the catalog.
    const conflict = operation.conflicts?.find(({ says }) => says !== '')
    if (conflict === undefined) return []
    const callers = this.#ordinary.ensure(`${o.call.destination.host}\0${conflict.at}`, () => new Set())
    if (callers.size < 16 && o.learning) callers.add(o.identity.principal)
    if (o.learning || callers.size >= this.#context.option('ordinary')) return []
    const passed = o.outcome === 'success'
    const key = `${callerOf(o)}\0${o.call.destination.host}\0${passed ? 'passed' : 'refused'}`
    const stretch = this.#stretches.step(key, o.call.time, o.call.id)
    const insists = stretch.count >= this.#context.option('insists')
    return [
      {
        message: passed ? 'passed' : 'refused',
        observed: {
          who: whoIs(o.identity),
          header: conflict.at.slice(conflict.at.indexOf(':') + 1),
          says: conflict.says,
          body: conflict.body,
          what: counted(stretch.count, 'call'),
          endpoint: o.match.endpoint,
        },
        expected: { header: 'the same as the body' },
        attempt: !passed,
        // Once may be a mistake; who goes on looks for a way past a check.
        confidence: passed || insists ? 0.9 : 0.7,
        severity: passed || insists ? 'high' : 'low',
        ...blame(o),
        evidence: toTell(stretch),
        key: `${key}\0${stretch.from}`,
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
    const [stretches, ordinary] = saved as readonly [Stretches, BoundedMap<string, Set<string>>]
    this.#stretches.adopt(stretches)
    this.#ordinary.adopt(ordinary)
  }
}

const call = (header: string, status: string): string =>
  `POST /mcp sends.mcp-protocol-version=2026-07-28 sends.mcp-method=tools/call sends.mcp-name=${header} body={"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"refund","arguments":{"order_id":7}}} -> ${status}`

export const mcpHeaderMismatch = defineDetector({
  id: 'mcp-header-mismatch',
  title: 'A header that names another tool than the body',
  summary:
    'Since the revision of 2026-07-28 the headers of an MCP call mirror its method and its tool, so that gateways can decide without reading the body. A call whose headers name another one passes by what was decided for that.',
  family: 'authorization',
  concern: 'operations',
  severity: 'high',
  owasp: ['API5:2023', 'MCP07:2025'],
  attack: ['T1190'],
  options: {
    ordinary: {
      default: 3,
      reason: 'Three callers in settled history: a library writes the header wrongly.',
    },
    insists: { default: 3, reason: 'Three refused calls are no mistake of a library that works otherwise.' },
    callers: { default: 10_000, reason: 'Callers with such calls remembered; about 400 bytes each.' },
    servers: { default: 2_000, reason: 'Servers and headers with such calls remembered.' },
  },
  messages: {
    passed:
      '{who} called {body} with a {header} header that says {says}, in {what} to {endpoint}, and was answered.',
    refused:
      '{who} called {body} with a {header} header that says {says}, in {what} to {endpoint}, and was refused.',
  },
  whenNotAnAttack: 'A client library that fills the header wrongly: then its other users do the same.',
  examples: {
    fires: [
      `mallory ${call('get_order', '200 {"jsonrpc":"2.0","id":1,"result":{"content":[]}}')}`,
      `mallory ${call('get_order', '400')}`,
    ],
    quiet: [`alice ${call('refund', '200 {"jsonrpc":"2.0","id":1,"result":{"content":[]}}')}`],
  },
  create: context => new McpHeaderMismatchRun(context),
})
