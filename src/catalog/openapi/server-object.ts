import type { DocumentObject } from './schema-object.ts'

const plain = /^(?:[a-z0-9_](?:[a-z0-9._-]{0,251})?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i
const variable = /\{([A-Za-z0-9_-]{1,64})\}/g

/** The Server Object of a host, `{tenant}.example.com` with a variable; undefined where the host is none. */
export function serverObject(host: string, scheme: 'http' | 'https'): DocumentObject | undefined {
  const names = [...host.matchAll(variable)].map(([, name]) => name!)
  if (!plain.test(host.replace(variable, 'x'))) return undefined
  const url = `${scheme}://${host}`
  if (names.length === 0) return { url }
  return { url, variables: Object.fromEntries(names.map(name => [name, { default: name }])) }
}
