const most = 4_096
const longest = 512

/**
 * A pure function of one text that remembers what it said, for texts that come again and again. They come from traffic: the memory is
 * emptied at 4,096 of them, and texts of more than 512 characters are not kept.
 */
export function memo<Value>(of: (text: string) => Value): (text: string) => Value {
  const known = new Map<string, Value>()
  return text => {
    const before = known.get(text)
    if (before !== undefined || known.has(text)) return before as Value
    const value = of(text)
    if (text.length <= longest) {
      if (known.size >= most) known.clear()
      known.set(text, value)
    }
    return value
  }
}

/** A pure function of one object that remembers what it said of the last: for what several ask of the same, one after the other. */
export function memoLast<Key extends object, Value>(of: (key: Key) => Value): (key: Key) => Value {
  let key: Key | undefined
  let value: Value | undefined
  return asked => {
    if (asked !== key) {
      value = of(asked)
      key = asked
    }
    return value as Value
  }
}

/** A pure function of one object that remembers what it said for as long as the object is there: for objects that come again and again. */
export function memoOf<Key extends object, Value>(of: (key: Key) => Value): (key: Key) => Value {
  const known = new WeakMap<Key, { readonly value: Value }>()
  return key => {
    const before = known.get(key)
    if (before !== undefined) return before.value
    const value = of(key)
    known.set(key, { value })
    return value
  }
}
