import { compileEndpointPattern, splitPath } from '../kit/endpoint-pattern.ts'
import { matchKeys, type PolicyMatch } from './document.ts'

/** Whether a text with a star at one end, or none, takes everything that another takes. */
const takes = (wide: string, narrow: string): boolean =>
  wide === narrow ||
  wide === '*' ||
  (wide.startsWith('*') && narrow.endsWith(wide.slice(1))) ||
  (wide.endsWith('*') && narrow.startsWith(wide.slice(0, -1)))

function endpointTakes(wide: string, narrow: string): boolean {
  if (wide === narrow) return true
  const [a, b] = [compileEndpointPattern(wide), compileEndpointPattern(narrow)]
  if (a.method !== undefined && a.method !== b.method) return false
  if (a.matchesOperation !== undefined) return false
  const path = splitPath(narrow.slice(narrow.indexOf('/')).split('#', 1)[0] ?? '')
  // A star within the narrower one stands for segments that are not known here.
  return path.some(segment => segment.includes('*')) ? /^\S* ?\/\*\*$/.test(wide) : a.matches(path, true)
}

/** Whether one match holds wherever another does; false where that is not certain. */
export function covers(wide: PolicyMatch, narrow: PolicyMatch): boolean {
  return matchKeys.every(key => {
    const [all, some] = [wide[key], narrow[key]]
    if (all === undefined) return true
    if (some === undefined) return false
    const fits = key === 'endpoints' ? endpointTakes : takes
    return some.every(one => all.some(other => fits(other, one)))
  })
}

/** Why a match can hold for nothing; undefined where it can. */
export function whyNever(match: PolicyMatch): string | undefined {
  for (const key of matchKeys) if (match[key]?.length === 0) return `match.${key} is an empty list`
  const { methods, endpoints } = match
  if (methods === undefined || endpoints === undefined || methods.includes('*')) return undefined
  const reachable = endpoints.some(endpoint => {
    const { method } = compileEndpointPattern(endpoint)
    return method === undefined || methods.includes(method)
  })
  return reachable ? undefined : 'none of its endpoints has one of its methods'
}
