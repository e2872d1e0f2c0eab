type Present<Value> = { [Key in keyof Value]: Exclude<Value[Key], undefined> }

/** Without the keys whose value is undefined. */
export function present<Value extends object>(value: Value): Present<Value> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Present<Value>
}
