import type { NodeKind } from '../../../src/graph/node.ts'
import type { ReachView } from '../../../src/server/api/reach.ts'
import { kindName, kindNames, nodeName } from './graph-names.ts'
import { byGravity } from './grave-classes.ts'
import { dataClassName } from './names.ts'
import { count, listed } from './number.ts'

/** Kinds worth counting, what is nearest to harm first. */
const counted: readonly NodeKind[] = ['endpoint', 'store', 'workload', 'identity', 'host']

const amounts = (numbers: Readonly<Record<NodeKind, number>>): readonly string[] =>
  counted
    .filter(kind => numbers[kind] > 0)
    .map(kind => `${count(numbers[kind])} ${numbers[kind] === 1 ? kindName(kind) : kindNames(kind)}`)

/** `Whoever holds it can reach 12 endpoints, 3 stores and payment card data (through POST /pay).` */
export function reachSentence(reach: ReachView, who = `Whoever holds ${nodeName(reach.of.id)}`): string {
  const things = [...amounts(reach.reachable)]
  const classes = byGravity(reach.data.map(({ dataClass }) => dataClass))
  if (things.length === 0 && classes.length === 0)
    return `${who} can reach nothing else: no way out was seen, and none is granted.`
  const [gravest] = classes
  const way = reach.data.find(({ dataClass }) => dataClass === gravest)?.path.nodes ?? []
  const through = way[way.length - 2]
  const data =
    classes.length === 0
      ? []
      : [
          `${listed(classes.map(dataClassName), 3)} data${
            through === undefined || through.id === reach.of.id ? '' : ` (through ${nodeName(through.id)})`
          }`,
        ]
  return `${who} can reach ${listed([...things, ...data], 7)}.`
}

/** What of that ever happened. */
export function reachedSentence(reach: ReachView): string {
  const all = counted.reduce((sum, kind) => sum + reach.reachable[kind], 0) + reach.data.length
  if (all === 0) return ''
  const did = counted.reduce((sum, kind) => sum + reach.reached[kind], 0)
  const data = reach.data.filter(one => one.did).length
  if (did + data === all) return 'All of it was in fact reached.'
  if (did + data === 0) return 'None of it was ever reached: all of it is only granted.'
  const things = [...amounts(reach.reached)]
  const classes = data === 0 ? [] : [`${count(data)} of ${count(reach.data.length)} classes of data`]
  return `In fact it reached ${listed([...things, ...classes], 7)}; the rest is only granted.`
}
