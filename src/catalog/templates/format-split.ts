import type { EndpointRecord } from '../endpoint-record.ts'
import { likenessOf } from './context.ts'
import { extensionOf, isFormat } from './extension.ts'
import { ResponseShape } from './response-shape.ts'
import type { ValueProfile } from './value-profile.ts'
import type { ValueProfiles } from './value-profiles.ts'

/** Values of a placeholder that all end in the name of a representation: a placeholder of their own, `{id}.atom`. */
export interface FormatSplit {
  readonly ending: string
  readonly words: readonly (readonly [word: string, profile: ValueProfile])[]
}

/** Words that agree on an ending before it is more than an accident: names of representations, and any other. */
const fewFormats = 3
const fewOthers = 5
/** Words seen with the ending and without it. */
const fewTwins = 2

/**
 * Endings that stand for a representation and not for names of files: no word with another ending is called in the same way, and words
 * without one are either the same things (`rome` and `rome.txt`) or answered otherwise.
 */
export function formatsToSplit(profiles: ValueProfiles): readonly FormatSplit[] {
  const byEnding = new Map<string, [string, ValueProfile][]>()
  for (const [word, profile] of profiles.words) {
    const ending = extensionOf(word)
    if (ending === undefined) continue
    const known = byEnding.get(ending)
    if (known === undefined) byEnding.set(ending, [[word, profile]])
    else known.push([word, profile])
  }
  const splits: FormatSplit[] = []
  for (const [ending, words] of byEnding) {
    const twins = words.filter(([word]) => profiles.words.has(word.slice(0, -ending.length))).length
    if (words.length < (isFormat(ending) ? fewFormats : fewOthers) && twins < fewTwins) continue
    if (isRepresentation(ending, words, profiles, twins >= fewTwins)) splits.push({ ending, words })
  }
  return splits
}

function isRepresentation(
  ending: string,
  words: FormatSplit['words'],
  profiles: ValueProfiles,
  twins: boolean,
): boolean {
  const own = new Map<EndpointRecord, ResponseShape>()
  for (const [, { uses }] of words) {
    for (const { record, shape } of uses) {
      const all = own.get(record) ?? new ResponseShape()
      all.absorb(shape)
      own.set(record, all)
    }
  }
  const others = new Map<EndpointRecord, ResponseShape>()
  const add = ({ uses }: ValueProfile): void => {
    for (const { record, shape, calls } of uses) {
      if (calls === 0 || !own.has(record)) continue
      const all = others.get(record) ?? new ResponseShape()
      all.absorb(shape)
      others.set(record, all)
    }
  }
  add(profiles.rest)
  for (const [word, profile] of profiles.words) {
    const theirs = extensionOf(word)
    if (theirs === ending) continue
    if (theirs !== undefined && profile.uses.some(({ record }) => own.has(record))) return false
    add(profile)
  }
  if (twins) return true
  for (const [record, shape] of others) {
    const like = likenessOf(own.get(record)!, shape)
    if (like === undefined || like > -1) return false
  }
  return true
}
