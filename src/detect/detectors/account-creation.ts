import type { Observation } from '../../baseline/observation.ts'
import { prefixOf } from '../../identity/device.ts'
import { blame } from '../blame.ts'
import { businessActionOf } from '../business.ts'
import { DailyCounts } from '../daily-counts.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import { distributionOf, expectedOf, observedOf } from '../distribution.ts'
import { Stretches, toTell } from '../stretches.ts'
import { counted } from '../words.ts'

const dayMs = 86_400_000
const commonDomains =
  /@(?:gmail|googlemail|outlook|hotmail|live|msn|yahoo|ymail|icloud|me|mac|aol|gmx|web|proton|protonmail|pm|mail|fastmail|yandex|qq|163|126|naver|orange|wanadoo|free|libero|t-online|bluewin)\.[a-z.]{2,8}$/

type By = 'client' | 'address' | 'pattern' | 'domain'

class AccountCreationRun implements DetectorRun {
  readonly #context: DetectContext
  readonly #counts = new DailyCounts()
  readonly #stretches: Stretches

  constructor(context: DetectContext) {
    this.#context = context
    this.#stretches = new Stretches({ most: context.option('sources'), gapMs: dayMs, lengthMs: 3 * dayMs })
  }

  observe(o: Observation): readonly Finding[] {
    const action = businessActionOf(o)
    if (action?.kind !== 'registration' || action.declined || o.outcome !== 'success') return []
    // A member of staff, or another program of ours, makes accounts for others.
    if (o.identity.kind !== 'anonymous' && o.identity.kind !== 'session') return []
    const { host } = o.call.destination
    const name = action.thing.toLowerCase()
    let found: Finding | undefined
    for (const [by, source] of sourcesOf(o, name)) {
      const place = `${host}\0${by}`
      const day = this.#counts.add(place, source, o.call.time, name)
      const stretch = this.#stretches.step(`${place}\0${source}`, o.call.time, o.call.id, name)
      if (o.learning || day === undefined) continue
      const usual = this.#counts.usual(place, this.#context.option('days'))
      const most = usual?.quantile(0.999) ?? 0
      const value = stretch.things.length
      if (value < Math.max(this.#context.option(by), this.#context.option('factor') * most)) continue
      day.raised = true
      found ??= {
        message: by,
        observed: {
          ...observedOf(value, `registrations by ${by}`, 'accounts'),
          what: counted(value, 'account'),
          source,
          endpoint: o.match.endpoint,
        },
        expected:
          usual === undefined
            ? { accounts: 'one or two' }
            : expectedOf(distributionOf(usual, Math.round(usual.count), `days by ${by}`)),
        attempt: false,
        confidence: Math.min(0.9, 0.6 + 0.03 * value),
        severity: value >= 4 * this.#context.option(by) ? 'high' : 'medium',
        ...blame(o),
        evidence: toTell(stretch),
        objects: [`account:${name.slice(0, 64)}`],
        key: `${place}\0${source}\0${stretch.from}`,
        actor: by === 'client' ? `device:${o.identity.device}` : `registrations:${source}`,
      }
    }
    return found === undefined ? [] : [found]
  }

  size(): number {
    return this.#counts.size + this.#stretches.size
  }

  save(): unknown {
    return [this.#counts, this.#stretches]
  }

  load(saved: unknown): void {
    const [counts, stretches] = saved as readonly [DailyCounts, Stretches]
    this.#counts.adopt(counts)
    this.#stretches.adopt(stretches)
  }
}

/** What registrations of one hand share: the client, the network, the form of the name, a domain that hardly anybody has. */
function sourcesOf(o: Observation, name: string): readonly (readonly [by: By, source: string])[] {
  const sources: (readonly [By, string])[] = [['client', `${o.identity.device}@${o.call.source.ip ?? ''}`]]
  if (o.call.source.ip !== undefined) sources.push(['address', prefixOf(o.call.source.ip)])
  const at = name.lastIndexOf('@')
  const local = (at < 0 ? name : name.slice(0, at)).replace(/\+.{0,64}$/, '').replaceAll('.', '')
  const stem = local.replace(/\d+/g, '#')
  // `anna` alone is a name; `anna#`, with digits in many values, is a row.
  if (stem.includes('#') && stem.length >= 4)
    sources.push(['pattern', `${stem}${at < 0 ? '' : name.slice(at)}`])
  else if (/\+/.test(name)) sources.push(['pattern', `${local}+${at < 0 ? '' : name.slice(at)}`])
  if (at > 0 && !commonDomains.test(name)) sources.push(['domain', name.slice(at)])
  return sources
}

export const accountCreation = defineDetector({
  id: 'account-creation',
  title: 'A row of new accounts',
  summary:
    'Counts registrations by client, by network, by the form of the name or e-mail address and by its domain. Many from one source, more than from any on other days, are made to be used together.',
  family: 'automation',
  concern: 'writes',
  kind: 'statistical',
  severity: 'medium',
  owasp: ['API6:2023'],
  attack: ['T1136.003'],
  options: {
    client: { default: 5, reason: 'A household registers three or four, and not on one day.' },
    address: {
      default: 15,
      reason: 'Behind one network are offices and schools: fifteen within three days.',
    },
    pattern: { default: 6, reason: 'Six names that differ in their digits alone.' },
    domain: {
      default: 12,
      reason: 'Twelve addresses of a domain that is no large provider’s, a company’s roll-out aside.',
    },
    factor: { default: 2, reason: 'Twice the most of a thousand days.' },
    days: { default: 20, reason: 'Twenty days of sources show how many are usual.' },
    sources: { default: 20_000, reason: 'Sources of registrations remembered; about 500 bytes each.' },
  },
  messages: {
    client: 'One client registered {what} at {endpoint}.',
    address: '{what} were registered at {endpoint} from one network ({source}).',
    pattern: '{what} were registered at {endpoint} under names of one form ({source}).',
    domain: '{what} were registered at {endpoint} with addresses of one domain ({source}).',
  },
  whenNotAnAttack: 'A company, a class or an event where many register at once.',
  examples: {
    fires: [
      'anonymous POST /register body={"email":"shop{n}@drop.example","password":"[redacted:password:aaaaaaaaaaaa]"} agent=bot every 40s x 8 -> 201 {"id":1}',
    ],
    quiet: [
      'anonymous POST /register body={"email":"ann@gmail.com","password":"[redacted:password:aaaaaaaaaaaa]"} -> 201 {"id":1}',
      'sue roles=admin POST /users body={"email":"u{n}@corp.example","role":"member"} every 40s x 30 -> 201 {"id":1}',
    ],
  },
  create: context => new AccountCreationRun(context),
})
