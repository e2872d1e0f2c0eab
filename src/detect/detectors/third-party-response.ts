import { eachField, fieldAt, typeBit } from '../../baseline/field-use.ts'
import type { Observation } from '../../baseline/observation.ts'
import { headerOf } from '../../call/api-call.ts'
import { inspectText } from '../../call/payload/index.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import type { EndpointId } from '../../kit/id.ts'
import { blame } from '../blame.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { hostForm } from '../graph/host-form.ts'
import { promptMarkIn } from '../prompt-marks.ts'
import { Stretches, toTell } from '../stretches.ts'
import { counted } from '../words.ts'

/** Languages that an answer's values have no reason to speak; pages and their scripts are what many answers hold. */
const kinds = new Set([
  'sql-injection',
  'command-injection',
  'template-injection',
  'nosql-injection',
  'ldap-injection',
  'xxe',
  'jndi',
  'prototype-pollution',
  'deserialisation',
])
const mostValues = 100

/** What one finding is about: no second one is raised of the same answer. */
interface Odd {
  readonly message: 'injected' | 'redirected' | 'drifted'
  readonly what: string
  readonly at: string
  readonly confidence: number
  readonly severity: 'low' | 'medium' | 'high'
}

class ThirdPartyResponseRun implements DetectorRun {
  readonly #context: DetectContext
  readonly #stretches: Stretches
  /** Endpoint and oddity → how often it was seen in settled history, or answered to different workloads. */
  readonly #ordinary: BoundedMap<string, number>

  constructor(context: DetectContext) {
    this.#context = context
    this.#stretches = new Stretches({ most: context.option('endpoints'), gapMs: 7 * 86_400_000 })
    this.#ordinary = new BoundedMap(context.option('endpoints'))
  }

  observe(o: Observation): readonly Finding[] {
    if (!leavesTheHouse(o) || o.call.response === undefined) return []
    const odd = this.#oddOf(o)
    if (odd === undefined) return []
    const { host } = o.call.destination
    const place = `${o.match.endpoint}\0${odd.message}\0${odd.at}\0${odd.what}`
    if (o.learning) {
      this.#ordinary.set(place, (this.#ordinary.get(place) ?? 0) + 1)
      return []
    }
    if ((this.#ordinary.get(place) ?? 0) > 0) return []
    const stretch = this.#stretches.step(place, o.call.time, o.call.id)
    // What a partner answers for a while is what it answers now.
    if (stretch.count > this.#context.option('usual')) return []
    return [
      {
        message: odd.message,
        observed: {
          host,
          what: odd.what,
          at: odd.at,
          endpoint: o.match.endpoint,
          workload: o.call.source.workload?.name ?? 'a workload',
          times: counted(stretch.count, 'answer'),
        },
        expected: { answers: this.#context.fields.answer(o.match.endpoint)?.messages ?? 0 },
        attempt: false,
        confidence: odd.confidence,
        severity: odd.severity,
        ...blame(o),
        evidence: toTell(stretch),
        key: `${place}\0${stretch.from}`,
        // The partner is to blame, not the workload that asks it.
        actor: `host:${host}`,
      },
    ]
  }

  merged(from: EndpointId, to: EndpointId): void {
    for (const [key, count] of [...this.#ordinary.entries()]) {
      if (!key.startsWith(`${from}\0`)) continue
      this.#ordinary.delete(key)
      this.#ordinary.set(`${to}${key.slice(from.length)}`, count)
    }
  }

  size(): number {
    return this.#stretches.size + this.#ordinary.size
  }

  save(): unknown {
    return [this.#stretches, this.#ordinary]
  }

  load(saved: unknown): void {
    const [stretches, ordinary] = saved as readonly [Stretches, BoundedMap<string, number>]
    this.#stretches.adopt(stretches)
    this.#ordinary.adopt(ordinary)
  }

  #oddOf(o: Observation): Odd | undefined {
    const response = o.call.response
    if (response === undefined) return undefined
    if (response.status >= 300 && response.status < 400) return redirectOf(o)
    if (o.outcome !== 'success' || response.content.kind !== 'json') return undefined
    const side = this.#context.fields.answer(o.match.endpoint)
    let odd: Odd | undefined
    let left = mostValues
    const note = (one: Odd): void => {
      if (odd === undefined || one.confidence > odd.confidence) odd = one
    }
    eachField(response.content.value, (path, value) => {
      left -= 1
      if (left < 0) return
      if (typeof value === 'string' && value.length >= 4) {
        const hit = inspectText(value)
        if (hit !== undefined && kinds.has(hit.kind) && hit.confidence >= this.#context.option('confidence'))
          note({
            message: 'injected',
            what: hit.kind.replaceAll('-', ' '),
            at: path,
            confidence: Math.min(0.9, hit.confidence),
            severity: 'high',
          })
        const mark = promptMarkIn(value)
        if (mark !== undefined && mark.confidence >= this.#context.option('confidence'))
          note({ message: 'injected', what: mark.what, at: path, confidence: 0.8, severity: 'medium' })
      }
      const known = fieldAt(side, path)
      const bit = typeBit(value)
      if (
        known !== undefined &&
        bit !== 0 &&
        known.seen >= this.#context.option('answers') &&
        (known.types & bit) === 0
      )
        note({
          message: 'drifted',
          what: Array.isArray(value) ? 'a list' : `a ${typeof value}`,
          at: path,
          confidence: 0.6,
          severity: 'low',
        })
    })
    return odd
  }
}

/** A call of a workload of ours to a host that is none of ours. */
function leavesTheHouse({ call }: Observation): boolean {
  if (call.source.workload === undefined || call.destination.workload !== undefined) return false
  return hostForm(call.destination.host)?.reach === 'external'
}

/** Where the answer sends the workload, if that is another house. */
function redirectOf(o: Observation): Odd | undefined {
  const location = headerOf(o.call.response?.headers ?? [], 'location')
  const form =
    location === undefined || !/^(?:[a-z][a-z0-9+.-]*:)?\/\//i.test(location) ? undefined : hostForm(location)
  if (form === undefined || domainOf(form.host) === domainOf(o.call.destination.host)) return undefined
  const inner = form.reach !== 'external'
  return {
    message: 'redirected',
    what: form.host,
    at: 'location',
    confidence: inner ? 0.9 : 0.7,
    severity: inner ? 'high' : 'medium',
  }
}

/** The last two labels, three where the second last is short (`co.uk`). */
function domainOf(host: string): string {
  const labels = host.replace(/:\d{1,5}$/, '').split('.')
  return labels.slice((labels.at(-2)?.length ?? 0) <= 3 && labels.length > 2 ? -3 : -2).join('.')
}

export const thirdPartyResponse = defineDetector({
  id: 'third-party-response',
  title: 'A partner answers otherwise than it did',
  summary:
    'Watches the answers that our workloads get from hosts outside: attack language or orders to a model in their values, redirects to hosts of somebody else, fields of another type. Who trusts such an answer carries the attack inside.',
  family: 'exposure',
  severity: 'medium',
  owasp: ['API10:2023'],
  attack: ['T1195', 'T1190'],
  options: {
    confidence: { default: 0.8, reason: 'Free text of partners holds weaker signs by chance.' },
    answers: { default: 30, reason: 'Thirty answers of one type show what a field is.' },
    usual: { default: 50, reason: 'After fifty answers it is what the partner answers, and was said.' },
    endpoints: {
      default: 10_000,
      reason: 'Endpoints of partners with oddities remembered; about 400 bytes each.',
    },
  },
  messages: {
    injected: '{host} answered {workload} with {what} in {at} ({times}).',
    redirected: '{host} sent {workload} on to {what} ({times}), which it never did before.',
    drifted: '{host} answers {workload} with {what} in {at} ({times}), which it never did before.',
  },
  whenNotAnAttack: 'The partner announced a new version or moved to another domain.',
  examples: {
    fires: [
      `learn shop kind=service from=shop/prices host=rates.partner.example GET /rates/{eur} every 9s x 30 -> 200 {"rate":1.1,"name":"Euro"}
shop kind=service from=shop/prices host=rates.partner.example GET /rates/{eur} -> 200 {"rate":1.1,"name":"1' UNION SELECT username,password FROM users--"}`,
      'shop kind=service from=shop/prices host=rates.partner.example GET /rates/{eur} gets.location=http://169.254.169.254/latest -> 302',
    ],
    quiet: [
      `learn shop kind=service from=shop/prices host=rates.partner.example GET /rates/{eur} every 9s x 30 -> 200 {"rate":1.1,"name":"Euro"}
shop kind=service from=shop/prices host=rates.partner.example GET /rates/{usd} -> 200 {"rate":2,"name":"Dollar","note":"select a table"}
shop kind=service from=shop/prices host=rates.partner.example GET /rates/{usd} gets.location=https://www.partner.example/rates -> 302`,
    ],
  },
  create: context => new ThirdPartyResponseRun(context),
})
