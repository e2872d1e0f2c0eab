const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Text has no control characters but tabs and line ends; a descriptor set begins with some. */
export function textOf(bytes: Uint8Array): string | undefined {
  const head = bytes.subarray(0, 1024)
  if (head.some(byte => byte < 32 && byte !== 9 && byte !== 10 && byte !== 13)) return undefined
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

/** Base64 in pieces: an argument list has its bounds. */
export function base64Of(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 8_190)
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + 8_190)))
  return text
}

/** A file as the API takes it: text as it is, a compiled protobuf descriptor set as a `data:` address. */
export const sourceOf = (bytes: Uint8Array): string =>
  textOf(bytes) ?? `data:application/x-protobuf;base64,${base64Of(bytes)}`
