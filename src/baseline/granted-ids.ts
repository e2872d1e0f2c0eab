import { headerOf } from '../call/api-call.ts'
import type { Json } from '../call/content.ts'
import { hash32 } from '../kit/hash.ts'
import { longestList } from './answer-size.ts'
import { isOwnName } from './attributes.ts'
import type { Baseline } from './baseline.ts'
import { leavesOf, memoPlace } from './fields.ts'
import type { Observation } from './observation.ts'
import { recordIdOf } from './record-id.ts'
import type { SlotColumn } from './slot-column.ts'
import type { SlotSets } from './slot-sets.ts'

const weekMs = 7 * 86_400_000
const longest = 96
const mostLeaves = 300
/** Of a long list `leavesOf` visits the first elements; of those beyond, up to here, only what names the record. */
const visitedRecords = 20
const mostRecords = 500

/** Names of fields whose values are handed back to name something. */
const referenceName =
  /(?:^|_)(?:ids?|uuids?|guids?|slug|key|code|ref|reference|number|no|num|sku|handle|name|username|login|email|title|isbn|iban|account|href|urls?|link|uri|location|path|self|next)$/i
const names = new Map<string, boolean>()

function isReferenceName(name: string): boolean {
  const known = names.get(name)
  if (known !== undefined) return known
  const is = referenceName.test(
    name
      .slice(0, 64)
      .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      .replaceAll('-', '_'),
  )
  // Field names come from traffic: the memory of them is bounded.
  if (names.size >= 4_096) names.clear()
  names.set(name, is)
  return is
}

/** Whether a place's name, or that of what it stands in, says that its values name something. */
const isReference = memoPlace(
  ({ key, parent }) => isReferenceName(key) || (key === '' && parent === '') || isReferenceName(parent),
)

const markOf = (value: string): number => hash32(value.toLowerCase())

/**
 * Which ids came to a principal: in an answer, as what it created or changed, or in its token. By week, the running one and the one
 * before: at most 1 KiB for a principal. A filter that is full says yes to everything: it hides, and never accuses.
 */
export class GrantedIds {
  readonly #baseline: Baseline
  readonly #weeks: readonly [SlotSets, SlotSets]
  /** The week each set was last written in, plus one. */
  readonly #week: SlotColumn

  constructor(baseline: Baseline) {
    this.#baseline = baseline
    this.#weeks = [
      baseline.sets({ exact: 128, bloomWords: 128 }),
      baseline.sets({ exact: 128, bloomWords: 128 }),
    ]
    this.#week = baseline.column('u16', 2)
  }

  /** Whether an id came to the caller before this call; undefined where nobody can say. */
  has(o: Observation, id: string): boolean | undefined {
    const slot = this.#baseline.slotOf(o.identity.principal)
    if (slot === undefined) return undefined
    const mark = markOf(id)
    const week = weekOf(o.call.time)
    for (const [at, set] of this.#weeks.entries())
      if (week - (this.#week.get(slot, at) - 1) <= 1 && set.has(slot, mark)) return true
    if (isOwnName(o.identity, id)) return true
    return this.#baseline.profile(o.identity.principal)?.forgotten === true ? undefined : false
  }

  /** Learns what a successful call brought. */
  observe(o: Observation): void {
    if (o.outcome !== 'success' || o.identity.kind === 'anonymous') return
    const slot = this.#baseline.slotOf(o.identity.principal)
    if (slot === undefined) return
    const week = weekOf(o.call.time)
    const at = week % 2
    const set = this.#weeks[at as 0 | 1]
    if (this.#week.get(slot, at) !== week + 1) {
      set.clear(slot)
      this.#week.set(slot, week + 1, at)
    }
    let left = mostLeaves
    const grant = (value: string): void => {
      left -= 1
      if (left < 0 || value === '' || value.length > 512) return
      if (value.length <= longest) set.add(slot, markOf(value))
      if (value.includes('/')) {
        const segments = value.split(/[/?#]/, 16)
        for (const segment of segments)
          if (segment !== '' && segment.length <= longest && segment !== value) set.add(slot, markOf(segment))
      }
    }
    const take = (body: Json): void => {
      for (const { place, value } of leavesOf(body)) if (isReference(place)) grant(value)
    }
    const answer = o.call.response?.content
    if (answer?.kind === 'json') {
      take(answer.value)
      const list = longestList(answer.value)
      const end = Math.min(list?.length ?? 0, mostRecords)
      for (let at = visitedRecords; at < end; at += 1) {
        const id = recordIdOf(list?.[at] ?? null)
        if (id !== undefined && id !== '' && id.length <= longest) set.add(slot, markOf(id))
      }
    }
    const location = headerOf(o.call.response?.headers ?? [], 'location')
    if (location !== undefined) grant(location)
    for (const [, value] of o.match.params) grant(value)
    const sent = o.call.request.content
    if (sent.kind === 'json' || sent.kind === 'form') take(sent.value)
  }

  save(): unknown {
    return [this.#weeks.map(set => set.save()), this.#week.save()]
  }

  load(saved: unknown): void {
    const [weeks, week] = saved as readonly [readonly unknown[], unknown]
    for (const [at, set] of this.#weeks.entries()) set.load(weeks[at])
    this.#week.load(week)
  }
}

const weekOf = (time: number): number => Math.floor(time / weekMs)
