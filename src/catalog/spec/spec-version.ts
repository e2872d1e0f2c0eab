/**
 * Orders versions as people write them: numbers by value, `2.0.0-beta` before `2.0.0`, `v` in front ignored, dates as they
 * stand. 0 where neither is newer.
 */
export function compareVersions(a: string, b: string): number {
  const one = partsOf(a)
  const two = partsOf(b)
  const length = Math.max(one.numbers.length, two.numbers.length)
  for (let index = 0; index < length; index += 1) {
    const difference = (one.numbers[index] ?? 0) - (two.numbers[index] ?? 0)
    if (difference !== 0) return difference < 0 ? -1 : 1
  }
  if (one.rest === two.rest) return 0
  if (one.rest === '') return 1
  if (two.rest === '') return -1
  return one.rest < two.rest ? -1 : 1
}

function partsOf(version: string): { readonly numbers: readonly number[]; readonly rest: string } {
  const text = version
    .trim()
    .toLowerCase()
    .replace(/^v(?=\d)/, '')
    .slice(0, 100)
  const front = /^[\d.-]*/.exec(text)?.[0] ?? ''
  return {
    numbers: front
      .split(/[.-]/)
      .filter(part => part !== '')
      .map(Number),
    rest: text.slice(front.length),
  }
}
