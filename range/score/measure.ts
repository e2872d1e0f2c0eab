import { day } from '../world/calendar.ts'
import type { Level, TruthAttack } from '../world/truth.ts'
import type { Alert, Verdicts } from './alert.ts'
import type { Recording } from './recording.ts'

/** How one attack fared. */
export interface AttackScore {
  readonly app: string
  readonly seed: number
  readonly attack: string
  readonly kind: string
  readonly level: Level
  readonly found: boolean
  /** Calls of the attack, setup left out, until the first incident named one of them, that call included. */
  readonly requests: number | null
  /** From its first call to that moment. */
  readonly seconds: number | null
  /** Incidents that name it: more than one is a split. */
  readonly incidents: number
  readonly by: readonly string[]
  /** Of its calls that were named with an outcome, how many with the right one. */
  readonly outcomeRight: number
  readonly outcomeTold: number
}

export interface WorldScore {
  readonly product: string
  readonly app: string
  readonly seed: number
  readonly attacks: readonly AttackScore[]
  /** Incidents of the attacked window: naming an attack, only setup calls (neutral), or neither. */
  readonly incidents: {
    readonly right: number
    readonly neutral: number
    readonly wrong: number
    readonly lumped: number
  }
  /** Incidents of the clean window; null where it was not looked at. */
  readonly falseAlarms: {
    readonly incidents: number
    readonly days: number
    readonly titles: readonly string[]
  } | null
  readonly wrongTitles: readonly string[]
  readonly access: AccessScore
}

/** Object-level access: the unit is (caller, object, relation). */
export interface AccessScore {
  readonly foreign: number
  readonly hits: number
  readonly falseHits: { readonly own: number; readonly shared: number; readonly support: number }
}

export function measure(recording: Recording, verdicts: Verdicts): WorldScore {
  const { truth, times } = recording
  const { attacked, clean, product } = verdicts
  const calls = new Map<string, number[]>()
  for (const [id, { attack, outcome }] of Object.entries(truth.calls)) {
    if (outcome === 'setup') continue
    const own = calls.get(attack)
    if (own === undefined) calls.set(attack, [times.get(id) ?? 0])
    else own.push(times.get(id) ?? 0)
  }
  const naming = new Map<
    string,
    { incidents: number; first: number; by: Set<string>; right: number; told: number }
  >()
  const incidents = { right: 0, neutral: 0, wrong: 0, lumped: 0 }
  const wrongTitles: string[] = []
  for (const alert of attacked) {
    const named = judge(alert, truth.calls)
    if (named.attacks.size > 1) incidents.lumped += 1
    if (named.attacks.size > 0) incidents.right += 1
    else if (named.setup) incidents.neutral += 1
    else {
      incidents.wrong += 1
      wrongTitles.push(told(alert))
    }
    for (const [attack, { first, right, outcomes }] of named.attacks) {
      const entry = naming.get(attack) ?? {
        incidents: 0,
        first: Number.POSITIVE_INFINITY,
        by: new Set(),
        right: 0,
        told: 0,
      }
      entry.incidents += 1
      entry.first = Math.min(entry.first, first)
      entry.right += right
      entry.told += outcomes
      for (const detector of alert.by) entry.by.add(detector)
      naming.set(attack, entry)
    }
  }
  return {
    product,
    app: truth.app,
    seed: truth.seed,
    attacks: truth.attacks.map(attack =>
      scoreOf(attack, truth.seed, naming.get(attack.id), calls.get(attack.id) ?? []),
    ),
    incidents,
    falseAlarms:
      clean === undefined
        ? null
        : {
            incidents: clean.length,
            days: (Date.parse(truth.clean.to) - Date.parse(truth.clean.from)) / day,
            titles: clean.map(told),
          },
    wrongTitles,
    access: accessScore(recording, attacked),
  }
}

const told = ({ by, title, evidence }: Alert): string =>
  `${by.join('+')}: ${title} [${[...evidence.keys()].slice(0, 3).join(' ')}]`

function scoreOf(
  attack: TruthAttack,
  seed: number,
  named:
    | { incidents: number; first: number; by: ReadonlySet<string>; right: number; told: number }
    | undefined,
  times: readonly number[],
): AttackScore {
  const { id, kind, level, app } = attack
  const from = Math.min(...times)
  return {
    app,
    seed,
    attack: id,
    kind,
    level,
    found: named !== undefined,
    requests: named === undefined ? null : Math.max(1, times.filter(time => time <= named.first).length),
    seconds: named === undefined ? null : Math.max(0, Math.round((named.first - from) / 1_000)),
    incidents: named?.incidents ?? 0,
    by: [...(named?.by ?? [])].sort(),
    outcomeRight: named?.right ?? 0,
    outcomeTold: named?.told ?? 0,
  }
}

function judge(alert: Alert, labels: Recording['truth']['calls']) {
  const attacks = new Map<string, { first: number; right: number; outcomes: number }>()
  let setup = false
  for (const [call, time] of alert.evidence) {
    const label = labels[call]
    if (label === undefined) continue
    if (label.outcome === 'setup') {
      setup = true
      continue
    }
    const entry = attacks.get(label.attack) ?? { first: Number.POSITIVE_INFINITY, right: 0, outcomes: 0 }
    entry.first = Math.min(entry.first, time)
    const outcome = alert.outcomes?.get(call)
    if (outcome !== undefined) {
      entry.outcomes += 1
      if (outcome === label.outcome) entry.right += 1
    }
    attacks.set(label.attack, entry)
  }
  return { attacks, setup }
}

/** An incident that says it is about something else than objects of others is not asked about them. */
function accessScore(recording: Recording, alerts: readonly Alert[]): AccessScore {
  const named = new Set<string>()
  for (const { evidence, owasp } of alerts) {
    if (owasp !== undefined && !owasp.some(id => id.startsWith('API1'))) continue
    for (const call of evidence.keys()) named.add(call)
  }
  const units = new Map<string, { relation: string; hit: boolean }>()
  for (const { principal, object, relation, call } of recording.accesses) {
    // What an attack of another kind reads within its rights is neither asked for nor wrong.
    if (relation !== 'foreign' && recording.truth.calls[call] !== undefined) continue
    const key = `${principal}\0${object}\0${relation}`
    const unit = units.get(key) ?? { relation, hit: false }
    unit.hit ||= named.has(call)
    units.set(key, unit)
  }
  const hits = (relation: string): number =>
    [...units.values()].filter(unit => unit.relation === relation && unit.hit).length
  return {
    foreign: [...units.values()].filter(({ relation }) => relation === 'foreign').length,
    hits: hits('foreign'),
    falseHits: { own: hits('own'), shared: hits('shared'), support: hits('support') },
  }
}
