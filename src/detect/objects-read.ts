import { longestList } from '../baseline/answer-size.ts'
import type { Observation } from '../baseline/observation.ts'
import { recordIdOf } from '../baseline/record-id.ts'
import { hash32 } from '../kit/hash.ts'
import { memoLast } from '../kit/memo.ts'
import { methodOf, objectOf, subjectOf } from './words.ts'

/** What came back of one type of object. */
export interface ObjectsRead {
  /** Singular: `order`. */
  readonly type: string
  /** Whether it was opened by itself, or came in a list. */
  readonly opened: boolean
  /** Hashes of the objects, of one type and id the same from a list and from its own page; at most 500. */
  readonly marks: readonly number[]
}

const mostRecords = 500
/** The objects that a successful read gave to its caller; undefined where it is no read or gave none that can be told apart. */
export const objectsRead: (o: Observation) => ObjectsRead | undefined = memoLast(look)

function look(o: Observation): ObjectsRead | undefined {
  if (o.outcome !== 'success' || methodOf(o) !== 'GET') return undefined
  const type = subjectOf(o.match)
  const object = objectOf(o.match)
  // An object may hold lists of its own.
  if (object !== undefined && o.match.template.endsWith('}'))
    return { type, opened: true, marks: [hash32(`${type}\0${object.id}`)] }
  const content = o.call.response?.content
  const list = content?.kind === 'json' ? longestList(content.value) : undefined
  if (list !== undefined && list.length > 0) {
    const marks: number[] = []
    for (const record of list.slice(0, mostRecords)) {
      const id = recordIdOf(record)
      if (id !== undefined) marks.push(hash32(`${type}\0${id}`))
    }
    if (marks.length > 0) return { type, opened: false, marks }
  }
  return object === undefined ? undefined : { type, opened: true, marks: [hash32(`${type}\0${object.id}`)] }
}
