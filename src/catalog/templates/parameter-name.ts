import { isTyped, kindOf, type SegmentKind } from './segment-kind.ts'

/**
 * The name of a placeholder from the nearest noun before it and the kind of its first value: `/users/123` gives
 * `userId`, `/users/v1/bob` as well, `/reports/2024-01-01` `date`. Names in one template are made distinct with a
 * number. `before` are the template's segments left of it.
 */
export function parameterName(before: readonly string[], kind: SegmentKind): string {
  const base = baseName(before, kind)
  let name = base
  let number = 2
  while (before.some(segment => segment.includes(`{${name}}`))) {
    name = `${base}${number}`
    number += 1
  }
  return name
}

function baseName(before: readonly string[], kind: SegmentKind): string {
  if (kind === 'date' || kind === 'time') return 'date'
  if (kind === 'email') return 'email'
  if (kind === 'ip') return 'address'
  for (let index = before.length - 1; index >= 0; index -= 1) {
    const segment = before[index] ?? ''
    if (segment.includes('{')) break
    const found = kindOf(segment)
    if (segment === '' || found === 'version' || found === 'locale' || isTyped(found)) continue
    const noun = singular(camel(segment))
    if (noun !== '') return `${noun}Id`
  }
  return 'id'
}

/** `order-items` to `orderItems`; only letters and digits remain, at most 40. */
function camel(segment: string): string {
  const words = segment
    .replace(/\.[a-z]{1,5}$/, '')
    .split(/[^A-Za-z0-9]+/)
    .filter(word => word !== '')
  const joined = words
    .map((word, index) => (index === 0 ? lowerFirst(word) : word[0]!.toUpperCase() + word.slice(1)))
    .join('')
  return joined.replace(/^\d+/, '').slice(0, 40)
}

const lowerFirst = (word: string): string =>
  word === word.toUpperCase() ? word.toLowerCase() : word[0]!.toLowerCase() + word.slice(1)

function singular(word: string): string {
  if (/(?:ss|us|is|news|series|status)$/i.test(word)) return word
  if (/ies$/i.test(word) && word.length > 4) return `${word.slice(0, -3)}y`
  if (/(?:ches|shes|xes|sses|zes)$/i.test(word)) return word.slice(0, -2)
  return /s$/i.test(word) && word.length > 2 ? word.slice(0, -1) : word
}
