import type { GraphPathView } from '../../../src/server/api/graph.ts'
import { edgeVerb, nodeName } from './graph-names.ts'
import { capital } from './names.ts'
import { plural } from './number.ts'

type Way = Omit<GraphPathView, 'sentence'>

export interface Step {
  readonly node: string
  /** What the node before does to it; absent of the first. */
  readonly verb?: string
  readonly did: boolean
}

/** The steps of a way, each with what leads to it. */
export const steps = (way: Way): readonly Step[] =>
  way.nodes.map(({ id }, index) => {
    const edge = way.edges[index - 1]
    return edge === undefined ? { node: id, did: true } : { node: id, verb: edgeVerb(edge), did: edge.did }
  })

/** The whole way as a sentence without its full stop: `The internet calls GET /a, which reads orders`. */
export const wayWords = (way: Way): string =>
  capital(
    steps(way)
      .map(({ node, verb }, index) =>
        verb === undefined ? nodeName(node) : `${index > 1 ? ', which ' : ' '}${verb} ${nodeName(node)}`,
      )
      .join(''),
  )

/** Every attempt was refused. */
export const refusedOnly = (edge: Way['edges'][number]): boolean =>
  edge.did && edge.count > 0 && edge.refused >= edge.count

/** `happened`, `refused` where a step was always refused, `granted` where one never happened. */
export const wayState = (way: Way): 'happened' | 'refused' | 'granted' =>
  !way.did ? 'granted' : way.edges.some(refusedOnly) ? 'refused' : 'happened'

/** Whether it ever happened. That each step did says not that somebody went the whole way. */
export function happened(way: Way): string {
  const rare = way.edges.reduce((least, edge) => Math.min(least, edge.count), Number.POSITIVE_INFINITY)
  if (wayState(way) === 'refused') {
    const refused = way.edges.filter(refusedOnly).length
    return `It was tried, and ${refused === 1 ? 'one step was' : `${refused} steps were`} always refused.`
  }
  if (way.did && way.edges.length === 1) return `It happened ${rare <= 1 ? 'once' : plural(rare, 'time')}.`
  if (way.did)
    return Number.isFinite(rare) && rare > 0
      ? `Every step happened, the rarest of them ${rare === 1 ? 'once' : plural(rare, 'time')}.`
      : 'Every step happened.'
  if (way.edges.length === 1) return 'It never happened: it is only granted.'
  const never = way.edges.filter(edge => !edge.did).length
  return never === way.edges.length
    ? 'None of it ever happened: it is only granted.'
    : `It never happened: ${never === 1 ? 'one step is' : `${never} steps are`} only granted.`
}

/** When the way was gone last: no later than its step that was. */
export function lastGone(way: Way): string | undefined {
  if (wayState(way) !== 'happened' || way.edges.length === 0) return undefined
  return way.edges.reduce(
    (least, edge) => (Date.parse(edge.lastSeen) < Date.parse(least) ? edge.lastSeen : least),
    way.edges[0]?.lastSeen ?? '',
  )
}

/** The answer to "what can reach it?", before any picture. */
export function answerSentence(from: string, to: string, ways: readonly Way[], most: number): string {
  const begin = capital(nodeName(from))
  const end = nodeName(to)
  if (ways.length === 0) return `${begin} has no way to ${end}: none was seen, and none is granted.`
  const did = ways.filter(way => wayState(way) === 'happened').length
  const lengths = ways.map(way => way.edges.length)
  const least = Math.min(...lengths)
  const longest = Math.max(...lengths)
  const number =
    ways.length >= most
      ? `at least ${plural(ways.length, 'way')}`
      : ways.length === 1
        ? 'one way'
        : plural(ways.length, 'way')
  const stretch =
    least === longest ? `of ${plural(least, 'step')}` : `of ${least} to ${plural(longest, 'step')}`
  const ever =
    did === ways.length
      ? ways.length === 1
        ? 'it was used'
        : 'all of them were used'
      : did === 0
        ? ways.length === 1
          ? 'it never happened'
          : 'none of them ever happened'
        : `${did} of them ${did === 1 ? 'was' : 'were'} used`
  return `${begin} can reach ${end} in ${number} ${stretch}; ${ever}.`
}
