import type { FlowRule } from '../../baseline/flow-order.ts'
import type { Observation } from '../../baseline/observation.ts'
import { isPrivileged } from '../../baseline/role-matrix.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import type { EndpointId } from '../../kit/id.ts'
import { actsForOthers } from '../acts-for-others.ts'
import { blame } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { Stretches, toTell } from '../stretches.ts'
import { counted, whoIs } from '../words.ts'

class FlowSkipRun implements DetectorRun {
  readonly #context: DetectContext
  readonly #stretches: Stretches
  /** Step and endpoint → who went without it, the first few: some make it another way to get there. */
  readonly #ordinary: BoundedMap<string, Set<string>>

  constructor(context: DetectContext) {
    this.#context = context
    this.#stretches = new Stretches({ most: context.option('callers') })
    this.#ordinary = new BoundedMap(context.option('rules'))
  }

  observe(o: Observation): readonly Finding[] {
    if (o.outcome !== 'success' && o.outcome !== 'refused' && o.outcome !== 'invalid') return []
    if (actsForOthers(o) || isPrivileged(this.#context.roles.groupOf(o))) return []
    const skipped = this.#context.flows.skippedBy(o).filter(rule => this.#counts(rule, o))
    const [rule] = skipped
    if (rule === undefined || o.learning) return []
    const done = o.outcome === 'success'
    const key = `${o.identity.principal}\0${o.match.endpoint}\0${done ? 'skipped' : 'tried'}`
    const stretch = this.#stretches.step(key, o.call.time, o.call.id)
    if (!done && stretch.count < this.#context.option('tries') && !stretch.raised) return []
    return [
      {
        message: done ? 'skipped' : 'tried',
        observed: {
          who: whoIs(o.identity),
          endpoint: o.match.endpoint,
          step: rule.requires,
          steps: skipped.map(({ requires }) => requires),
          what: counted(stretch.count, 'call'),
        },
        expected: {
          share: Math.round(rule.share * 1_000) / 10,
          sessions: rule.sessions,
          principals: rule.principals,
          lift: rule.lift,
        },
        attempt: !done,
        confidence: Math.min(0.9, 0.6 + 0.1 * skipped.length + 0.05 * stretch.count),
        severity: done ? (skipped.length > 1 || stretch.count > 1 ? 'high' : 'medium') : 'low',
        ...blame(o),
        evidence: toTell(stretch),
        key: `${key}\0${stretch.from}`,
      },
    ]
  }

  merged(from: EndpointId): void {
    for (const key of [...this.#ordinary.keys()]) if (key.includes(from)) this.#ordinary.delete(key)
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

  #counts(rule: FlowRule, o: Observation): boolean {
    const without = this.#ordinary.ensure(`${rule.endpoint}\0${rule.requires}`, () => new Set())
    if (without.size < 16 && o.outcome === 'success') without.add(o.identity.principal)
    return without.size < this.#context.option('ordinary')
  }
}

export const flowSkip = defineDetector({
  id: 'flow-skip',
  title: 'A step of a flow left out',
  summary:
    'Learns which calls (nearly) always come before one that changes something: a payment before the confirmation, a check before the transfer. Who is answered without the step left it out.',
  family: 'authorization',
  severity: 'medium',
  owasp: ['API6:2023'],
  attack: ['T1190'],
  options: {
    ordinary: { default: 3, reason: 'Three callers who get there without the step: there is another way.' },
    tries: { default: 2, reason: 'One refused call out of order is a page loaded twice.' },
    callers: { default: 20_000, reason: 'Callers who left out steps remembered; about 400 bytes each.' },
    rules: { default: 5_000, reason: 'Rules with callers who went without remembered.' },
  },
  messages: {
    skipped:
      '{who} was answered by {endpoint} in {what} without {step}, which came before in {share} % of {sessions} sessions.',
    tried:
      '{who} tried {endpoint} in {what} without {step}, which came before in {share} % of {sessions} sessions, and was refused.',
  },
  whenNotAnAttack:
    'A new way through the application (express checkout, a new client), or a step done on another device.',
  examples: {
    fires: [
      `learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10,u11,u12 GET /catalog -> 200 {"items":[]}
wait 2h
learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10,u11,u12 GET /catalog x 3 -> 200 {"items":[]}
wait 2h
${Array.from(
  { length: 6 },
  () => `learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10,u11,u12 POST /payments -> 201 {"ok":1}
learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10,u11,u12 POST /orders/{7}/confirm -> 200 {"ok":1}
wait 2h
learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10,u11,u12 GET /catalog x 2 -> 200 {"items":[]}
wait 2h`,
).join('\n')}
u3 GET /catalog -> 200 {"items":[]}
u3 POST /orders/{8}/confirm -> 200 {"ok":1}`,
    ],
    quiet: [
      `learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10,u11,u12 GET /catalog -> 200 {"items":[]}
wait 2h
${Array.from(
  { length: 6 },
  () => `learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10,u11,u12 POST /payments -> 201 {"ok":1}
learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10,u11,u12 POST /orders/{7}/confirm -> 200 {"ok":1}
wait 2h
learn u1,u2,u3,u4,u5,u6,u7,u8,u9,u10,u11,u12 GET /catalog x 2 -> 200 {"items":[]}
wait 2h`,
).join('\n')}
u3 POST /payments -> 201 {"ok":1}
u3 POST /orders/{8}/confirm -> 200 {"ok":1}
u4 GET /catalog -> 200 {"items":[]}`,
    ],
  },
  create: context => new FlowSkipRun(context),
})
