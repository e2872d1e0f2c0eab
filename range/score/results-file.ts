import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { SallyportError } from '../../src/kit/error.ts'
import type { Alert } from './alert.ts'

/**
 * Incidents of any product: a JSON line each, `{ "incident": id, "evidence": [call ids], "principals": [...], "time": …, "owasp": [...] }`
 * (`time` in RFC 3339 or ms: when it was raised; several lines of one incident add to it), or an analysis document.
 * @throws SallyportError `input/unreadable` with the line that is wrong.
 */
export function readResults(path: string, times: ReadonlyMap<string, number>): readonly Alert[] {
  if (!existsSync(path))
    throw new SallyportError('input/unreadable', `There is no file ${path}.`, { where: path })
  const text = (path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path)).toString('utf8')
  const document = wholeDocument(text)
  return document === undefined ? fromLines(text, path, times) : fromDocument(document, times)
}

interface DocumentIncident {
  readonly id: string
  readonly title?: string
  readonly principals?: readonly string[]
  readonly evidence?: readonly string[]
  readonly signals?: readonly string[]
  readonly detectors?: readonly string[]
}
interface DocumentSignal {
  readonly id: string
  readonly time: string
  readonly owasp?: readonly string[]
  readonly attempt?: boolean
  readonly evidence?: readonly string[]
  readonly detector?: string
}
interface Document {
  readonly incidents: readonly DocumentIncident[]
  readonly signals?: readonly DocumentSignal[]
}

function wholeDocument(text: string): Document | undefined {
  try {
    const value = JSON.parse(text) as Partial<Document>
    return Array.isArray(value.incidents) ? (value as Document) : undefined
  } catch {
    return undefined
  }
}

function fromDocument(
  { incidents, signals = [] }: Document,
  times: ReadonlyMap<string, number>,
): readonly Alert[] {
  const byId = new Map(signals.map(signal => [signal.id, signal]))
  return incidents.map(({ id, title = '', principals = [], evidence = [], signals: ids = [] }) => {
    const own = ids.flatMap(one => byId.get(one) ?? [])
    const named = new Map<string, number>()
    const outcomes = new Map<string, 'success' | 'attempt'>()
    for (const signal of own)
      for (const call of signal.evidence ?? []) {
        named.set(call, Math.min(named.get(call) ?? Number.POSITIVE_INFINITY, Date.parse(signal.time)))
        if (outcomes.get(call) !== 'success')
          outcomes.set(call, signal.attempt === true ? 'attempt' : 'success')
      }
    for (const call of evidence) if (!named.has(call)) named.set(call, times.get(call) ?? 0)
    return {
      incident: id,
      evidence: named,
      principals,
      owasp: [...new Set(own.flatMap(({ owasp = [] }) => owasp))],
      outcomes,
      by: [...new Set(own.flatMap(({ detector }) => detector ?? []))].sort(),
      title,
    }
  })
}

interface Line {
  readonly incident?: unknown
  readonly evidence?: unknown
  readonly principals?: unknown
  readonly time?: unknown
  readonly owasp?: unknown
}

function fromLines(text: string, path: string, times: ReadonlyMap<string, number>): readonly Alert[] {
  const alerts = new Map<
    string,
    { evidence: Map<string, number>; principals: Set<string>; owasp: Set<string> | undefined }
  >()
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const bad = (what: string): never => {
      throw new SallyportError('input/unreadable', what, {
        where: `${path}:${index + 1}`,
        mend: 'A line is { "incident": "i-1", "evidence": ["c-000123"], "principals": [], "time": "2026-04-01T10:00:00Z" }.',
      })
    }
    let value: Line
    try {
      value = JSON.parse(line) as Line
    } catch {
      return bad('The line is not JSON.')
    }
    if (typeof value.incident !== 'string') return bad('`incident` is missing.')
    if (!Array.isArray(value.evidence)) return bad('`evidence` is not a list of call ids.')
    const told =
      value.time === undefined
        ? undefined
        : typeof value.time === 'number'
          ? value.time
          : Date.parse(String(value.time))
    if (told !== undefined && !Number.isFinite(told)) return bad('`time` is no time.')
    const known = alerts.get(value.incident) ?? {
      evidence: new Map(),
      principals: new Set(),
      owasp: undefined,
    }
    alerts.set(value.incident, known)
    for (const call of value.evidence.map(String))
      if (!known.evidence.has(call)) known.evidence.set(call, told ?? times.get(call) ?? 0)
    for (const principal of Array.isArray(value.principals) ? value.principals.map(String) : [])
      known.principals.add(principal)
    if (Array.isArray(value.owasp))
      known.owasp = new Set([...(known.owasp ?? []), ...value.owasp.map(String)])
  }
  return [...alerts].map(([incident, { evidence, principals, owasp }]) => ({
    incident,
    evidence,
    principals: [...principals],
    ...(owasp === undefined ? {} : { owasp: [...owasp] }),
    by: [],
    title: incident,
  }))
}
