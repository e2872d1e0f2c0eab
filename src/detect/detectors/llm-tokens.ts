import type { Measure } from '../../baseline/measure.ts'
import type { Observation } from '../../baseline/observation.ts'
import { blame } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { distributionOf, expectedOf, observedOf } from '../distribution.ts'
import { Stretches, toTell } from '../stretches.ts'
import { whoIs } from '../words.ts'

const hourMs = 3_600_000
const metric = 'language model tokens per hour'

class LlmTokensRun implements DetectorRun {
  readonly #context: DetectContext
  readonly #tokens: Measure
  readonly #stretches: Stretches

  constructor(context: DetectContext) {
    this.#context = context
    this.#tokens = context.baseline.measure({ metric, unit: 'tokens', windowMs: hourMs })
    this.#stretches = new Stretches({ most: context.option('callers'), gapMs: 6 * hourMs })
  }

  observe(o: Observation): readonly Finding[] {
    const { operation } = o.match
    if (operation?.protocol !== 'llm' || o.outcome !== 'success') return []
    const used = tokensOf(o)
    const slot = this.#context.baseline.slotOf(o.identity.principal)
    if (used === 0 || slot === undefined) return []
    const total = this.#tokens.add(slot, o.call.time, used)
    if (o.learning) return []
    const peers = this.#context.baseline.peerMetric(o.identity, metric, this.#context.option('windows'))
    const usual = peers?.metric.quantile(0.99) ?? 0
    const above =
      peers === undefined
        ? total > this.#context.option('budget')
        : total > Math.max(this.#context.option('least'), this.#context.option('factor') * usual)
    if (!above) return []
    const stretch = this.#stretches.step(o.identity.principal, o.call.time, o.call.id)
    return [
      {
        message: peers === undefined ? 'budget' : 'peers',
        observed: {
          ...observedOf(total, metric, 'tokens'),
          who: whoIs(o.identity),
          model: operation.model ?? 'a model',
          endpoint: o.match.endpoint,
        },
        expected:
          peers === undefined
            ? { budget: this.#context.option('budget') }
            : expectedOf(distributionOf(peers.metric, peers.metric.n, peers.group.name)),
        attempt: false,
        confidence: peers === undefined ? 0.6 : 0.85,
        severity: total > 10 * Math.max(usual, this.#context.option('least')) ? 'high' : 'medium',
        ...blame(o),
        evidence: toTell(stretch),
        key: `${o.identity.principal}\0${stretch.from}`,
      },
    ]
  }

  size(): number {
    return this.#stretches.size
  }

  save(): unknown {
    return this.#stretches
  }

  load(saved: unknown): void {
    this.#stretches.adopt(saved as Stretches)
  }
}

/** As the answer counts them; a quarter of the characters where it does not. */
function tokensOf(o: Observation): number {
  const counted = o.match.operation?.tokens
  if (counted !== undefined) return counted.input + counted.output
  return Math.round((o.call.request.bodySize + (o.call.response?.bodySize ?? 0)) / 4)
}

export const llmTokens = defineDetector({
  id: 'llm-tokens',
  title: 'Far more language model tokens than peers use',
  summary:
    'Adds up the tokens each caller has language models read and write within an hour, and compares with callers of the same role. Somebody who uses many times what peers do resells the access, extracts data with it, or runs up costs.',
  family: 'automation',
  concern: 'operations',
  kind: 'statistical',
  severity: 'medium',
  owasp: ['API4:2023', 'LLM10:2025'],
  attack: ['T1496.004'],
  options: {
    windows: { default: 30, reason: 'Thirty hours of peers with tokens.' },
    factor: { default: 4, reason: 'Four times what 99 of 100 hours of peers need.' },
    least: { default: 20_000, reason: 'A long document twice read: below this nobody is hurt.' },
    budget: {
      default: 2_000_000,
      reason: 'Tokens an hour where there are no peers yet: some dollars to some dozens.',
    },
    callers: { default: 10_000, reason: 'Callers above remembered; about 400 bytes each.' },
  },
  messages: {
    peers:
      '{who} used {value} tokens of {model} within an hour; 99 of 100 hours of {peers} need at most {p99}.',
    budget: '{who} used {value} tokens of {model} within an hour, above the budget of {budget}.',
  },
  whenNotAnAttack: 'A batch job, an evaluation run, or a new feature that reads long documents.',
  examples: {
    fires: [
      'mallory POST /v1/chat/completions body={"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]} every 20s x 30 -> 200 {"choices":[{"message":{"role":"assistant","content":"x"}}],"usage":{"prompt_tokens":90000,"completion_tokens":9000}}',
    ],
    quiet: [
      'alice POST /v1/chat/completions body={"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]} every 20s x 30 -> 200 {"choices":[{"message":{"role":"assistant","content":"x"}}],"usage":{"prompt_tokens":900,"completion_tokens":90}}',
    ],
  },
  create: context => new LlmTokensRun(context),
})
