import { compileEndpointPattern, splitPath } from '../kit/endpoint-pattern.ts'
import { useDoubt } from './check-types.ts'
import { placeIn } from './compile.ts'
import type { CompiledPolicy } from './compiled-policy.ts'
import type { WrittenExpression } from './document.ts'
import type { EndpointShape } from './endpoint-shape.ts'
import type { Expression, ExpressionType } from './expression.ts'
import { fieldSchemas, meant, type SchemaDoubt, type Schemas } from './field-schemas.ts'
import { anyStep, parsePointer } from './json-pointer.ts'

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
 * Endpoints, parameters and fields of bodies that a policy names and none of its endpoints has, by a specification or the catalog, and
 * what it does with fields that their types do not bear. Only what is certain: of a body whose schema leaves other names, or types, open
 * nothing is said.
 */
export function checkSchemas(
  policy: CompiledPolicy,
  shapes: readonly EndpointShape[],
): readonly SchemaDoubt[] {
  const doubts: SchemaDoubt[] = []
  const places = endpointsOf(policy, shapes)
  if (places === undefined) return doubts
  for (const { written, shapes: found } of places)
    if (found.length === 0 && !written.includes('*'))
      doubts.push({
        kind: 'name',
        message: `No endpoint is known that "${written}" names.`,
        ...meant(
          written,
          shapes.map(({ method, template }) => `${method} ${template}`),
        ),
      })
  const known = places.flatMap(({ shapes: found }) => found)
  if (known.length === 0) return doubts
  const bodies = (root: string): Schemas => bodiesOf(known, root)
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
    for (const use of expression.uses) {
      const doubt = useDoubt(use, bodies)
      if (doubt !== undefined) doubts.push({ ...doubt, at: placeIn(written, doubt.offset) })
    }
  }
  const { action, fields = [] } = document
  if (action.type === 'mask' || action.type === 'strip')
    for (const [index, pointer] of action.fields.entries()) {
      const steps = (parsePointer(pointer) ?? []).map(step => (step === anyStep ? '[]' : step))
      const found = fieldSchemas(steps, bodies(action.type === 'mask' ? 'response' : 'request'))
      if (found === 'open' || !('doubt' in found)) continue
      const at = fields[index]
      doubts.push({ ...found.doubt, ...(at === undefined ? {} : { at }) })
    }
  return doubts.filter(({ message }, index) => doubts.findIndex(one => one.message === message) === index)
}

const bodiesOf = (known: readonly EndpointShape[], root: string): Schemas =>
  known.flatMap(({ requests, responses }) => {
    const bodies = root === 'response' ? responses : requests
    // Of an endpoint of which no body is known there may be any.
    return bodies.length === 0 ? [undefined] : bodies
  })

function doubtOf(names: readonly string[], known: readonly EndpointShape[]): SchemaDoubt | undefined {
  const [root = '', field, name] = names
  if (name === undefined || name === '[]') return undefined
  if (root === 'endpoint' && field === 'params') {
    const params = known.flatMap(shape => shape.params)
    return params.includes(name)
      ? undefined
      : {
          kind: 'name',
          message: `No endpoint of it has the parameter "${name}".`,
          ...meant(name, params),
        }
  }
  if (root === 'request' && field === 'query') {
    if (known.some(shape => shape.query === undefined)) return undefined
    const query = known.flatMap(shape => shape.query ?? [])
    return query.includes(name)
      ? undefined
      : {
          kind: 'name',
          message: `No endpoint of it has the query parameter "${name}".`,
          ...meant(name, query),
        }
  }
  if (field !== 'body' || (root !== 'request' && root !== 'response')) return undefined
  const found = fieldSchemas(names.slice(2), bodiesOf(known, root))
  return found === 'open' || !('doubt' in found) ? undefined : found.doubt
}
