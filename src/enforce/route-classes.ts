import { compileEndpointPattern, type EndpointPattern, splitPath } from '../kit/endpoint-pattern.ts'

/** What becomes of calls to these endpoints when no decision can be made: our fault, not the caller's. */
export interface RouteClass {
  /** `POST /payments`, or globs as in a policy's match. */
  readonly endpoints: readonly string[]
  /** `deny` answers 503. */
  readonly onFailure: 'allow' | 'deny'
}

/** The first class that names an endpoint decides; what none names is let pass. */
export class RouteClasses {
  readonly #classes: readonly { readonly patterns: readonly EndpointPattern[]; readonly denies: boolean }[]

  constructor(classes: readonly RouteClass[] = []) {
    this.#classes = classes.map(({ endpoints, onFailure }) => ({
      patterns: endpoints.map(compileEndpointPattern),
      denies: onFailure === 'deny',
    }))
  }

  /** @param endpoint An endpoint id: `POST api.shop.example/payments`, learned or as it was called. */
  denies(endpoint: string): boolean {
    if (this.#classes.length === 0) return false
    const space = endpoint.indexOf(' ')
    const slash = endpoint.indexOf('/', space)
    if (space < 0 || slash < 0) return false
    const method = endpoint.slice(0, space)
    const segments = splitPath(endpoint.slice(slash).split('#', 1)[0] ?? '/')
    for (const { patterns, denies } of this.#classes)
      for (const pattern of patterns)
        if ((pattern.method === undefined || pattern.method === method) && pattern.matches(segments, false))
          return denies
    return false
  }
}
