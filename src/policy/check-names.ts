import { compileEndpointPattern, splitPath } from '../kit/endpoint-pattern.ts'
import { nearest } from '../kit/nearest.ts'
import type { BodySchema } from './body-schema.ts'
import { placeIn } from './compile.ts'
import type { CompiledPolicy } from './compiled-policy.ts'
import type { SourcePosition, WrittenExpression } from './document.ts'
import type { EndpointShape } from './endpoint-shape.ts'
import type { Expression, ExpressionType } from './expression.ts'
import { anyStep, parsePointer } from './json-pointer.ts'

/** A name that none of the policy's endpoints has. */
export interface NameDoubt {
  readonly message: string
  readonly mend?: string
  readonly at?: SourcePosition
}

const meant = (name: string, known: Iterable<string>): { readonly mend?: string } => {
  const found = nearest(name, known)
  return found === undefined ? {} : { mend: `Did you mean "${found}"?` }
}

/** Endpoints of the shapes that a policy's match names; undefined where it names none. */
function endpointsOf({ document: { match } }: CompiledPolicy, shapes: readonly EndpointShape[]) {
  return match.endpoints?.map(written => {
    const pattern = compileEndpointPattern(written)
    return {
      written,
      shapes: shapes.filter(
        ({ method, template }) =>
          (pattern.method === undefined || pattern.method === method) &&
          pattern.matches(splitPath(template), true),
      ),
    }
  })
}

/**
 * Endpoints, parameters and fields of bodies that a policy names and none of its endpoints has, by a specification or the catalog. Only
 * what is certain: of a body whose schema leaves other names open nothing is said.
 */
export function checkNames(policy: CompiledPolicy, shapes: readonly EndpointShape[]): readonly NameDoubt[] {
  const doubts: NameDoubt[] = []
  const places = endpointsOf(policy, shapes)
  if (places === undefined) return doubts
  for (const { written, shapes: found } of places)
    if (found.length === 0 && !written.includes('*'))
      doubts.push({
        message: `No endpoint is known that "${written}" names.`,
        ...meant(
          written,
          shapes.map(({ method, template }) => `${method} ${template}`),
        ),
      })
  const known = places.flatMap(({ shapes: found }) => found)
  if (known.length === 0) return doubts
  const { when, key, cost } = policy.expressions
  const { document } = policy
  const read: readonly (readonly [Expression<ExpressionType> | undefined, WrittenExpression | undefined])[] =
    [
      [when, document.when],
      [key, document.key],
      [cost, document.cost],
    ]
  for (const [expression, written] of read) {
    if (expression === undefined || written === undefined) continue
    for (const { names, offset } of expression.paths) {
      const doubt = doubtOf(names, known)
      if (doubt !== undefined) doubts.push({ ...doubt, at: placeIn(written, offset) })
    }
  }
  const { action } = document
  if (action.type === 'mask' || action.type === 'strip')
    for (const pointer of action.fields) {
      const steps = (parsePointer(pointer) ?? []).map(step => (step === anyStep ? '[]' : step))
      const doubt = fieldDoubt(
        steps,
        known.map(action.type === 'mask' ? ({ response }) => response : ({ request }) => request),
      )
      if (doubt !== undefined) doubts.push(doubt)
    }
  return doubts
}

function doubtOf(names: readonly string[], known: readonly EndpointShape[]): NameDoubt | undefined {
  const [root, field, name] = names
  if (name === undefined || name === '[]') return undefined
  if (root === 'endpoint' && field === 'params') {
    const params = known.flatMap(shape => shape.params)
    return params.includes(name)
      ? undefined
      : { message: `No endpoint of it has the parameter "${name}".`, ...meant(name, params) }
  }
  if (root === 'request' && field === 'query') {
    if (known.some(shape => shape.query === undefined)) return undefined
    const query = known.flatMap(shape => shape.query ?? [])
    return query.includes(name)
      ? undefined
      : { message: `No endpoint of it has the query parameter "${name}".`, ...meant(name, query) }
  }
  if (field !== 'body') return undefined
  if (root === 'request')
    return fieldDoubt(
      names.slice(2),
      known.map(({ request }) => request),
    )
  return root === 'response'
    ? fieldDoubt(
        names.slice(2),
        known.map(({ response }) => response),
      )
    : undefined
}

/** The first name on the way that none of the schemas has. */
function fieldDoubt(
  steps: readonly string[],
  bodies: readonly (BodySchema | undefined)[],
): NameDoubt | undefined {
  let at: readonly (BodySchema | undefined)[] = bodies
  for (const step of steps) {
    if (at.length === 0 || at.some(isOpen)) return undefined
    const schemas = at.filter(schema => schema !== undefined)
    const isIndex = step === '[]' || /^\d+$/.test(step)
    const next = schemas.flatMap(({ properties, items, additional }) =>
      isIndex
        ? [items ?? additional]
        : properties !== undefined && Object.hasOwn(properties, step)
          ? [properties[step]]
          : additional === undefined
            ? []
            : [additional],
    )
    if (next.length === 0 && !isIndex) {
      const names = schemas.flatMap(({ properties }) => Object.keys(properties ?? {}))
      return { message: `No body of its endpoints has the field "${step}".`, ...meant(step, names) }
    }
    at = next
  }
  return undefined
}

/** Other names may stand in it, or nothing is known. */
const isOpen = (schema: BodySchema | undefined): boolean =>
  schema === undefined ||
  (schema.properties === undefined && schema.items === undefined && schema.additional === undefined)
