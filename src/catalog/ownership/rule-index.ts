import { compileEndpointPattern, type EndpointPattern, splitPath } from '../../kit/endpoint-pattern.ts'
import type { Endpoint } from '../endpoint.ts'
import { speaks } from '../protocol.ts'
import type { LabelMatch, LabelRule } from './catalog-file.ts'
import { fitsPath, operationOf } from './endpoint-text.ts'
import { compileGlob, compileHost } from './glob.ts'
import type { LabelEvidence } from './labeller.ts'

interface Compiled {
  readonly rule: LabelRule
  readonly place: number
  fits(endpoint: Endpoint, tags: readonly string[], evidence: LabelEvidence | undefined): boolean
}

/** Rules by what narrows them down: a whole host, or the first segment of the path. Those with neither are always tried. */
export class RuleIndex {
  readonly #byHost = new Map<string, Compiled[]>()
  readonly #byFirst = new Map<string, Compiled[]>()
  readonly #others: Compiled[] = []

  constructor(rules: readonly LabelRule[]) {
    rules.forEach((rule, place) => {
      const paths = rule.match.path?.map(compileEndpointPattern)
      const compiled = compile(rule, place, paths)
      const { host } = rule.match
      const firsts = paths?.map(({ first }) => first)
      if (host?.every(isWhole) === true) for (const one of new Set(host)) push(this.#byHost, one, compiled)
      else if (firsts?.every(first => first !== undefined) === true)
        for (const first of new Set(firsts)) push(this.#byFirst, first, compiled)
      else this.#others.push(compiled)
    })
  }

  /** The rules that match, in the order of the file. */
  matching(
    endpoint: Endpoint,
    tags: readonly string[],
    evidence: LabelEvidence | undefined,
  ): readonly LabelRule[] {
    const found: Compiled[] = []
    const first = splitPath(endpoint.template)[0] ?? ''
    for (const list of [this.#byHost.get(endpoint.host), this.#byFirst.get(first), this.#others])
      for (const rule of list ?? []) if (rule.fits(endpoint, tags, evidence)) found.push(rule)
    return found.sort((a, b) => a.place - b.place).map(({ rule }) => rule)
  }
}

const isWhole = (host: string): boolean => !host.includes('*') && !host.includes('{')

function push(into: Map<string, Compiled[]>, key: string, rule: Compiled): void {
  const list = into.get(key)
  if (list === undefined) into.set(key, [rule])
  else list.push(rule)
}

type Test = Compiled['fits']

function compile(rule: LabelRule, place: number, paths: readonly EndpointPattern[] | undefined): Compiled {
  const { match } = rule
  const tests: Test[] = []
  if (match.method !== undefined) {
    const methods = new Set(match.method)
    tests.push(({ method }) => methods.has(method))
  }
  if (match.host !== undefined) {
    const hosts = match.host.map(compileHost)
    tests.push(({ host }) => hosts.some(fits => fits(host)))
  }
  if (paths !== undefined)
    tests.push(endpoint => {
      const segments = splitPath(endpoint.template)
      return paths.some(pattern => fitsPath(pattern, endpoint, segments))
    })
  tests.push(...rarer(match))
  return {
    rule,
    place,
    fits: (endpoint, tags, evidence) => tests.every(test => test(endpoint, tags, evidence)),
  }
}

function* rarer(match: LabelMatch): Generator<Test> {
  const { operation, protocol, workload, labels, dataClass, tag } = match
  if (protocol !== undefined) yield endpoint => protocol.some(one => speaks(endpoint.protocol, one))
  if (operation !== undefined) {
    const names = operation.map(compileGlob)
    yield endpoint => {
      const name = operationOf(endpoint)
      return name !== undefined && names.some(fits => fits(name))
    }
  }
  if (tag !== undefined) yield (_, tags) => tag.some(one => tags.includes(one))
  if (dataClass !== undefined)
    yield ({ dataClasses: { request, response } }) =>
      dataClass.some(one => request.includes(one) || response.includes(one))
  if (workload !== undefined) {
    const names = workload.map(compileGlob)
    yield ({ workloads }) => workloads?.some(name => names.some(fits => fits(name))) === true
  }
  if (labels !== undefined) {
    const wanted = Object.entries(labels)
    yield (_, __, evidence) =>
      evidence?.workloads.some(({ labels: own }) => wanted.every(([key, value]) => own?.[key] === value)) ===
      true
  }
}
