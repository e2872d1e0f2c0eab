/** What can stand in a roster. */
export interface Placed {
  /** Where it stands; -1 in none. Written by the roster alone. */
  place: number
}

/**
 * Those that are under way just now, in no order: a set for what comes and goes thousands of times a second. The runtime's own sets make
 * a new table every few dozen comings, and the old one, once it has grown old, keeps alive the next and all who stood in it until the
 * whole heap is collected: one sixth of a gateway's time went into moving them about.
 */
export class Roster<Member extends Placed> implements Iterable<Member> {
  /** Never shortened: there is room for as many as there ever were at once. */
  readonly #members: (Member | undefined)[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  has(member: Member): boolean {
    return this.#members[member.place] === member
  }

  /** Takes it in; it must stand in no other roster. Whoever is in already stays. */
  add(member: Member): void {
    if (member.place !== -1) return
    member.place = this.#size
    this.#members[this.#size] = member
    this.#size += 1
  }

  /** False where it was not in. */
  delete(member: Member): boolean {
    const { place } = member
    if (place === -1) return false
    this.#size -= 1
    const last = this.#members[this.#size]!
    this.#members[place] = last
    last.place = place
    this.#members[this.#size] = undefined
    member.place = -1
    return true
  }

  /** Those that are in now, whoever leaves while they are gone through. */
  [Symbol.iterator](): IterableIterator<Member> {
    return (this.#members.slice(0, this.#size) as Member[]).values()
  }
}
