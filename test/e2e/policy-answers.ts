import { policyCheck } from '../../src/engine/policy-service.ts'
import { factFields, factFunctions } from '../../src/policy/fact-fields.ts'
import { policyJsonSchema } from '../../src/policy/policy-schema.ts'
import { policyTemplates } from '../../src/policy/templates/index.ts'
import type { PolicyView } from '../../src/server/api/policy.ts'
import type { PolicyLanguageView } from '../../src/server/api/policy-language.ts'
import type { QuarantinePreviewView } from '../../src/server/api/quarantine.ts'
import type { StageView } from '../../src/server/api/rollout.ts'
import type { More } from './console-server.ts'
import { detailOf, type PolicyData } from './policy-fixture.ts'

type Answer = readonly [status: number, body: unknown]
const missing: Answer = [404, { title: 'There is nothing at that address.', status: 404 }]

const language: PolicyLanguageView = {
  schema: policyJsonSchema,
  facts: Object.entries(factFields).flatMap(([root, fields]) =>
    Object.entries(fields).map(([field, type]) => ({ name: `${root}.${field}`, type })),
  ),
  functions: Object.entries(factFunctions).map(([name, about]) => ({ name, about })),
  templates: policyTemplates.map(({ id, title, summary, render }) => ({
    id,
    title,
    summary,
    source: render(),
  })),
}

const preview: QuarantinePreviewView = {
  ...{ calls: 41, principals: 1, named: [], endpoints: [], truncated: false, ttlSeconds: 900, shared: false },
}

/** The policies' part of the REST API over `data`, which changes as the console asks for it; texts are checked by the real checker. */
export function policyAnswers(data: PolicyData): More {
  return (path, query, method = 'GET', body = undefined) => {
    const [, first = '', name = '', what = ''] = path.split('/').map(decodeURIComponent)
    const given = body as Readonly<Record<string, unknown>> | undefined
    switch (first) {
      case 'language':
        return [200, language]
      case 'policies':
        return policy(data, method, name, what, given)
      case 'decisions':
        return decision(data, query, name)
      case 'quarantine':
        return quarantine(data, method, name, what, given)
      default:
        return undefined
    }
  }
}

function policy(
  data: PolicyData,
  method: string,
  name: string,
  what: string,
  body: Readonly<Record<string, unknown>> | undefined,
): Answer {
  if (name === '') return [200, { items: data.policies }]
  if (name === 'check') return [200, policyCheck(String(body?.source))]
  if (name === 'simulate') return [200, data.simulation]
  if (what === 'history') return [200, { items: data.versions[name] ?? [] }]
  const found = data.policies.find(one => one.name === name)
  const put = (policy: PolicyView): Answer => {
    data.policies = [...data.policies.filter(one => one.name !== name), policy]
    return [200, policy]
  }
  if (method === 'PUT') {
    const source = String(body?.source)
    const base = found ?? { ...(data.policies[0] as PolicyView), name, version: 0, updatedBy: 'ada' }
    return put({ ...base, source, version: base.version + 1 })
  }
  if (found === undefined) return missing
  if (what === 'promote') {
    const stage = body?.to as StageView
    return put({
      ...found,
      version: found.version + 1,
      mode: stage.mode,
      rollout: { stage, since: new Date().toISOString() },
    })
  }
  return what === '' ? [200, found] : [200, { ...found, version: found.version + 1 }]
}

function decision(data: PolicyData, query: URLSearchParams, id: string): Answer {
  if (id === 'summary') {
    const acted = data.decisions.filter(one => one.acted)
    const principals = new Set(acted.map(({ principal }) => principal)).size
    return [
      200,
      {
        since: new Date().toISOString(),
        decisions: data.decisions.length,
        acted: acted.length,
        principals,
        truncated: false,
      },
    ]
  }
  if (id !== '') {
    const found = data.decisions.find(one => one.id === id)
    return found === undefined ? missing : [200, detailOf(found)]
  }
  const items = data.decisions.filter(one =>
    (['policy', 'principal', 'action', 'phase', 'mode'] as const).every(
      key => query.get(key) === null || one[key] === query.get(key),
    ),
  )
  return [200, { items: items.slice(0, Number(query.get('limit') ?? 100)) }]
}

function quarantine(
  data: PolicyData,
  method: string,
  id: string,
  what: string,
  body: Readonly<Record<string, unknown>> | undefined,
): Answer {
  if (id === '') return [200, { items: data.quarantine }]
  if (id === 'preview') return [200, preview]
  const found = data.quarantine.find(one => one.id === id)
  if (found === undefined) return missing
  data.quarantine = data.quarantine.filter(one => one.id !== id)
  if (method === 'DELETE') return [200, { ...found, releasedAt: new Date().toISOString() }]
  if (what !== 'extend') return missing
  const extended = {
    ...found,
    expiresAt: new Date(Date.now() + Number(body?.ttlSeconds) * 1000).toISOString(),
  }
  data.quarantine.push(extended)
  return [200, extended]
}
