/** What a header means for a gateway, told once per name: see `headerName`. */
export interface HeaderName {
  /** As it was spelled. */
  readonly spelling: string
  /** In lower case. */
  readonly lower: string
  /** In lower case, with `-` for `_`: some servers read them alike, so rules hold both spellings to one. */
  readonly plain: string
  /** Speaks about one connection only (RFC 9110 §7.6.1), or its work is the gateway's own. */
  readonly hop: boolean
  /** Written anew, or never taken from outside. */
  readonly own: boolean
  /** By which a client could pass itself off as somebody else, or a request as another one. */
  readonly spoofable: boolean
  /** `Connection` cannot take it away: without it the upstream would read another request than was decided on. */
  readonly protected: boolean
  /** Read by the gateway itself. */
  readonly special: boolean
}

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])
const forwarded = new Set(['forwarded', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host'])
const ownPrefix = 'x-sallyport-'

/** Who a proxy in front says the client is: of any other peer nobody has checked it. */
export const vouching = 'x-forwarded-client-cert'
const spoofable = new Set([
  vouching,
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-originating-ip',
  'x-remote-ip',
  'x-remote-addr',
  'true-client-ip',
  'cf-connecting-ip',
  'fastly-client-ip',
  'x-forwarded-port',
  'x-forwarded-server',
  'x-forwarded-prefix',
  'x-forwarded-scheme',
  'x-forwarded-ssl',
  'x-original-url',
  'x-original-host',
  'x-rewrite-url',
])
const protectedNames = new Set(['host', 'content-length', 'content-type', 'authorization', 'cookie'])
const special = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'expect',
  'connection',
  'upgrade',
  'te',
  'date',
  'trailer',
  vouching,
])

/** Fields that must not come as trailers (RFC 9110 §6.5.1): they would change how the message was read. */
const notAsTrailer = new Set([
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'content-range',
  'trailer',
  'authorization',
  'cookie',
  'set-cookie',
  'cache-control',
  'expect',
  'max-forwards',
])

/** Whether a field may stand in a trailer section that is passed on. */
export const mayTrail = ({ plain, hop, own, spoofable }: HeaderName): boolean =>
  !hop && !own && !spoofable && !notAsTrailer.has(plain) && !hopByHop.has(plain)

/** Names are few and come with every message: what is known of one is kept. At the bound all are forgotten, and learned again. */
const maxKnown = 1_024
const maxKnownLength = 64
const known = new Map<string, HeaderName>()

/** Undefined for what is no token (RFC 9110 §5.6.2). */
export function headerName(spelling: string): HeaderName | undefined {
  const found = known.get(spelling)
  if (found !== undefined) return found
  if (!isToken(spelling)) return undefined
  // A copy: a part of a message's text would keep the whole of it.
  const name = describe(Buffer.from(spelling, 'latin1').toString('latin1'))
  if (spelling.length <= maxKnownLength) {
    if (known.size >= maxKnown) known.clear()
    known.set(name.spelling, name)
  }
  return name
}

function describe(spelling: string): HeaderName {
  const lower = spelling.toLowerCase()
  const plain = lower.replaceAll('_', '-')
  return {
    spelling,
    lower,
    plain,
    hop: hopByHop.has(lower),
    own: forwarded.has(plain) || plain.startsWith(ownPrefix),
    spoofable: spoofable.has(plain),
    protected: protectedNames.has(lower),
    special: special.has(plain),
  }
}

const tokenCharacters = new Uint8Array(256)
for (const character of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
  tokenCharacters[character.charCodeAt(0)] = 1
}

function isToken(name: string): boolean {
  for (let index = 0; index < name.length; index += 1) {
    if (tokenCharacters[name.charCodeAt(index)] !== 1) return false
  }
  return name.length > 0
}
