import { stamp } from './stamp.ts'

/** `{ [key]: value }`, or nothing where there is no value. */
export function optional<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [Name in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [Name in Key]?: Value })
}

/** The same with a time, ms since the epoch, as the stamp it is shown as. */
export const optionalStamp = <Key extends string>(key: Key, time: number | undefined) =>
  optional(key, time === undefined ? undefined : stamp(time))
