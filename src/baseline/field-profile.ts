import { holdsSentence } from '../call/payload/prose.ts'

/** What a value can be; the strict ones first. */
const kinds = ['integer', 'decimal', 'boolean', 'uuid', 'date', 'email', 'word', 'address', 'text'] as const
export type ValueKind = (typeof kinds)[number]

/** How much it says that a value is of no kind that its field had. */
const strictness: Readonly<Record<ValueKind, number>> = {
  integer: 0.45,
  decimal: 0.45,
  boolean: 0.45,
  uuid: 0.45,
  date: 0.45,
  email: 0.3,
  word: 0.15,
  address: 0.15,
  text: 0,
}

/** Signs that stand in names, numbers, dates and sentences of any language say less than those of code. */
const mild = new Set([' ', '-', '_', '.', ',', ':', '/', '@', '+', '?', '!', '#', '&', '%', '~'])
const signs = ' !"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'
const control = signs.length
const foreign = signs.length + 1
const signCount = signs.length + 2
const signOf = new Int8Array(128).fill(-1)
for (let index = 0; index < signs.length; index += 1) signOf[signs.charCodeAt(index)] = index

const longestRead = 2_048
/** Principals and days told apart. */
const mostPrincipals = 16
const mostDays = 3
/** Live values of one principal that count; beyond, it is heard only as a witness. */
const mostVotes = 20
/** In the place of witnesses: settled history or three principals had it. */
const known = -1
/** Share that the most frequent kind must have had for another to be unusual. */
const kindShare = 0.5
/** Five words of a letter each, and blanks. */
const shortestSentence = 9
/** Share of values with sentences from which a field is for them: others are as short as `thanks`. */
const proseShare = 0.3

/** What the values of one field were. Plain data of about 700 bytes, whatever comes; holds no value. */
export interface FieldProfile {
  count: number
  /** Of `count`, those of settled history. */
  history: number
  readonly kinds: number[]
  /** Kind → who had it: 0 nobody, one or two principals (15 bits each), or `known`. */
  readonly kindWitnesses: number[]
  /** The same of signs. */
  readonly signs: number[]
  /** Welford's mean and sum of squares over ln(1 + length). */
  mean: number
  squares: number
  longest: number
  /** Of `count`, those that hold sentences. */
  prose: number
  readonly by: number[]
  readonly byCount: number[]
  readonly days: number[]
}

export const newProfile = (): FieldProfile => ({
  count: 0,
  history: 0,
  kinds: new Array<number>(kinds.length).fill(0),
  kindWitnesses: new Array<number>(kinds.length).fill(0),
  signs: new Array<number>(signCount).fill(0),
  mean: 0,
  squares: 0,
  longest: 0,
  prose: 0,
  by: [],
  byCount: [],
  days: [],
})

/** How a value differs from what its field held. */
export interface Unusual {
  /** 0 to 1; from .3 on it is outside of the model. */
  readonly degree: number
  /** Signs of code that it never held. */
  readonly signs: string
  /** What it always was and this is not. */
  readonly kind?: ValueKind
  readonly long: boolean
  /** Values that this rests on. */
  readonly values: number
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const date = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/
const email = /^[^\s@"'<>()]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}$/
const address = /^https?:\/\/[^\s"'<>`{}]{1,2000}$/

function kindOf(value: string): number {
  const { length } = value
  if (length <= 20 && /^-?\d+$/.test(value)) return 0
  if (length <= 40 && /^-?\d+\.\d+$/.test(value)) return 1
  if (value === 'true' || value === 'false') return 2
  if (length === 36 && uuid.test(value)) return 3
  if (length >= 10 && length <= 35 && date.test(value)) return 4
  if (length <= 254 && email.test(value)) return 5
  if (/^[\w-]+$/.test(value)) return 6
  return length >= 8 && address.test(value) ? 7 : 8
}

/** One bit for each sign that occurs. */
function signsOf(value: string): readonly [low: number, high: number] {
  let low = 0
  let high = 0
  const end = Math.min(value.length, longestRead)
  for (let index = 0; index < end; index += 1) {
    const code = value.charCodeAt(index)
    const sign = code < 128 ? signOf[code]! : foreign
    const place = sign >= 0 ? sign : code < 32 || code === 127 ? control : -1
    if (place < 0) continue
    if (place < 32) low |= 1 << place
    else high |= 1 << (place - 32)
  }
  return [low, high]
}

/** One more who had it. `who` has 15 bits and is above 0. */
function witnessed(before: number, who: number, history: boolean): number {
  if (history || before === known) return known
  if (before === 0) return who
  const first = before & 0x7fff
  const second = before >>> 15
  if (first === who || second === who) return before
  return second === 0 ? first | (who << 15) : known
}

/**
 * Takes a value in.
 * @param by hash of who sent it
 * @param history settled: there each value counts, and what it has is known at once. In live traffic a principal has 20 votes, and what is
 * new takes three of them.
 */
export function learnValue(
  profile: FieldProfile,
  value: string,
  by: number,
  time: number,
  history: boolean,
): void {
  const day = Math.floor(time / 86_400_000)
  if (profile.days.length < mostDays && !profile.days.includes(day)) profile.days.push(day)
  const kind = kindOf(value)
  const who = (by % 0x7fff) + 1
  profile.kindWitnesses[kind] = witnessed(profile.kindWitnesses[kind]!, who, history)
  const [low, high] = signsOf(value)
  for (let index = 0; index < signCount; index += 1) {
    if (((index < 32 ? low >>> index : high >>> (index - 32)) & 1) === 0) continue
    profile.signs[index] = witnessed(profile.signs[index]!, who, history)
  }
  if (!mayVote(profile, by) && !history) return
  profile.count += 1
  if (history) profile.history += 1
  profile.kinds[kind]! += 1
  const length = Math.log1p(value.length)
  const delta = length - profile.mean
  profile.mean += delta / profile.count
  profile.squares += delta * (length - profile.mean)
  if (value.length > profile.longest) profile.longest = value.length
  if (value.length >= shortestSentence && holdsSentence(value)) profile.prose += 1
}

function mayVote(profile: FieldProfile, by: number): boolean {
  const place = profile.by.indexOf(by)
  if (place < 0) {
    if (profile.by.length >= mostPrincipals) return false
    profile.by.push(by)
    profile.byCount.push(1)
    return true
  }
  profile.byCount[place]! += 1
  return profile.byCount[place]! <= mostVotes
}

export interface SettledWhen {
  /** Values of settled history. */
  readonly history: number
  /** Of live traffic: principals, and days or values. */
  readonly principals: number
  readonly days: number
  readonly values: number
}

/** Was enough seen, of enough callers, to judge by? */
export const isSettled = (profile: FieldProfile, when: SettledWhen): boolean =>
  profile.history >= when.history ||
  (profile.by.length >= when.principals &&
    profile.count >= when.history &&
    (profile.days.length >= when.days || profile.count >= when.values))

/** Whether the field is one that people write sentences into: three in ten values do. Call it only once the profile is settled. */
export const isProseField = ({ prose, count }: FieldProfile): boolean => prose >= count * proseShare

/** How the value differs; undefined where it does not. Call it only once the profile is settled. */
export function judgeValue(profile: FieldProfile, value: string): Unusual | undefined {
  const [low, high] = signsOf(value)
  let fresh = ''
  let freshMild = 0
  // Few values are not likely to show a sign that one in twenty has.
  for (let index = 0; index < signCount; index += 1) {
    if (((index < 32 ? low >>> index : high >>> (index - 32)) & 1) === 0 || profile.signs[index] === known)
      continue
    if (index === control) fresh += '\n'
    else if (index === foreign || mild.has(signs[index]!)) freshMild += 1
    else fresh += signs[index]
  }
  const most = mostFrequentKind(profile)
  const own = kindOf(value)
  const other =
    own !== most && profile.kinds[most]! >= profile.count * kindShare && profile.kindWitnesses[own] !== known
  const fits = other && !(most === 1 && own === 0) && strictness[kinds[most]!] > 0
  const deviation = Math.max(0.25, Math.sqrt(profile.squares / Math.max(1, profile.count - 1)))
  const long = value.length > 2 * profile.longest && (Math.log1p(value.length) - profile.mean) / deviation > 6
  const raw =
    Math.min(0.9, 0.3 * fresh.length) +
    Math.min(0.2, 0.1 * freshMild) +
    (fits ? strictness[kinds[most]!] : 0) +
    (long ? 0.3 : 0)
  const degree = Math.min(1, raw * (profile.count / (profile.count + 5)))
  if (degree < 0.1) return undefined
  return {
    degree,
    signs: fresh,
    ...(fits ? { kind: kinds[most]! } : {}),
    long,
    values: profile.count,
  }
}

function mostFrequentKind({ kinds: counts }: FieldProfile): number {
  let best = 0
  for (let index = 1; index < counts.length; index += 1) if (counts[index]! > counts[best]!) best = index
  return best
}

/** Joins what two fields were known for: their endpoints turned out to be one. */
export function absorbProfile(into: FieldProfile, from: FieldProfile): void {
  const count = into.count + from.count
  if (from.count === 0) return
  const delta = from.mean - into.mean
  into.squares += from.squares + (delta * delta * into.count * from.count) / count
  into.mean += (delta * from.count) / count
  into.count = count
  into.history += from.history
  into.longest = Math.max(into.longest, from.longest)
  into.prose += from.prose
  for (let index = 0; index < kinds.length; index += 1) into.kinds[index]! += from.kinds[index]!
  join(into.kindWitnesses, from.kindWitnesses)
  join(into.signs, from.signs)
  for (const [index, by] of from.by.entries()) {
    const place = into.by.indexOf(by)
    if (place >= 0) into.byCount[place]! += from.byCount[index]!
    else if (into.by.length < mostPrincipals) {
      into.by.push(by)
      into.byCount.push(from.byCount[index]!)
    }
  }
  for (const day of from.days)
    if (into.days.length < mostDays && !into.days.includes(day)) into.days.push(day)
}

function join(into: number[], from: readonly number[]): void {
  for (const [index, two] of from.entries()) {
    const one = into[index]!
    if (two === known) into[index] = known
    else if (two !== 0) {
      into[index] = witnessed(one, two & 0x7fff, false)
      if (two >>> 15 !== 0) into[index] = witnessed(into[index]!, two >>> 15, false)
    }
  }
}
