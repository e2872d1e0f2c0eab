import type { DismissalView } from '../../src/server/api/dismissal.ts'
import type { OverviewView } from '../../src/server/api/overview.ts'
import type { SuppressionView } from '../../src/server/api/suppression.ts'
import { overview } from './console-fixture.ts'
import type { More } from './console-server.ts'
import { type DetectionData, listed } from './detection-fixture.ts'

type Answer = readonly [status: number, body: unknown]
const missing: Answer = [404, { title: 'There is nothing at that address.', status: 404 }]

/** Detection's part of the REST API over `data`, which changes as the console asks for it. */
export function detectionAnswers(data: DetectionData): More {
  return (path, query, method = 'GET', body = undefined) => {
    const [, first = '', id = '', what = ''] = path.split('/').map(decodeURIComponent)
    switch (first) {
      case 'overview':
        return [200, { ...overview, totals: data.totals } satisfies OverviewView]
      case 'incidents':
        return id === '' ? [200, page(data, query)] : incident(data, id, method, what, body)
      case 'visits':
        return [200, { page: 'incidents', at: new Date().toISOString(), before: '2026-01-01T00:00:00.000Z' }]
      case 'detectors':
        return detector(data, id, method, what, body)
      case 'suppressions':
        if (method === 'DELETE') {
          const found = data.suppressions.find(one => one.id === id)
          data.suppressions = data.suppressions.filter(one => one.id !== id)
          return found === undefined ? missing : [200, found]
        }
        return [200, { items: data.suppressions }]
      case 'signals': {
        const of = query.get('detector')
        return [200, { items: data.signals.filter(one => of === null || one.detector === of) }]
      }
      case 'principals': {
        if (id === '') return [200, { items: data.principals }]
        const found = data.principals.find(one => one.id === id)
        return found === undefined ? missing : [200, found]
      }
      case 'calls': {
        if (id === 'histogram') return [200, { items: [] }]
        if (id === '') return [200, { items: data.calls }]
        if (what === 'why') return [200, { items: data.why }]
        const found = data.calls.find(one => one.id === id)
        return found === undefined ? missing : [200, found]
      }
      default:
        return undefined
    }
  }
}

function page(data: DetectionData, query: URLSearchParams) {
  const found = data.incidents.filter(
    one => query.get('status') === null || one.status === query.get('status'),
  )
  const from = Number(query.get('cursor') ?? 0)
  const to = from + Number(query.get('limit') ?? 100)
  const items = found.slice(from, to).map(listed)
  return to < found.length ? { items, cursor: String(to) } : { items }
}

function incident(data: DetectionData, id: string, method: string, what: string, body: unknown): Answer {
  const found = data.incidents.find(one => one.id === id)
  if (found === undefined) return missing
  if (method === 'GET') return [200, found]
  const stamp = new Date().toISOString()
  const replace = (next: typeof found): void => {
    data.incidents = data.incidents.map(one => (one.id === id ? next : one))
  }
  if (what === 'feedback') {
    const { verdict } = body as { readonly verdict: 'attack' | 'benign' }
    const feedback = { incident: id, verdict, at: stamp, by: 'ada', detectors: found.detectors }
    replace({ ...found, feedback })
    return [200, feedback]
  }
  if (what !== 'dismiss') return missing
  const word = body as Pick<SuppressionView, 'reason' | 'scope'> & { readonly days: number }
  const until = new Date(Date.now() + word.days * 86_400_000).toISOString()
  replace({
    ...found,
    status: 'closed',
    resolution: { reason: word.reason, at: stamp, by: 'ada' },
    dismissal: { reason: word.reason, scope: word.scope, until },
  })
  return [200, { incident: listed(found), suppressions: [] } satisfies DismissalView]
}

function detector(data: DetectionData, id: string, method: string, what: string, body: unknown): Answer {
  if (id === '') return [200, { items: data.detectors }]
  const found = data.detectors.find(one => one.id === id)
  if (found === undefined) return missing
  if (what === 'test') return [200, data.backtest]
  if (method === 'PATCH') {
    const change = body as {
      readonly enabled?: boolean
      readonly options?: Readonly<Record<string, number | null>>
    }
    const next = {
      ...found,
      enabled: change.enabled ?? found.enabled,
      options: found.options.map(option => {
        const value = change.options?.[option.name]
        return value === undefined ? option : { ...option, value: value ?? option.default }
      }),
    }
    data.detectors = data.detectors.map(one => (one.id === id ? next : one))
    return [200, next]
  }
  return [200, found]
}
