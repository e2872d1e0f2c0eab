/** @import { ServerResponse } from 'node:http' */
/** @import { HeaderPair } from './types.d.ts' */

/**
 * The headers of `writeHead`'s arguments: an object, an array of pairs, or names and values in turn.
 * @param {unknown} given
 * @returns {[name: string, value: string | string[]][]}
 */
export function headerEntries(given) {
  if (given === undefined || given === null || typeof given !== 'object') return []
  /** @type {[string, unknown][]} */
  let entries
  if (!Array.isArray(given)) entries = Object.entries(given)
  else if (Array.isArray(given[0])) entries = given
  else {
    entries = []
    for (let index = 0; index + 1 < given.length; index += 2)
      entries.push([String(given[index]), given[index + 1]])
  }
  /** @type {Map<string, [string, string | string[]]>} */
  const byName = new Map()
  for (const [name, value] of entries) {
    if (value === undefined) continue
    const texts = Array.isArray(value) ? value.map(String) : [String(value)]
    const lower = name.toLowerCase()
    const before = byName.get(lower)
    if (before === undefined)
      byName.set(lower, [name, texts.length === 1 ? /** @type {string} */ (texts[0]) : texts])
    // The same name again in an array: one header each.
    else byName.set(lower, [before[0], [...(Array.isArray(before[1]) ? before[1] : [before[1]]), ...texts]])
  }
  return [...byName.values()]
}

/**
 * Headers as pairs, from what was set and what `writeHead` adds.
 * @param {ServerResponse} response
 * @param {[name: string, value: string | string[]][]} added
 * @returns {HeaderPair[]}
 */
export function headerPairs(response, added) {
  /** @type {HeaderPair[]} */
  const pairs = []
  const over = new Set(added.map(([name]) => name.toLowerCase()))
  const set = Object.entries(response.getHeaders()).filter(([name]) => !over.has(name))
  for (const [name, value] of [...set, ...added])
    for (const item of Array.isArray(value) ? value : [value]) pairs.push([name.toLowerCase(), String(item)])
  return pairs
}

/**
 * Answers that are read while they are written: holding one back for its end would break it.
 * @param {readonly HeaderPair[]} headers
 */
export const isStream = headers =>
  headers.some(
    ([name, value]) =>
      name === 'content-type' &&
      /^(?:text\/event-stream|application\/(?:grpc|x-ndjson|stream\+json|json-seq)|multipart\/x-mixed-replace)/i.test(
        value,
      ),
  )
