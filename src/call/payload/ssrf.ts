import type { PatternRule, PayloadGrammar, PayloadHit } from './grammar.ts'
import { firstMatch } from './grammar.ts'

const kind = 'ssrf'

const rules: readonly PatternRule[] = [
  [
    'metadata-service',
    0.97,
    /169\.254\.169\.254|metadata\.(?:google\.internal|azure\.com|packet\.net|tencentyun\.com)|100\.100\.100\.200|169\.254\.170\.2|\[?fd00:ec2::254|0xa9fea9fe|2852039166|\/latest\/(?:meta-data|user-data|dynamic)\b|\/computemetadata\/v1|\/metadata\/v1(?:\.json|\/)|\/openstack\/latest/,
  ],
  [
    'inner-scheme',
    0.95,
    /(?:^|[=\s'"(])(?:gopher|dict|ldaps?|tftp|sftp|jar|netdoc|smb|irc|rtmp|rmi|svn\+ssh|imap|pop3):\/\//,
  ],
  // What a filter of schemes takes for a harmless one and the reader behind it undoes: Java's and Python's. Stack traces hold them, too, within.
  [
    'scheme-in-scheme',
    0.85,
    /^\s?(?:jar:(?:https?|ftps?|file):|url:(?:file|ftps?|jar|netdoc):|local[_-]file:\/)/,
  ],
  [
    'name-of-address',
    0.9,
    /(?:^|[./@])(?:nip\.io|sslip\.io|xip\.io|localtest\.me|lvh\.me|vcap\.me|lacolhost\.com|1u\.ms|rbndr\.us)(?:[:/?#]|$)/,
  ],
  [
    'interaction-host',
    0.95,
    /\.(?:oast\.(?:me|fun|pro|live|site|online)|burpcollaborator\.net|interact\.sh|oastify\.com|requestbin\.net|dnslog\.cn|ceye\.io|bxss\.me|ngrok\.io|canarytokens\.com)\b/,
  ],
]

/** Names that a machine or a cluster gives itself. */
const ownName =
  /^(?:localhost\d?|localhost\d?\.localdomain\d?|ip6-(?:localhost|loopback)|ipv6-(?:localhost|loopback)|loopback|(?:host|gateway|kubernetes)\.docker\.internal|host\.containers\.internal|[\w.-]{1,128}\.svc(?:\.cluster\.local)?|[\w.-]{1,128}\.cluster\.local|kubernetes\.default|instance-data)$/

/** Digits of one part of an address as `inet_aton` reads them: decimal, octal after `0`, hexadecimal after `0x`. */
function partOf(text: string): number {
  if (/^0x[\da-f]{1,8}$/.test(text)) return Number.parseInt(text.slice(2), 16)
  if (/^0[0-7]{0,12}$/.test(text)) return text === '0' ? 0 : Number.parseInt(text, 8)
  return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : Number.NaN
}

/** The address that `host` is, in any of the forms of `inet_aton`; undefined where it is a name. */
function addressOf(host: string): { readonly address: number; readonly plain: boolean } | undefined {
  const parts = host.split('.', 5)
  if (parts.length > 4) return undefined
  let address = 0
  for (const [index, text] of parts.entries()) {
    const part = partOf(text)
    const left = 4 - index
    const last = index === parts.length - 1
    if (Number.isNaN(part) || part >= 256 ** (last ? left : 1)) return undefined
    address += last ? part : part * 256 ** (left - 1)
  }
  return { address, plain: parts.length === 4 && parts.every(part => /^(?:0|[1-9]\d{0,2})$/.test(part)) }
}

const within = (address: number, network: number, bits: number): boolean =>
  Math.floor(address / 2 ** (32 - bits)) === Math.floor(network / 2 ** (32 - bits))

/** The host that a client would call: behind the last `@` before the path, without port. */
function hostOf(lower: string): string | undefined {
  const found = /^\s?(?:[a-z][a-z0-9+.-]{1,16}:)?[/\\]{2,4}([^/?#\s][^/?\\]{0,255})/.exec(lower)
  const authority = found?.[1] ?? /^\s?https?:([^/\\?#\s]{1,255})/.exec(lower)?.[1]
  if (authority === undefined) return undefined
  const behind = authority.slice(authority.lastIndexOf('@') + 1).split('#', 1)[0]!
  return behind.startsWith('[')
    ? behind.slice(0, behind.indexOf(']') + 1)
    : behind.replace(/[:\s].*$/, '').replace(/\.$/, '')
}

function judgeHost(host: string): readonly [rule: string, confidence: number] | undefined {
  if (host.startsWith('[')) {
    if (
      /^\[(?:::1?|0{0,4}(?::0{0,4}){2,7}1?|::ffff:[\da-f.:]{3,20}|f[cd][\da-f:]{2,40}|fe80:[\da-f:%\w]{2,40})\]$/.test(
        host,
      )
    )
      return ['loopback', 0.9]
    return ['numeric-host', 0.4]
  }
  if (ownName.test(host)) return ['own-name', 0.85]
  const read = addressOf(host)
  if (read === undefined) return undefined
  const { address, plain } = read
  if (within(address, 0x7f000000, 8) || within(address, 0, 8)) return ['loopback', 0.9]
  if (within(address, 0xa9fe0000, 16) || within(address, 0xc00000c0, 32)) return ['metadata-service', 0.9]
  if (!plain) return ['numeric-host', 0.85]
  if (
    within(address, 0x0a000000, 8) ||
    within(address, 0xac100000, 12) ||
    within(address, 0xc0a80000, 16) ||
    within(address, 0x64400000, 10)
  )
    return ['private-host', 0.4]
  return undefined
}

function inspect(_value: string, lower: string): PayloadHit | undefined {
  const strong = firstMatch(kind, rules, lower)
  if (strong !== undefined) return strong
  const host = hostOf(lower)
  const judged = host === undefined ? undefined : judgeHost(host)
  if (judged !== undefined) return { kind, rule: judged[0], confidence: judged[1] }
  // Readers of addresses differ over which host these name.
  if (/^\s?https?:\/\/[^\s/@]{1,128}(?:\s&?|[\\#?]|%23|%40)@?[^\s/]{0,128}@[^\s]{1,128}/.test(lower))
    return { kind, rule: 'two-hosts', confidence: 0.8 }
  const bare = /^\s?([\w.-]{5,160})(?::\d{1,5})?\/[^\s]*$/.exec(lower)?.[1]
  return bare !== undefined && ownName.test(bare) ? { kind, rule: 'own-name', confidence: 0.75 } : undefined
}

export const serverSideRequest: PayloadGrammar = {
  kind,
  triggers: [
    '://',
    '169.254',
    'metadata',
    '100.100.100.200',
    'fd00:ec2',
    'http:',
    'https:',
    '0xa9fe',
    '2852039166',
    '.oast',
    'burpcollab',
    'interact.sh',
    'oastify',
    'requestbin',
    'dnslog',
    'bxss',
    'localhost',
    'loopback',
    '.internal',
    '.cluster.local',
    '.svc',
    'localtest',
    'jar:',
    'url:',
    'file:/',
    'lvh.me',
    '.io',
    '-data',
  ],
  inspect,
  examples: {
    hits: [
      'http://169.254.169.254/latest/meta-data/',
      'http://localhost:8080/admin',
      'gopher://127.0.0.1:6379/_x',
      'http://[::1]/',
      'http://2130706433/',
      'http://x.burpcollaborator.net',
      'http://127.1/',
      'http://0x7f.0x0.0x0.0x1/',
      'http://shop.example@127.0.0.1/',
      'http://orders.shop.svc.cluster.local/',
      'localhost/admin',
      'http://10.0.0.5.nip.io/',
      'jar:file:/opt/app/app.jar!/secrets.properties',
      'url:file:///srv/keys',
      'local_file:///srv/keys',
    ],
    misses: [
      'https://example.com/x',
      'http://localhostess.example/',
      'see http://example.com/?n=10.0.0.1',
      '10.0.0.1',
      'https://api.shop.example:8443/v1',
      'mailto:a@example.com',
      'https://203.0.113.7/x',
      'we met at the localhost/remote panel',
      'github.io/docs',
      'url:https://example.com/x',
      'at x (jar:file:/opt/app/app.jar!/BOOT-INF)',
      'a jar: full of sweets',
    ],
  },
}
