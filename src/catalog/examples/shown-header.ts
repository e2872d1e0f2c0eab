import type { Headers } from '../../call/api-call.ts'
import { isParameterHeader } from '../schema/parameter-header.ts'
import { hidden } from './masked-form.ts'

/** Headers that say something of the API and not of the way to it. */
const shown = new Set([
  'accept',
  'accept-language',
  'allow',
  'authorization',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-length',
  'content-type',
  'deprecation',
  'etag',
  'last-modified',
  'link',
  'location',
  'origin',
  'ratelimit-limit',
  'ratelimit-remaining',
  'retry-after',
  'soapaction',
  'sunset',
  'user-agent',
  'vary',
  'www-authenticate',
])

/** Is a header of that (lower-case) name part of an example? Cookies and what proxies add never are. */
export const isShownHeader = ([name]: Headers[number]): boolean => shown.has(name) || isParameterHeader(name)

/** What is shown of a credential: its scheme. Undefined for other headers. */
export function schemeOf(name: string, value: string): string | undefined {
  if (name !== 'authorization') return undefined
  const scheme = /^([A-Za-z][A-Za-z0-9-]{1,19}) /.exec(value)?.[1]
  return scheme === undefined ? hidden : `${scheme} ${hidden}`
}
