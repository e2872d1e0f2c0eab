import { injectionGuard } from '../../../src/policy/templates/injection-guard.ts'
import { ownerGuard } from '../../../src/policy/templates/owner-guard.ts'

export const host = 'shop.example'

const things = 120
/** Of an API of many services: what a large team's catalog holds. */
export const templates: readonly string[] = [
  '/orders',
  '/orders/{orderId}',
  ...Array.from({ length: things }, (_, index) => [
    `/service-${index}/things`,
    `/service-${index}/things/{thingId}`,
  ]).flat(),
]

/** What people write: by role, by header, by size, by parameter, by answer. */
const conditions = [
  '"blocked" in identity.roles',
  'request.size > 1000000.0',
  'identity.kind == "anonymous" && request.method != "GET"',
  '"x-debug" in request.headers && !("admin" in identity.roles)',
  '"limit" in request.query && size(request.query["limit"]) > 4',
  'endpoint.known && identity.confidence < 0.1',
  'now.hour >= 25.0',
  'response.status == 200.0 && response.size > 5000000.0',
]

/** One in 25 holds everywhere, one in 50 for orders, the rest for one endpoint each; the two guards that read bodies come first. */
export function policies(count: number) {
  const guards = [injectionGuard, ownerGuard].map(({ id, render }) => ({
    name: id,
    source: render({ mode: 'enforce' }),
    version: 1,
  }))
  const others = Array.from({ length: Math.max(0, count - guards.length) }, (_, index) => {
    const where =
      index % 25 === 0
        ? ''
        : `endpoints: [${JSON.stringify(`* ${index % 50 === 1 ? templates[(index / 50) & 1] : templates[index % templates.length]}`)}]`
    const when = conditions[index % conditions.length]!
    const source = `apiVersion: sallyport/v1alpha1
kind: ApiPolicy
metadata: { name: rule-${index} }
spec:
  match: { ${where} }
  when: ${JSON.stringify(when)}
  action: { type: block, status: 403 }
  mode: enforce
  reason: Not permitted.
`
    return { name: `rule-${index}`, source, version: 1 }
  })
  return [...guards, ...others]
}
