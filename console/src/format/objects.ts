export interface ObjectGroup {
  readonly type: string
  readonly ids: readonly string[]
}

/** Groups `type:id` references by type, most objects first; ids in the order given. A reference without a type is an `object`. */
export function groupObjects(objects: readonly string[]): readonly ObjectGroup[] {
  const groups = new Map<string, string[]>()
  for (const object of objects) {
    const colon = object.indexOf(':')
    const type = colon > 0 ? object.slice(0, colon) : 'object'
    const id = colon > 0 ? object.slice(colon + 1) : object
    const ids = groups.get(type) ?? []
    ids.push(id)
    groups.set(type, ids)
  }
  return [...groups].map(([type, ids]) => ({ type, ids })).sort((a, b) => b.ids.length - a.ids.length)
}
