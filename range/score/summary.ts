import { type Level, levels } from '../world/truth.ts'
import { interval, median } from './interval.ts'
import type { AttackScore, WorldScore } from './measure.ts'

export interface KindRow {
  readonly kind: string
  readonly level: Level
  readonly attacks: number
  readonly found: number
  readonly recall: number
  readonly interval: readonly [number, number]
  readonly medianRequests: number | null
  readonly medianSeconds: number | null
  /** Attacks that came as more than one incident. */
  readonly split: number
  readonly by: readonly string[]
}

/** Several worlds of one product together. */
export interface Summary {
  readonly product: string
  readonly worlds: readonly { readonly app: string; readonly seed: number }[]
  readonly rows: readonly KindRow[]
  readonly byLevel: readonly Omit<KindRow, 'kind' | 'by'>[]
  readonly precision: {
    readonly right: number
    readonly wrong: number
    readonly neutral: number
    readonly share: number | null
    readonly lumped: number
  }
  readonly falseAlarms: readonly {
    readonly app: string
    readonly incidents: number
    readonly days: number
    readonly perDay: number
  }[]
  readonly access: {
    readonly foreign: number
    readonly hits: number
    readonly precision: number | null
    readonly recall: number | null
    readonly falseHits: number
  }
  /** Of calls named with an outcome, the share named with the right one. */
  readonly outcome: { readonly right: number; readonly told: number }
}

export function summarise(product: string, scores: readonly WorldScore[]): Summary {
  const attacks = scores.flatMap(score => score.attacks)
  const kinds = [...new Set(attacks.map(({ kind }) => kind))]
  const rows = kinds.flatMap(kind =>
    levels.flatMap(level => {
      const own = attacks.filter(attack => attack.kind === kind && attack.level === level)
      return own.length === 0
        ? []
        : [{ kind, by: [...new Set(own.flatMap(({ by }) => by))].sort(), ...rowOf(level, own) }]
    }),
  )
  const sum = (pick: (score: WorldScore) => number): number =>
    scores.reduce((total, score) => total + pick(score), 0)
  const right = sum(({ incidents }) => incidents.right)
  const wrong = sum(({ incidents }) => incidents.wrong)
  const hits = sum(({ access }) => access.hits)
  const foreign = sum(({ access }) => access.foreign)
  const falseHits = sum(
    ({
      access: {
        falseHits: { own, shared, support },
      },
    }) => own + shared + support,
  )
  return {
    product,
    worlds: scores.map(({ app, seed }) => ({ app, seed })),
    rows,
    byLevel: levels.map(level =>
      rowOf(
        level,
        attacks.filter(attack => attack.level === level),
      ),
    ),
    precision: {
      right,
      wrong,
      neutral: sum(({ incidents }) => incidents.neutral),
      share: ratio(right, right + wrong),
      lumped: sum(({ incidents }) => incidents.lumped),
    },
    falseAlarms: falseAlarms(scores),
    access: {
      foreign,
      hits,
      falseHits,
      precision: ratio(hits, hits + falseHits),
      recall: ratio(hits, foreign),
    },
    outcome: {
      right: attacks.reduce((total, { outcomeRight }) => total + outcomeRight, 0),
      told: attacks.reduce((total, { outcomeTold }) => total + outcomeTold, 0),
    },
  }
}

const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole)

function rowOf(level: Level, own: readonly AttackScore[]): Omit<KindRow, 'kind' | 'by'> {
  const found = own.filter(attack => attack.found)
  return {
    level,
    attacks: own.length,
    found: found.length,
    recall: own.length === 0 ? 0 : found.length / own.length,
    interval: interval(found.length, own.length),
    medianRequests: median(found.flatMap(({ requests }) => requests ?? [])),
    medianSeconds: median(found.flatMap(({ seconds }) => seconds ?? [])),
    split: found.filter(({ incidents }) => incidents > 1).length,
  }
}

function falseAlarms(scores: readonly WorldScore[]): Summary['falseAlarms'] {
  const apps = [...new Set(scores.map(({ app }) => app))]
  return apps.flatMap(app => {
    const told = scores.flatMap(score =>
      score.app === app && score.falseAlarms !== null ? [score.falseAlarms] : [],
    )
    if (told.length === 0) return []
    const incidents = told.reduce((total, one) => total + one.incidents, 0)
    const days = told.reduce((total, one) => total + one.days, 0)
    return [{ app, incidents, days, perDay: incidents / days }]
  })
}
