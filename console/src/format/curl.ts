import type { CallView } from '../../../src/server/api/call.ts'

/** Single quotes keep a shell from reading anything; a quote inside is closed, escaped and opened again. */
const shellQuoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const madeByCurl = new Set(['host', 'content-length', 'connection', 'transfer-encoding', 'accept-encoding'])

/** The request as a curl command. Secrets stay replaced, so it has to be given credentials before it works. */
export function curlOf(call: CallView): string {
  const scheme = call.host.startsWith('127.0.0.1') || call.host.startsWith('localhost') ? 'http' : 'https'
  const parts = [
    `curl -X ${shellQuoted(call.method)} ${shellQuoted(`${scheme}://${call.host}${call.target}`)}`,
  ]
  for (const [name, value] of call.request?.headers ?? []) {
    if (!madeByCurl.has(name.toLowerCase())) parts.push(`-H ${shellQuoted(`${name}: ${value}`)}`)
  }
  if (call.request?.body !== undefined && call.request.body !== '') {
    parts.push(`--data-raw ${shellQuoted(call.request.body)}`)
  }
  return parts.join(' \\\n  ')
}

/** A body that is JSON, indented; anything else as it is. */
export function prettyBody(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2)
  } catch {
    return body
  }
}
