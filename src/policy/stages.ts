import { createHash } from 'node:crypto'
import { isMap, parseAllDocuments, parseDocument } from 'yaml'
import type { PolicyMode } from './facts.ts'

/** Where a policy stands on its way from doing nothing to acting for everybody. */
export interface PolicyStage {
  readonly mode: PolicyMode
  /** Of a canary, the share of principals it acts for. */
  readonly percent?: number
}

/** Comparable: a stage that acts for more principals is further. */
export const reachOf = ({ mode, percent }: PolicyStage): number =>
  mode === 'enforce' ? 101 : mode === 'canary' ? (percent ?? 100) : 0

/**
 * SHA-256 of what the text says, as 64 hex digits: of every document everything but `spec.mode`, `spec.canary` and `spec.rollout`, so that a policy keeps
 * it on its way from shadow to enforce. Comments and layout do not count, the order of keys does not either.
 */
export function rulesHash(source: string): string {
  const documents = parseAllDocuments(source, { uniqueKeys: false })
  const rules = (Array.isArray(documents) ? documents : []).map(document => {
    const value: unknown = document.toJS({ maxAliasCount: 16 })
    if (typeof value !== 'object' || value === null || !('spec' in value)) return value
    const { mode: _, canary: __, rollout: ___, ...spec } = value.spec as Record<string, unknown>
    return { ...value, spec }
  })
  return createHash('sha256').update(canonical(rules)).digest('hex')
}

/** The text with every document at that stage; comments stay. */
export function atStage(source: string, stage: PolicyStage): string {
  return parseAllDocuments(source)
    .map(document => {
      // A copy: documents of a stream share how they are written.
      const copy = parseDocument(String(document))
      if (!isMap(copy.get('spec'))) return String(copy)
      copy.setIn(['spec', 'mode'], stage.mode)
      if (stage.mode === 'canary')
        copy.setIn(
          ['spec', 'canary'],
          copy.createNode({ percent: stage.percent ?? 100, seed: 'principal' }, { flow: true }),
        )
      else copy.deleteIn(['spec', 'canary'])
      return copy.toString({ lineWidth: 0 })
    })
    .map(text => text.replace(/^---\n/, ''))
    .join('---\n')
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join(',')}}`
}
