/** Puts a value in the place of one that stands somewhere in the record. */
export function changeRecord(record: Record<string, unknown>, nth: number, value: unknown): void {
  const places: (readonly [Record<string, unknown>, string])[] = []
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    for (const key of Object.keys(node)) {
      places.push([node as Record<string, unknown>, key])
      walk((node as Record<string, unknown>)[key])
    }
  }
  walk(record)
  const at = places[nth % Math.max(1, places.length)]
  if (at !== undefined) at[0][at[1]] = value
}
