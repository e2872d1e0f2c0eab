import { fixedTexts, namesIn } from '../catalog/placeholders.ts'

/**
 * Where two templates of one host fix the same placeholder under different names: those two names. A literal beside a placeholder is
 * no clash, and below a literal that differs the templates have nothing in common.
 */
export function pinsClash(a: string, b: string): readonly [string, string] | undefined {
  const others = b.slice(1).split('/')
  for (const [index, segment] of a.slice(1).split('/').entries()) {
    const other = others[index]
    if (other === undefined || fixedTexts(segment).join('{}') !== fixedTexts(other).join('{}'))
      return undefined
    if (namesIn(segment).join() !== namesIn(other).join()) return [segment, other]
  }
  return undefined
}
