import type { AmendVerdict } from '../guard.ts'

/** What an amendment may not set: these say how the message is delimited and which connection it is on. */
const framing = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** What was said of the body that is replaced, and is true of it no more. */
const ofBody = new Set([
  'content-encoding',
  'content-length',
  'content-md5',
  'content-digest',
  'digest',
  'repr-digest',
  'trailer',
  'transfer-encoding',
])

const nameForm = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const valueForm = /^[\t\x20-\x7e\x80-\xff]*$/

/** The headers of an amendment that can stand in a message: well formed, and none that delimits it. */
function settableHeaders(verdict: AmendVerdict): readonly (readonly [name: string, value: string])[] {
  return (verdict.headers ?? []).filter(
    ([name, value]) => nameForm.test(name) && valueForm.test(value) && !framing.has(name.toLowerCase()),
  )
}

/**
 * The headers of a message as an amendment leaves them: its own in place of those of the same name, and the body's length where that
 * is replaced.
 *
 * @param headers name, value, name, value …
 */
export function amendedHeaders(
  headers: readonly string[],
  verdict: AmendVerdict,
  body: Uint8Array | undefined,
): string[] {
  const set = settableHeaders(verdict)
  const names = new Set(set.map(([name]) => name.toLowerCase()))
  const amended: string[] = []
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index]!.toLowerCase()
    if (names.has(name) || (body !== undefined && ofBody.has(name))) continue
    amended.push(headers[index]!, headers[index + 1]!)
  }
  for (const [name, value] of set) amended.push(name, value)
  if (body !== undefined) amended.push('Content-Length', String(body.length))
  return amended
}
