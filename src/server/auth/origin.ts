import { SallyportError } from '../../kit/error.ts'

type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'] as const

/** The host of a `Host` header or an authority, lower case, without the port. */
function hostName(authority: string): string | undefined {
  const match = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::\d{1,5})?$/i.exec(authority)
  return match?.[1]?.toLowerCase()
}

/** The names under which this server may be called: any other `Host` is a page elsewhere that rebound its DNS name. */
export class AllowedHosts {
  readonly #names: ReadonlySet<string>

  constructor(names: readonly string[]) {
    this.#names = new Set([...loopbackNames, ...names.map(name => name.toLowerCase())])
  }

  /** @throws SallyportError `auth/forbidden` for a name that is not allowed. */
  check(host: string | undefined): void {
    const name = hostName(host ?? '')
    if (name !== undefined && this.#names.has(name)) return
    throw new SallyportError('auth/forbidden', 'This server is not known under that name.', {
      where: 'Host',
      mend: 'Call it by localhost, or add the name to server.allowedHosts.',
    })
  }
}

/**
 * Holds a change that a cookie authorises to our own pages: browsers say where a request comes from in Sec-Fetch-Site
 * and Origin (Fetch Standard), and pages elsewhere cannot forge either. Where `strict`, saying neither is refused too.
 * @throws SallyportError `auth/forbidden`.
 */
export function checkSameOrigin(headers: RequestHeaders, strict: boolean): void {
  const site = headers['sec-fetch-site']
  const origin = headers.origin
  if (site === undefined && origin === undefined && !strict) return
  const sameSite = site === undefined || site === 'same-origin'
  const sameOrigin = origin === undefined || site === 'same-origin' || isOwn(origin, headers.host)
  if (sameSite && sameOrigin && (site !== undefined || origin !== undefined)) return
  throw new SallyportError('auth/forbidden', 'A change must come from the console itself.', {
    where: 'Origin',
    mend: 'Use the console, or send an API token as a bearer token instead of the cookie.',
  })
}

function isOwn(origin: string | readonly string[], host: string | readonly string[] | undefined): boolean {
  if (typeof origin !== 'string' || typeof host !== 'string' || !URL.canParse(origin)) return false
  const { protocol, host: from } = new URL(origin)
  // Parsed alike, so that a default port written out is the same as none.
  const here = `${protocol}//${host}`
  return URL.canParse(here) && new URL(here).host === from && from !== ''
}
