import { type Headers, headerOf, type Peer } from '../call/api-call.ts'
import { fnv1a } from '../kit/hash.ts'
import { memo } from '../kit/memo.ts'

/** Headers whose presence and order belong to the client and not to the request at hand. */
const stable = new Set([
  'host',
  'user-agent',
  'accept',
  'accept-encoding',
  'accept-language',
  'connection',
  'dnt',
  'te',
  'sec-ch-ua',
  'sec-ch-ua-mobile',
  'sec-ch-ua-platform',
  'sec-fetch-mode',
  'sec-gpc',
])
const families = ['Edg', 'OPR', 'Firefox', 'CriOS', 'FxiOS', 'Chrome', 'Safari']
const systems = ['iPhone', 'iPad', 'Android', 'Windows', 'Macintosh', 'CrOS', 'Linux']

export interface Device {
  /** 16 hex digits. */
  readonly id: string
  /** True where more than an address is known. */
  readonly known: boolean
}

/** A device is TLS fingerprint (or header order), user agent family and address prefix: a hint, never an identity. */
export function deviceOf(source: Peer, headers: Headers): Device {
  const agent = headerOf(headers, 'user-agent')
  let fingerprint = source.ja4
  if (fingerprint === undefined) {
    fingerprint = ''
    for (const [name] of headers) if (stable.has(name)) fingerprint += `${name},`
  }
  const text = `${fingerprint}\n${agent === undefined ? '' : familyOf(agent)}\n${prefixOf(source.ip)}`
  return { id: idOf(text), known: source.ja4 !== undefined || agent !== undefined }
}

const idOf = memo(text => hex(fnv1a(text)) + hex(fnv1a(text, 0x9747b28c)))

/** Browser and system without versions; for others the first product's name: `curl`, `okhttp`. */
export const familyOf = memo(readFamily)

function readFamily(agent: string): string {
  if (agent.startsWith('Mozilla/')) {
    const family = families.find(name => agent.includes(`${name}/`)) ?? 'Mozilla'
    return `${family} ${systems.find(name => agent.includes(name)) ?? ''}`
  }
  const end = agent.search(/[/\s]/)
  return (end < 0 ? agent : agent.slice(0, end)).slice(0, 64)
}

const programs =
  /^(?:curl|wget|httpie|python|python-requests|python-httpx|python-urllib|aiohttp|httpx|scrapy|go-http-client|go-resty|node|node-fetch|axios|got|undici|java|java-http-client|apache-httpclient|okhttp|jakarta|ruby|faraday|php|guzzlehttp|libwww-perl|lwp|dart|rust|reqwest|ureq|postmanruntime|insomnia|powershell|winhttp|restsharp|http_client|bun|deno)$/i

/** Is this family (see `familyOf`) a library or a tool that scripts are written with, and no browser or product of its own? */
export const isProgramFamily = (family: string): boolean => family === '' || programs.test(family)

/** /24 of an IPv4 address, /64 of an IPv6 address as written. */
export function prefixOf(ip: string | undefined): string {
  if (ip === undefined) return ''
  if (ip.includes(':')) {
    const mapped = ip.toLowerCase().startsWith('::ffff:') && ip.includes('.') ? ip.slice(7) : undefined
    if (mapped !== undefined) return prefixOf(mapped)
    return ip.split('::')[0]!.split(':').slice(0, 4).join(':')
  }
  const dot = ip.lastIndexOf('.')
  return dot < 0 ? ip : ip.slice(0, dot)
}

const hex = (value: number): string => value.toString(16).padStart(8, '0')
