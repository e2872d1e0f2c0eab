import { BoundedMap } from '../../kit/bounded-map.ts'
import { keptWhole } from '../../kit/snapshot.ts'
import { fitsBetween, fixedTexts } from '../placeholders.ts'
import { routeSegments } from './route-notation.ts'

/** Routes remembered in template notation; the least recently used are read again. */
const maxRoutes = 4_096

interface RouteSegment {
  readonly text: string
  /** Of a placeholder, the fixed texts around it. */
  readonly fixed: readonly string[] | undefined
}

/** For each segment of a path its text in the template, undefined where the route does not say. */
export type RouteShape = readonly (string | undefined)[]

/** Reads frameworks' routes, and says what they make of a path. */
export class RouteShapes {
  private readonly routes = new BoundedMap<string, readonly RouteSegment[] | 'none'>(maxRoutes)

  /**
   * @param route as the framework writes it
   * @returns What each segment is, or undefined where the route cannot be read or is not this path's. A route that is shorter than the
   * path is that of a mounted router: it says what the end of the path is.
   */
  of(route: string, segments: readonly string[]): RouteShape | undefined {
    const read = this.read(route)
    if (read === undefined) return undefined
    const slash = segments[segments.length - 1] === ''
    const routed = read[read.length - 1]?.text === '' ? read.slice(0, -1) : read
    const count = slash ? segments.length - 1 : segments.length
    if (routed.length === 0 || routed.length > count) return undefined
    const head = count - routed.length
    const shape: (string | undefined)[] = segments.map(() => undefined)
    for (const [index, { text, fixed }] of routed.entries()) {
      const segment = segments[head + index] ?? ''
      if (fixed === undefined ? text !== segment : !fitsBetween(segment, fixed)) return undefined
      shape[head + index] = text
    }
    return shape
  }

  private read(route: string): readonly RouteSegment[] | undefined {
    // Never more than the bound is remembered of a route that is too long to be read.
    const key = route.slice(0, 520)
    const known = this.routes.get(key)
    if (known !== undefined) return known === 'none' ? undefined : known
    const read = routeSegments(route)?.map(
      (text): RouteSegment => ({
        text,
        fixed: text.includes('{') ? fixedTexts(text) : undefined,
      }),
    )
    this.routes.set(key, read ?? 'none')
    return read
  }

  static {
    keptWhole(RouteShapes, 'catalog/route-shapes', 1)
  }
}
