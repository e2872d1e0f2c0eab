import { compileGlob } from './glob.ts'

/** A segment of a pattern: text or a glob (`v*`, `*.json`), one of anything, a parameter, or any number of segments. */
type Segment = ((segment: string) => boolean) | typeof one | typeof parameter | typeof many
const one = Symbol('one')
const parameter = Symbol('parameter')
const many = Symbol('many')

/** `GET /orders/{orderId}` or a glob, with an operation behind a number sign where it is about one (`POST /graphql#mutation:*`), compiled. */
export interface EndpointPattern {
  /** Upper case; undefined is any. */
  readonly method: string | undefined
  /** The first path segment when it is literal: the key of the index. */
  readonly first: string | undefined
  matches(segments: readonly string[], known: boolean): boolean
  /** Whether an operation is one of those named; undefined where the pattern names none and is about the path. */
  readonly matchesOperation: ((name: string) => boolean) | undefined
}

export const splitPath = (path: string): readonly string[] => path.split('/').slice(1)

const isParameter = (segment: string): boolean => segment.startsWith('{') && segment.endsWith('}')
/** In a path that the catalog knows, a literal that could still be a value not yet recognised as one. */
const looksLikeValue = (segment: string): boolean => /\d/.test(segment) || segment.length > 20

export function compileEndpointPattern(text: string): EndpointPattern {
  const space = text.search(/\s/)
  const method = space === -1 ? '*' : text.slice(0, space).toUpperCase()
  const whole = space === -1 ? text : text.slice(space).trim()
  const mark = whole.indexOf('#')
  const path = mark === -1 ? whole : whole.slice(0, mark)
  const operation = mark === -1 ? undefined : whole.slice(mark + 1)
  const written = splitPath(path)
  const segments = written.map((segment): Segment => {
    if (segment === '**') return many
    if (segment === '*') return one
    return isParameter(segment) ? parameter : compileGlob(segment)
  })
  const head = written[0]
  const names = operation === undefined ? undefined : compileGlob(operation)
  return {
    method: method === '*' ? undefined : method,
    first: head === undefined || head.includes('*') || isParameter(head) ? undefined : head,
    matches: (actual, known) => matchSegments(segments, actual, known),
    matchesOperation: names === undefined ? undefined : name => name !== '' && names(name),
  }
}

function matchOne(pattern: Exclude<Segment, typeof many>, segment: string, known: boolean): boolean {
  if (pattern === one) return true
  if (pattern === parameter) return isParameter(segment) || !known || looksLikeValue(segment)
  return pattern(segment)
}

/** Greedy with one point of return (the last `**`), as for glob stars: at most the product of both lengths. */
function matchSegments(pattern: readonly Segment[], actual: readonly string[], known: boolean): boolean {
  let at = 0
  let index = 0
  let starAt = -1
  let starIndex = 0
  while (index < actual.length) {
    const expected = pattern[at]
    if (expected === many) {
      starAt = at
      starIndex = index
      at += 1
    } else if (
      expected !== undefined &&
      matchOne(expected as Exclude<Segment, typeof many>, actual[index]!, known)
    ) {
      at += 1
      index += 1
    } else if (starAt !== -1) {
      at = starAt + 1
      starIndex += 1
      index = starIndex
    } else return false
  }
  while (pattern[at] === many) at += 1
  return at === pattern.length
}
