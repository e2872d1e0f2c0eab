import type { ApiCall } from '../../call/api-call.ts'
import { type JudgeScope, judgeValue } from './judge-value.ts'
import type { BoundOperation } from './match.ts'
import type { SpecParameter } from './specification.ts'

/** Parameters of one place that are looked at. */
const maxPairs = 128

/** Headers that a client, a proxy or a tracer adds by itself; only `x-` headers beyond these are an API's own. */
const ordinary =
  /^x-(?:forwarded|real-ip|request|correlation|trace|b3|amz|amzn|cloud|envoy|client|device|app|csrf|xsrf|requested-with|http-method|api-key|auth|access-token|datadog|newrelic|ms-|goog|azure|original|scheme|host|ssl|varnish|cache|cdn|edge|akamai|fastly|tenant|session)/

/** Query, path and header values beside the parameters that are promised. */
export function judgeParameters(
  call: ApiCall,
  bound: BoundOperation,
  params: readonly (readonly [string, string])[],
  scope: JudgeScope,
): void {
  const { parameters, exhaustive, security } = bound.operation
  const query = parameters.filter(one => one.in === 'query')
  const credentials = new Set([
    ...call.credentials.map(credential => credential.at.toLowerCase()),
    ...security.flat().flatMap(({ at }) => at ?? []),
  ])
  const present = new Set<string>()
  const open = query.some(one => one.spread && isOpenObject(one))
  for (const [name, value] of call.request.query.slice(0, maxPairs)) {
    const parameter = query.find(one => one.name === name) ?? query.find(one => names(one, name))
    if (parameter !== undefined) {
      present.add(parameter.name)
      if (parameter.deprecated === true) deprecated(scope, `query:${name}`)
      if (parameter.name === name && !parameter.opaque) judgeText(value, parameter, `query:${name}`, scope)
    } else if (exhaustive && !open && !credentials.has(`query:${name.toLowerCase()}`) && name !== '')
      undocumented(scope, `query:${name}`)
  }
  for (const [name, value] of params) {
    const parameter = parameters.find(one => one.in === 'path' && one.name === name)
    if (parameter !== undefined && !parameter.opaque) judgeText(value, parameter, `path:${name}`, scope)
  }
  const headers = new Set<string>()
  for (const [name, value] of call.request.headers.slice(0, maxPairs)) {
    headers.add(name)
    const parameter = parameters.find(one => one.in === 'header' && one.name.toLowerCase() === name)
    if (parameter !== undefined) {
      if (parameter.deprecated === true) deprecated(scope, `header:${name}`)
      judgeText(value, parameter, `header:${name}`, scope)
    } else if (
      exhaustive &&
      name.startsWith('x-') &&
      !ordinary.test(name) &&
      !credentials.has(`header:${name}`)
    )
      undocumented(scope, `header:${name}`)
  }
  if (!exhaustive) return
  for (const one of query)
    if (one.required && !present.has(one.name) && !credentials.has(`query:${one.name.toLowerCase()}`))
      missing(scope, `query:${one.name}`)
  for (const one of parameters)
    if (one.in === 'header' && one.required && !sentAnyway(one.name) && !headers.has(one.name.toLowerCase()))
      missing(scope, `header:${one.name.toLowerCase()}`)
}

/** OpenAPI says of these that a parameter of that name is ignored. */
const sentAnyway = (name: string): boolean => /^(?:accept|content-type|authorization)$/i.test(name)

/** `ids`, `ids[]`, `ids[0]`, `filter[name]`, `filter.name`, and the properties of an exploded object. */
function names(parameter: SpecParameter, name: string): boolean {
  if (parameter.name === name) return true
  if (name.startsWith(parameter.name)) {
    const next = name[parameter.name.length]
    if (next === '[' || next === '.') return true
  }
  if (`${name}[]` === parameter.name) return true
  if (!parameter.spread) return false
  const view = parameter.schema.view()
  return view.types?.has('object') === true && view.properties.has(name)
}

function isOpenObject(parameter: SpecParameter): boolean {
  const view = parameter.schema.view()
  return view.types?.has('object') === true && (view.others === 'open' || view.properties.size === 0)
}

function judgeText(value: string, parameter: SpecParameter, subject: string, scope: JudgeScope): void {
  const view = parameter.schema.view()
  if (view.types?.has('object') === true || (view.types === undefined && view.items !== undefined)) return
  if (view.types?.has('array') === true) {
    if (view.items === undefined || view.types.size > 1) return
    for (const item of value.split(/[,|]/).slice(0, scope.limits.elements))
      judgeValue(item.trim(), view.items, subject, scope)
    return
  }
  judgeValue(value, parameter.schema, subject, scope)
}

function undocumented(scope: JudgeScope, subject: string): void {
  push(scope, 'undocumented', subject, 'no such parameter', 'a value')
}

function deprecated(scope: JudgeScope, subject: string): void {
  push(scope, 'deprecated', subject, 'the specification calls it deprecated', 'sent')
}

function missing(scope: JudgeScope, subject: string): void {
  push(scope, 'missing', subject, 'always there', 'nothing')
}

function push(
  scope: JudgeScope,
  kind: 'undocumented' | 'missing' | 'deprecated',
  raw: string,
  expected: string,
  observed: string,
): void {
  const subject = raw.slice(0, 200)
  if (scope.found.length >= scope.limits.deviations) return
  if (scope.found.some(one => one.kind === kind && one.subject === subject)) return
  scope.found.push({ kind, side: scope.side, subject, expected, observed })
}
