import { createHash } from 'node:crypto'
import { askings } from '../attempt.ts'
import type { Asked, Evidence } from '../evidence.ts'
import { kubernetesName } from '../kubernetes-name.ts'
import type { ExplainedLine, Manifest } from '../manifest.ts'
import { counted, howOften } from '../words.ts'
import { shortName } from './peer-sentence.ts'
import type { PolicyKind } from './policy-kind.ts'

/** Endpoints that one document lists; an expression has at most 200 parts. */
const maxListed = 100

/** Our own policies: who may call which endpoint, only recorded at first. */
export const api: PolicyKind = {
  id: 'api',
  title: 'ApiPolicy',
  kind: 'ApiPolicy',
  concerns: askings,
  generate: evidence => {
    const notes: string[] = []
    const manifests = [...allowed(evidence, notes), ...rest(evidence, notes)]
    const [first, ...others] = manifests
    return first === undefined ? [] : [{ ...first, notes: [...first.notes, ...notes] }, ...others]
  },
}

interface Group {
  readonly principals: readonly string[]
  readonly host: string
  readonly endpoints: Map<string, { readonly asked: Asked[] }>
}

/** For every set of callers that share endpoints of a host: all others are denied. */
function allowed(evidence: Evidence, notes: string[]): readonly Manifest[] {
  const byEndpoint = new Map<string, Asked[]>()
  for (const one of evidence.asked) {
    if (one.seen.standing !== 'kept') continue
    const key = `${one.endpoint.method} ${one.endpoint.host}${one.endpoint.template}`
    const list = byEndpoint.get(key)
    if (list === undefined) byEndpoint.set(key, [one])
    else list.push(one)
  }
  const groups = new Map<string, Group>()
  for (const [, asked] of [...byEndpoint].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { endpoint } = asked[0]!
    const told = `${endpoint.method} ${endpoint.template}`
    if (asked.some(({ principal }) => principal === undefined || principal === 'anonymous:*')) {
      notes.push(
        `Open to everybody, since callers without a name ask it: ${endpoint.method} ${endpoint.host}${endpoint.template}.`,
      )
      continue
    }
    const principals = [...new Set(asked.flatMap(({ principal }) => principal ?? []))].sort()
    const key = [endpoint.host, ...principals].join(' ')
    let group = groups.get(key)
    if (group === undefined) {
      group = { principals, host: endpoint.host, endpoints: new Map() }
      groups.set(key, group)
    }
    const known = group.endpoints.get(told)
    if (known === undefined) group.endpoints.set(told, { asked })
    else known.asked.push(...asked)
  }
  return [...groups.values()].flatMap(group => documentsOf(group, evidence))
}

function documentsOf(
  { principals, host, endpoints }: Group,
  { subject, options }: Evidence,
): readonly Manifest[] {
  const all = [...endpoints]
  const services = principals.filter(name => !name.endsWith(':*'))
  const kinds = principals.filter(name => name.endsWith(':*')).map(name => name.slice(0, -2))
  const documents: Manifest[] = []
  for (let start = 0; start < all.length; start += maxListed) {
    const part = all.slice(start, start + maxListed)
    const hash = createHash('sha256')
      .update([host, ...principals, start].join(' '))
      .digest('hex')
      .slice(0, 8)
    documents.push({
      document: policyDocument(kubernetesName(shortName(subject), 'callers', hash), {
        match: { hosts: [host], endpoints: part.map(([told]) => told) },
        when: [
          ...(services.length === 0 ? [] : [`!(identity.principal in ${list(services)})`]),
          ...(kinds.length === 0 ? [] : [`!(identity.kind in ${list(kinds)})`]),
        ].join(' && '),
        reason: 'This caller does not call this endpoint.',
        tests: [
          ...services.map(principal => ({
            name: `${principal} may`,
            input: { identity: identityOf(principal) },
            expect: 'pass',
          })),
          ...kinds.map(kind => ({
            name: `${kind}:somebody may`,
            input: { identity: identityOf(`${kind}:somebody`) },
            expect: 'pass',
          })),
          {
            name: 'a service that never called may not',
            input: { identity: identityOf(`service:${stranger(services)}`) },
            expect: 'block',
          },
        ],
      }),
      lines: part.flatMap(([, { asked }], index) =>
        asked.map(({ principal, caller, seen }) => ({
          path: ['spec', 'match', 'endpoints', index],
          why: `${principal ?? caller.name} calls it: ${howOften(seen, options)}`,
        })),
      ),
      notes: [],
    })
  }
  return documents
}

/** What nobody was seen to call, on hosts that are the workload's alone. */
function rest(evidence: Evidence, notes: string[]): readonly Manifest[] {
  const { asked, ownHosts, subject, options } = evidence
  const hosts = [...new Set(asked.map(({ endpoint }) => endpoint.host))].sort()
  return hosts.flatMap((host): readonly Manifest[] => {
    const kept = [
      ...new Set(
        asked
          .filter(({ endpoint, seen }) => endpoint.host === host && seen.standing === 'kept')
          .map(({ endpoint: { method, template, operation } }) =>
            operation === undefined
              ? `${method} ${host}${template}`
              : `${method} ${host}${template}#${operation}`,
          ),
      ),
    ].sort()
    if (kept.length === 0) return []
    if (!ownHosts.includes(host)) {
      notes.push(`Other workloads answer for ${host} as well: what else is asked there is not denied here.`)
      return []
    }
    const listed = kept.length <= maxListed
    const lines: ExplainedLine[] = [
      {
        path: ['spec', 'when'],
        why: listed
          ? `${counted(kept.length, 'endpoint')} of ${host} ${kept.length === 1 ? 'was' : 'were'} called in ${counted(options.days, 'day')}; all others are denied`
          : `${counted(kept.length, 'endpoint')} of ${host} are too many to list: what the catalog does not know is denied`,
      },
    ]
    const [method = 'GET', ...path] = kept[0]!.split(' ')
    const template = path.join(' ').slice(host.length).split('#', 1)[0] ?? '/'
    return [
      {
        document: policyDocument(
          kubernetesName(shortName(subject), 'rest', ...(hosts.length === 1 ? [] : [host])),
          {
            match: { hosts: [host] },
            when: listed ? `!(endpoint.id in ${list(kept)})` : '!endpoint.known',
            reason: 'Nobody calls this endpoint.',
            tests: [
              {
                name: 'an endpoint that is called',
                input: {
                  request: { method, path: template },
                  endpoint: { id: kept[0]!, template, known: true },
                },
                expect: 'pass',
              },
              {
                name: 'an endpoint that nobody calls',
                input: {
                  request: { method: 'DELETE', path: '/never/called' },
                  endpoint: { id: '', template: '/never/called', known: false },
                },
                expect: 'block',
              },
            ],
          },
        ),
        lines,
        notes: [],
      },
    ]
  })
}

function policyDocument(
  name: string,
  { match, when, reason, tests }: { match: object; when: string; reason: string; tests: readonly object[] },
): Manifest['document'] {
  return {
    apiVersion: 'sallyport/v1alpha1',
    kind: 'ApiPolicy',
    metadata: { name },
    spec: {
      phase: 'request',
      match,
      when,
      action: { type: 'block', status: 403 },
      mode: 'shadow',
      reason,
      tests,
    },
  }
}

const list = (texts: readonly string[]): string => `[${texts.map(text => JSON.stringify(text)).join(', ')}]`

function identityOf(principal: string): object {
  const colon = principal.indexOf(':')
  return { principal, kind: principal.slice(0, colon), name: principal.slice(colon + 1) }
}

/** A name that none of the callers has. */
function stranger(services: readonly string[]): string {
  let name = 'never-seen'
  while (services.includes(`service:${name}`)) name += '-'
  return name
}
