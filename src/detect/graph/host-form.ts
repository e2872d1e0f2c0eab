/** Whom a host belongs to, as far as its form says. */
export type HostReach = 'metadata' | 'loopback' | 'link-local' | 'private' | 'cluster' | 'external'

export interface HostForm {
  /** Canonical: an address as dotted or compressed hexadecimal digits, a name in lower case and punycode without its last dot. */
  readonly host: string
  readonly reach: HostReach
  /** Written so that an address is not seen at a glance: decimal, octal, hexadecimal, IPv6-mapped, or a name that resolves to what it says. */
  readonly disguised: boolean
}

const longest = 2_048
const scheme = /^[a-z][a-z0-9+.-]{0,15}:(?=[\\/]{2})/i

/**
 * The host of a URL or of a bare host, as the WHATWG URL standard reads it, with what hides an address undone.
 * @param text A URL of any scheme, `//host/path`, `host`, `host:port`, an address in any notation.
 * @returns undefined for what names no host.
 */
export function hostForm(text: string): HostForm | undefined {
  const given = text.trim()
  if (given === '' || given.length > longest) return undefined
  const rest = given.replace(scheme, '')
  const bare = rest === given && !rest.startsWith('//')
  if (bare && !/^[\w.:[\]-]{2,260}(?:[/?#]|$)/.test(rest)) return undefined
  const literal = bare && /^[0-9a-f:.]{2,45}$/i.test(rest) && rest.split(':').length > 2 ? `[${rest}]` : rest
  const url = parsed(`http:${bare ? '//' : ''}${literal}`)
  if (url === undefined) return undefined
  const host = url.hostname.toLowerCase().replace(/\.$/, '')
  if (host === '') return undefined
  const written = authorityHost(literal.replace(/^[\\/]{2,}/, ''))
  return named(host, written)
}

/** What a string of a request names as a host: URLs of any scheme, and bare hosts and addresses that are all of it. */
export function hostNamedIn(value: string): { readonly form: HostForm; readonly url: boolean } | undefined {
  if (value.length < 4 || value.length > longest) return undefined
  // Most values have none of the signs that hosts have.
  const sign = value[0]
  if (!value.includes('.') && !value.includes(':') && sign !== '/' && sign !== '\\') return undefined
  const isUrl = scheme.test(value) || value.startsWith('//') || value.startsWith('\\\\')
  if (
    !isUrl &&
    !/^(?:[\w-]{1,63}\.)+[\w-]{1,63}\.?(?::\d{1,5})?(?:\/[^\s]*)?$/.test(value) &&
    !bareAddress.test(value)
  )
    return undefined
  const form = hostForm(value)
  return form === undefined ? undefined : { form, url: isUrl }
}

/** IPv6 only: a bare number is anything. */
const bareAddress = /^\[?[0-9a-f]{0,4}:[0-9a-f]{0,4}:[0-9a-f:.]{0,36}\]?(?::\d{1,5})?$/i

function parsed(text: string): URL | undefined {
  return URL.parse(text) ?? undefined
}

function authorityHost(text: string): string {
  const end = text.search(/[\\/?#]/)
  const authority = end < 0 ? text : text.slice(0, end)
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  const port = /:\d{0,5}$/.exec(host)
  return (port === null || host.endsWith(']') ? host : host.slice(0, port.index))
    .toLowerCase()
    .replace(/\.$/, '')
}

const metadataNames = new Set([
  'metadata.google.internal',
  'metadata',
  'metadata.azure.com',
  'metadata.packet.net',
  'instance-data',
  'instance-data.ec2.internal',
])
const metadataAddresses = new Set(['169.254.169.254', '169.254.170.2', '100.100.100.200', 'fd00:ec2::254'])

function named(host: string, written: string): HostForm {
  const six = host.startsWith('[') ? host.slice(1, -1) : undefined
  if (six !== undefined) {
    const mapped = mappedFour(six)
    return mapped === undefined
      ? { host: six, reach: reachOfSix(six), disguised: false }
      : { host: mapped, reach: reachOfFour(mapped), disguised: true }
  }
  if (isFour(host)) return { host, reach: reachOfFour(host), disguised: written !== host }
  const inside = embedded(host)
  if (inside !== undefined) return { host: inside, reach: reachOfFour(inside), disguised: true }
  return { host, reach: reachOfName(host), disguised: false }
}

const isFour = (host: string): boolean => /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host)

function reachOfFour(address: string): HostReach {
  if (metadataAddresses.has(address)) return 'metadata'
  const [a = 0, b = 0] = address.split('.').map(Number)
  if (a === 127 || a === 0) return 'loopback'
  if (a === 169 && b === 254) return 'link-local'
  const isPrivate =
    a === 10 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 100 && b >= 64 && b < 128)
  return isPrivate ? 'private' : 'external'
}

function reachOfSix(address: string): HostReach {
  if (metadataAddresses.has(address)) return 'metadata'
  if (address === '::1' || address === '::') return 'loopback'
  if (/^fe[89ab]/.test(address)) return 'link-local'
  return /^f[cd]/.test(address) ? 'private' : 'external'
}

/** `::ffff:a9fe:a9fe` and NAT64's `64:ff9b::a9fe:a9fe` (RFC 4291, RFC 6052). */
function mappedFour(address: string): string | undefined {
  const [, high, low] = /^(?:::ffff:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address) ?? []
  if (high === undefined || low === undefined) return undefined
  const [h, l] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return [h >> 8, h & 255, l >> 8, l & 255].join('.')
}

/** The address in a name that resolves to it: `169.254.169.254.nip.io`, `a-10-0-0-1.sslip.io`, `7f000001.nip.io`. */
function embedded(host: string): string | undefined {
  const [, name] = /^(.{1,200})\.(?:nip\.io|sslip\.io|xip\.io|localtest\.me)$/.exec(host) ?? []
  if (name === undefined) return host.endsWith('localtest.me') ? '127.0.0.1' : undefined
  if (host.endsWith('localtest.me')) return '127.0.0.1'
  const dotted = /(?:^|[.-])(\d{1,3})[.-](\d{1,3})[.-](\d{1,3})[.-](\d{1,3})$/.exec(name)
  if (dotted !== null) return canonicalFour(dotted.slice(1).map(Number))
  const hex = /(?:^|[.-])([0-9a-f]{8})$/.exec(name)?.[1]
  return hex === undefined
    ? undefined
    : canonicalFour([0, 2, 4, 6].map(at => Number.parseInt(hex.slice(at, at + 2), 16)))
}

const canonicalFour = (octets: readonly number[]): string | undefined =>
  octets.every(octet => octet <= 255) ? octets.join('.') : undefined

function reachOfName(host: string): HostReach {
  if (metadataNames.has(host)) return 'metadata'
  if (host === 'localhost' || host.endsWith('.localhost')) return 'loopback'
  if (/\.(?:svc|cluster\.local)$|\.svc\.|^kubernetes(?:\.default)?$/.test(host)) return 'cluster'
  if (!host.includes('.') || /\.(?:internal|local|lan|intranet|corp|home|consul)$/.test(host))
    return 'private'
  return 'external'
}
