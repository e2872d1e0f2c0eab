import type { ApiCall } from '../../call/api-call.ts'
import type { Json } from '../../call/content.ts'
import { type HostForm, hostNamedIn } from './host-form.ts'

/** A host that a request named. */
export interface NamedHost {
  readonly form: HostForm
  /** It stood in a URL, not alone. */
  readonly url: boolean
  /** `query:url`, `body:image.src`, `path`. */
  readonly at: string
}

const mostValues = 200
const mostHosts = 8
const deepest = 6

/** Hosts that the values of a request name, other than the one it went to; at most 8 of at most 200 values. */
export function hostsNamed(call: ApiCall): readonly NamedHost[] {
  const found: NamedHost[] = []
  let looked = 0
  const look = (at: string, value: string): void => {
    looked += 1
    if (looked > mostValues || found.length >= mostHosts) return
    const named = hostNamedIn(value.trim())
    if (named === undefined || named.form.host === call.destination.host.replace(/:\d{1,5}$/, '')) return
    if (!found.some(({ form }) => form.host === named.form.host))
      found.push({ ...named, at: at.slice(0, 200) })
  }
  const { request } = call
  for (const [name, value] of request.query) look(`query:${name}`, value)
  // `/proxy/http://host/x`, `/fetch/http%3A%2F%2Fhost`
  const inPath =
    request.path.includes(':') || request.path.includes('%')
      ? /\/(https?(?::|%3a)(?:\/|%2f){1,2}[^?#]{1,1000})/i.exec(request.path)?.[1]
      : undefined
  if (inPath !== undefined) look('path', decoded(inPath).replace(/^(https?:)\/+/i, '$1//'))
  const { content } = request
  if (content.kind === 'json' || content.kind === 'form' || content.kind === 'multipart')
    walk(content.value, 'body', 0, look)
  else if (content.kind === 'text' && content.text.length <= 2_048) look('body', content.text)
  return found
}

function walk(value: Json, at: string, depth: number, look: (at: string, value: string) => void): void {
  if (typeof value === 'string') look(at, value)
  else if (Array.isArray(value) && depth < deepest) {
    const list = value as readonly Json[]
    const end = Math.min(list.length, mostValues)
    for (let index = 0; index < end; index += 1) walk(list[index] ?? null, `${at}[]`, depth + 1, look)
  } else if (value !== null && typeof value === 'object' && depth < deepest) {
    const object = value as { readonly [key: string]: Json }
    let left = mostValues
    for (const key in object) {
      left -= 1
      if (left < 0) return
      const child = object[key]
      // Numbers and the like name no host.
      if (typeof child === 'string' || (typeof child === 'object' && child !== null))
        walk(child, `${at}.${key}`, depth + 1, look)
    }
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
