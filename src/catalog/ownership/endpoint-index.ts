import { compileEndpointPattern, type EndpointPattern, splitPath } from '../../kit/endpoint-pattern.ts'
import type { Endpoint } from '../endpoint.ts'
import { compileHost } from './host-glob.ts'
import type { LabelEvidence } from './labeller.ts'

/** An endpoint that is asked about, with what is worked out once for all tests. */
export interface Asked {
  readonly endpoint: Endpoint
  /** Of its template. */
  readonly segments: readonly string[]
  /** The operation's name, of endpoints that are one: `query:orders` of `POST api.example/graphql#query:orders`. */
  readonly operation: string | undefined
  readonly tags: readonly string[]
  readonly evidence: LabelEvidence | undefined
}

export type EndpointTest = (asked: Asked) => boolean

/** Which endpoints something is about: all that is given must hold, of a list one. */
export interface Selector {
  /** Lower case; `*` and `{name}` as in `compileHost`. */
  readonly hosts?: readonly string[] | undefined
  /** In the language of endpoint patterns, with or without a method. */
  readonly paths?: readonly string[] | undefined
  /** Further demands. */
  readonly tests?: readonly EndpointTest[]
}

interface Entry<Value> {
  readonly value: Value
  readonly place: number
  readonly tests: readonly EndpointTest[]
}

type Buckets<Value> = Map<string, Entry<Value>[]>

/**
 * Values by the endpoints they are about. Each is filed under what narrows it down most: a whole host, the first or the last segment
 * of its paths, the domain of its hosts; what has none of them is asked every time.
 */
export class EndpointIndex<Value> {
  readonly #byHost: Buckets<Value> = new Map()
  readonly #byFirst: Buckets<Value> = new Map()
  readonly #byLast: Buckets<Value> = new Map()
  readonly #byDomain: Buckets<Value> = new Map()
  readonly #others: Entry<Value>[] = []

  constructor(values: readonly (readonly [Value, Selector])[]) {
    for (const [place, [value, selector]] of values.entries()) {
      const patterns = selector.paths?.map(compileEndpointPattern)
      this.#file({ value, place, tests: testsOf(selector, patterns) }, selector, patterns)
    }
  }

  #file(
    entry: Entry<Value>,
    { hosts, paths }: Selector,
    patterns: readonly EndpointPattern[] | undefined,
  ): void {
    const filed =
      put(
        this.#byFirst,
        patterns?.map(({ first }) => first),
        entry,
      ) ||
      put(this.#byLast, paths?.map(lastOf), entry) ||
      put(this.#byHost, hosts?.map(wholeHost), entry) ||
      put(this.#byDomain, hosts?.map(domainOf), entry)
    if (!filed) this.#others.push(entry)
  }

  /** Those that are about the endpoint, in the order they were given. */
  matching(endpoint: Endpoint, tags: readonly string[] = [], evidence?: LabelEvidence): readonly Value[] {
    const segments = splitPath(endpoint.template)
    const mark = endpoint.id.indexOf('#')
    const operation = mark < 0 ? undefined : endpoint.id.slice(mark + 1)
    const asked: Asked = { endpoint, segments, operation, tags, evidence }
    const found: Entry<Value>[] = []
    const lists = [
      this.#byHost.get(endpoint.host),
      this.#byFirst.get(segments[0] ?? ''),
      this.#byLast.get(segments.at(-1) ?? ''),
      this.#byDomain.get(lastLabels(endpoint.host)),
      this.#others,
    ]
    for (const list of lists)
      if (list !== undefined)
        for (const entry of list) if (entry.tests.every(test => test(asked))) found.push(entry)
    return found.sort((a, b) => a.place - b.place).map(({ value }) => value)
  }
}

/** Files under each of the keys; false where there are none, or one of them is not known. */
function put<Value>(
  into: Buckets<Value>,
  keys: readonly (string | undefined)[] | undefined,
  entry: Entry<Value>,
): boolean {
  if (keys === undefined || keys.includes(undefined)) return false
  for (const key of new Set(keys as readonly string[])) {
    const list = into.get(key)
    if (list === undefined) into.set(key, [entry])
    else list.push(entry)
  }
  return true
}

const isPlain = (text: string): boolean => !/[*{}]/.test(text)

const wholeHost = (host: string): string | undefined => (isPlain(host) ? host : undefined)

const lastLabels = (host: string): string => host.split('.').slice(-2).join('.')

/** The last two labels, where they say themselves. A star before them could stand for a part of the first. */
function domainOf(host: string): string | undefined {
  const domain = lastLabels(host)
  return isPlain(domain) && domain.includes('.') ? domain : undefined
}

function lastOf(path: string): string | undefined {
  const bare = path.split('#', 1)[0] ?? ''
  const last = bare.slice(bare.lastIndexOf('/') + 1)
  return isPlain(last) ? last : undefined
}

function testsOf(
  { hosts, tests = [] }: Selector,
  patterns: readonly EndpointPattern[] | undefined,
): EndpointTest[] {
  const all: EndpointTest[] = []
  if (hosts !== undefined) {
    const compiled = hosts.map(compileHost)
    all.push(({ endpoint: { host } }) => compiled.some(fits => fits(host)))
  }
  if (patterns !== undefined) all.push(asked => patterns.some(pattern => fits(pattern, asked)))
  return [...all, ...tests]
}

const fits = (
  { method, matches, matchesOperation }: EndpointPattern,
  { endpoint, segments, operation }: Asked,
): boolean =>
  (method === undefined || method === endpoint.method) &&
  (matchesOperation === undefined || matchesOperation(operation ?? '')) &&
  matches(segments, true)
