import type { ClassRegistry } from './data-classes/registry/class-registry.ts'
import type { OperationDirectoryOptions } from './operations/operation-directory.ts'
import type { FieldBudget } from './schema/field-budget.ts'
import type { EvidenceTerm } from './templates/evidence.ts'

/** Bounds and operating points of the catalog. Each bound says what happens at it. */
export interface CatalogOptions {
  /**
   * Hosts with a tree of their own; beyond it the least recently used without an admitted endpoint go. Where each has one, calls to further
   * hosts are matched but not learned.
   */
  readonly hosts: number
  /** Hosts with the same operations below one parent domain, or at addresses with one port, before they may be one API; 0 never. */
  readonly alikeHosts: number
  /** Tree nodes of all hosts; beyond it the least recently used candidates go. */
  readonly nodes: number
  /** Endpoints and candidates held; beyond it the least recently used candidates go, endpoints only where there are none. */
  readonly endpoints: number
  /**
   * Fields of all schemas; beyond it the schemas of operations that had no call for `fieldsIdleMs` are forgotten, the least recently
   * used first, and where there are none further fields are counted and not learned.
   */
  readonly fields: number
  readonly fieldsIdleMs: number
  /** Who keeps count of those fields; made by the catalog from the two above. */
  readonly budget?: FieldBudget
  /** Literal children of one node; beyond it the rarest that are not admitted go. */
  readonly children: number
  /**
   * Values of open placeholders that are told apart, 64 of one placeholder at most: by what they are called for, words that are operations
   * of their own are found. Beyond it further values are not told apart, and stay values.
   */
  readonly words: number
  /** Merges remembered for `resolve`; older ones are worked out from the tree. */
  readonly merges: number
  /** Pins that count; further ones, in the order of host and template, do not. */
  readonly pins: number
  /** Answers other than 404 and 405 that admit a candidate, with the callers or the time below. */
  readonly admitAnswers: number
  readonly admitPrincipals: number
  /** Callers with a name that admit a candidate of which no answer is ever seen: a mirror of requests alone. */
  readonly admitUnanswered: number
  readonly admitAfterMs: number
  /** Successes of one authenticated caller that admit a candidate by themselves. */
  readonly admitSuccesses: number
  /** Answers, at least one of them a success, that admit a candidate on a host that says 404 to unknown paths. */
  readonly admitSelective: number
  /** Unknown paths that a host must have said 404 to before that holds. */
  readonly selectiveMisses: number
  /** Bodies of an endpoint that are all learned; after that one in `learnEvery`. */
  readonly learnDense: number
  readonly learnEvery: number
  /** Calls of an endpoint after which it is one in `learnSeldom`: what is common is known by then. */
  readonly learnSparse: number
  readonly learnSeldom: number
  /** Evidence, in nats, at which untyped siblings become one placeholder. */
  readonly mergeScore: number
  /** Evidence needed above `mergeScore` while calls come in; what is told to the outside is decided without it. */
  readonly haste: number
  /** Kinds of evidence left out of that sum: to measure what each is worth. */
  readonly without: readonly EvidenceTerm[]
  /** The data classes that fields are told apart by; without it the built-in ones. */
  readonly classes?: ClassRegistry
  /** Bounds of the operations of GraphQL, gRPC and the like. */
  readonly operations?: Partial<OperationDirectoryOptions>
}

export const defaultCatalogOptions: CatalogOptions = {
  hosts: 1_000,
  alikeHosts: 6,
  nodes: 50_000,
  endpoints: 10_000,
  fields: 500_000,
  fieldsIdleMs: 86_400_000,
  children: 256,
  words: 8_192,
  merges: 50_000,
  pins: 1_000,
  admitAnswers: 3,
  admitPrincipals: 2,
  admitUnanswered: 3,
  admitAfterMs: 7_200_000,
  admitSuccesses: 5,
  admitSelective: 2,
  selectiveMisses: 3,
  learnDense: 500,
  learnEvery: 4,
  learnSparse: 4_000,
  learnSeldom: 16,
  mergeScore: -1,
  haste: 6,
  without: [],
}
