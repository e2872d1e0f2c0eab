import type { KindRow, Summary } from './summary.ts'

const percent = (value: number | null): string =>
  value === null ? '-' : `${Math.round(value * 1_000) / 10} %`

export function span(seconds: number | null): string {
  if (seconds === null) return '-'
  if (seconds < 120) return `${Math.round(seconds)} s`
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 360) / 10} h` : `${Math.round(seconds / 8_640) / 10} d`
}

export const cells = ({
  attacks,
  found,
  recall,
  interval,
  medianRequests,
  medianSeconds,
  split,
}: Omit<KindRow, 'kind' | 'by'>): readonly string[] => [
  `${found}/${attacks}`,
  percent(recall),
  `${Math.round(interval[0] * 100)}-${Math.round(interval[1] * 100)} %`,
  medianRequests === null ? '-' : String(medianRequests),
  span(medianSeconds),
  String(split),
]

export const headings = ['found', 'recall', '95 %', 'requests', 'time', 'split'] as const

function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map(row => (row[index] ?? '').length)))
  return rows
    .map(row =>
      row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** As printed to a terminal. */
export function scoreTable(summary: Summary): string {
  const { product, rows, byLevel, precision, falseAlarms, access, outcome, worlds } = summary
  return [
    `${product}: ${worlds.map(({ app, seed }) => `${app} ${seed}`).join(', ')}`,
    '',
    columns([
      ['kind', 'level', ...headings, 'by'],
      ...rows.map(row => [row.kind, row.level, ...cells(row), row.by.join(' ')]),
      ...byLevel.map(row => ['all', row.level, ...cells(row), '']),
    ]),
    '',
    `incidents            ${precision.right} right, ${precision.wrong} wrong, ${precision.neutral} neutral: precision ${percent(precision.share)}; ${precision.lumped} name more than one attack`,
    ...falseAlarms.map(
      ({ app, incidents, days, perDay }) =>
        `false alarms         ${app}: ${incidents} incidents on ${days} clean days, ${Math.round(perDay * 100) / 100} a day`,
    ),
    `object-level access  precision ${percent(access.precision)}, recall ${percent(access.recall)} (${access.hits} of ${access.foreign} foreign; ${access.falseHits} wrongly)`,
    `attempt or success   ${outcome.right} of ${outcome.told} calls named with the right one`,
    '',
  ].join('\n')
}
