/** A step into a JSON document: a member's name or an element's index as text, or any of them. */
export const anyStep: unique symbol = Symbol('any step')
export type PointerStep = string | typeof anyStep

/** Steps of a pattern at most. */
const maxSteps = 32

/**
 * The steps of a JSON pointer (RFC 6901) in which a step `*` is any member or element: `/items` `/*` `/card` in one. Undefined where it is none, is
 * empty or has more than 32 steps.
 */
export function parsePointer(text: string): readonly PointerStep[] | undefined {
  if (!text.startsWith('/') || text.length > 512) return undefined
  const steps = text.slice(1).split('/')
  if (steps.length > maxSteps) return undefined
  return steps.map(step => (step === '*' ? anyStep : step.replaceAll('~1', '/').replaceAll('~0', '~')))
}

/** The steps of a field as the catalog writes it: `items[].card`, `[].id`, `prices.*`. */
export function fieldSteps(field: string): readonly PointerStep[] {
  const steps: PointerStep[] = []
  for (const part of field.split('.')) {
    const name = part.replaceAll('[]', '')
    if (name !== '') steps.push(name === '*' ? anyStep : name)
    for (let lists = (part.length - name.length) / 2; lists > 0; lists -= 1) steps.push(anyStep)
  }
  return steps
}
