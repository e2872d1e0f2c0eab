import { hour, minute } from './calendar.ts'
import type { Json, JsonObject } from './http.ts'
import type { Reply, Request, Service } from './service.ts'
import type { Stream } from './stream.ts'
import { Ids, type Style } from './style.ts'
import type { Issued } from './tokens.ts'

export interface Account {
  readonly id: string
  email: string
  name: string
  password: string
  roles: string[]
  tenant: string | undefined
  readonly scope: readonly string[]
  /** A program's account, not a person's. */
  readonly service: boolean
  active: boolean
  readonly created: number
  phone: string
  /** Asked for a one-time code at each login. */
  secondFactor: boolean
  failures: number
  lockedUntil: number
  /** Fields of the application's own, shown at `/me`. */
  readonly extra: Record<string, Json>
}

/** Weaknesses of signing in; each is a switch of the application. */
export interface AccountWeakness {
  /** Login, registration or the forgotten password tell whether an account exists. */
  readonly tellsWhoExists: boolean
  /** No lock after failures. */
  readonly neverLocks: boolean
  /** A one-time code may be tried as often as one likes. */
  readonly endlessCodes: boolean
  /** The code that resets a password has six digits. */
  readonly shortResets: boolean
  /** `PATCH /me` takes any field, roles too. */
  readonly takesAnyField: boolean
}

interface Challenge {
  readonly account: Account
  readonly code: string
  readonly until: number
  tries: number
}

/** The accounts of an application and the endpoints for signing in that all applications have. */
export class Accounts {
  readonly ids: Ids
  readonly weakness: AccountWeakness
  readonly paths: {
    readonly login: string
    readonly register: string
    readonly logout: string
    readonly refresh: string
    readonly code: string
    readonly forgot: string
    readonly reset: string
    readonly me: string
    readonly password: string
  }
  readonly loginName: 'email' | 'username'
  readonly #style: Style
  readonly #stream: Stream
  readonly #byId = new Map<string, Account>()
  readonly #byEmail = new Map<string, Account>()
  readonly #challenges = new Map<string, Challenge>()
  readonly #resets = new Map<string, { account: Account; until: number }>()
  /** Codes and reset links as they arrive at their owner's phone and mail, by e-mail address. */
  readonly inbox = new Map<string, { code?: string; challenge?: string; reset?: string }>()

  constructor(style: Style, stream: Stream, weakness: AccountWeakness) {
    this.#style = style
    this.#stream = stream.fork('accounts')
    this.weakness = weakness
    this.ids = new Ids(this.#stream, style.idStyle('users'), 'usr')
    this.loginName = style.choose('login-name', ['email', 'email', 'username'])
    const base = style.choose('auth-base', ['/auth', '/account', '/identity'])
    const me = style.choose('me', ['/me', '/profile', '/users/me'])
    this.paths = {
      login: `${base}/${style.noun('login', 'signin', 'sessions', 'token')}`,
      register: `${base}/${style.noun('register', 'signup')}`,
      logout: `${base}/${style.noun('logout', 'signout')}`,
      refresh: `${base}/refresh`,
      code: `${base}/${style.noun('otp', 'mfa/verify', '2fa')}`,
      forgot: `${base}/${style.noun('forgot-password', 'password-reset', 'recover')}`,
      reset: `${base}/${style.noun('reset-password', 'password-reset/confirm')}`,
      me,
      password: `${me}/password`,
    }
  }

  create(
    facts: { email: string; name: string; password: string; phone: string } & Partial<
      Pick<Account, 'roles' | 'tenant' | 'scope' | 'service' | 'secondFactor' | 'extra'>
    >,
    now: number,
  ): Account {
    const account: Account = {
      id: this.ids.next(now),
      email: facts.email,
      name: facts.name,
      password: facts.password,
      roles: [...(facts.roles ?? ['customer'])],
      tenant: facts.tenant,
      scope: facts.scope ?? [],
      service: facts.service ?? false,
      active: true,
      created: now,
      phone: facts.phone,
      secondFactor: facts.secondFactor ?? false,
      failures: 0,
      lockedUntil: 0,
      extra: { ...facts.extra },
    }
    this.#byId.set(account.id, account)
    this.#byEmail.set(account.email, account)
    return account
  }

  byId(id: string): Account | undefined {
    return this.#byId.get(id)
  }

  byEmail(email: string): Account | undefined {
    return this.#byEmail.get(email)
  }

  all(): Iterable<Account> {
    return this.#byId.values()
  }

  /** What the application shows of an account to itself. */
  view(account: Account): JsonObject {
    const { id, email, name, phone, roles, tenant, secondFactor, created, extra } = account
    return {
      id,
      email,
      name,
      phone,
      roles,
      ...(tenant === undefined ? {} : { tenantId: tenant }),
      secondFactor,
      createdAt: new Date(created).toISOString(),
      ...extra,
    }
  }

  /** Adds the endpoints to the service. */
  mount(service: Service): void {
    const { paths } = this
    const open = true
    service.route(
      {
        method: 'POST',
        template: paths.login,
        latency: 90,
        open,
        handle: request => this.#login(service, request),
      },
      {
        method: 'POST',
        template: paths.register,
        latency: 120,
        open,
        handle: request => this.#register(service, request),
      },
      {
        method: 'POST',
        template: paths.code,
        latency: 40,
        open,
        handle: request => this.#code(service, request),
      },
      {
        method: 'POST',
        template: paths.refresh,
        latency: 15,
        open,
        handle: request => this.#refresh(service, request),
      },
      {
        method: 'POST',
        template: paths.forgot,
        latency: 60,
        open,
        handle: request => this.#forgot(service, request),
      },
      {
        method: 'POST',
        template: paths.reset,
        latency: 80,
        open,
        handle: request => this.#reset(service, request),
      },
      {
        method: 'POST',
        template: paths.logout,
        latency: 8,
        handle: ({ session }) => {
          if (session !== undefined) service.tokens.logout(session.session)
          return { status: 204 }
        },
      },
      {
        method: 'GET',
        template: paths.me,
        latency: 12,
        handle: ({ me }) => ({ status: 200, body: this.view(me) }),
      },
      { method: 'PATCH', template: paths.me, latency: 20, handle: request => this.#change(service, request) },
      {
        method: 'POST',
        template: paths.password,
        latency: 90,
        handle: request => {
          if (request.text('currentPassword') !== request.me.password)
            return service.refuse(400, 'wrong-password', 'The current password is wrong.')
          request.me.password = request.text('newPassword')
          service.tokens.revoke(request.me, request.session?.session)
          return { status: 204 }
        },
      },
    )
  }

  #login(service: Service, request: Request): Reply {
    const account = this.#byEmail.get(request.text(this.loginName))
    const wrong = (message: string): Reply => service.refuse(401, 'invalid-credentials', message)
    if (account === undefined || !account.active)
      return wrong(
        this.weakness.tellsWhoExists ? 'There is no such account.' : 'E-mail address or password are wrong.',
      )
    if (account.lockedUntil > request.now)
      return service.refuse(423, 'locked', 'Too many failures. Try again later.')
    if (request.text('password') !== account.password) {
      account.failures += 1
      if (!this.weakness.neverLocks && account.failures >= 10) {
        account.failures = 0
        account.lockedUntil = request.now + 15 * minute
      }
      return wrong(
        this.weakness.tellsWhoExists ? 'The password is wrong.' : 'E-mail address or password are wrong.',
      )
    }
    account.failures = 0
    if (!account.secondFactor) return this.#welcome(service, account, request.now)
    const challenge = this.#stream.hex(24)
    const code = this.#stream.digits(this.weakness.endlessCodes ? 4 : 6)
    this.#challenges.set(challenge, { account, code, until: request.now + 10 * minute, tries: 0 })
    this.inbox.set(account.email, { code, challenge })
    return { status: 200, body: { challengeId: challenge, method: 'sms', expiresIn: 600 } }
  }

  #code(service: Service, request: Request): Reply {
    const challenge = this.#challenges.get(request.text('challengeId'))
    if (challenge === undefined || challenge.until < request.now)
      return service.refuse(410, 'challenge-expired', 'Sign in again.')
    challenge.tries += 1
    if (challenge.tries > 5 && !this.weakness.endlessCodes)
      return service.refuse(429, 'too-many-codes', 'Too many wrong codes.')
    if (request.text('code') !== challenge.code)
      return service.refuse(401, 'wrong-code', 'The code is wrong.')
    this.#challenges.delete(request.text('challengeId'))
    return this.#welcome(service, challenge.account, request.now)
  }

  #register(service: Service, request: Request): Reply {
    const email = request.text(this.loginName)
    if (!email.includes('@') || request.text('password').length < 6)
      return service.refuse(422, 'invalid', 'An e-mail address and a password of six letters are needed.')
    if (this.#byEmail.has(email))
      return this.weakness.tellsWhoExists
        ? service.refuse(409, 'taken', 'This e-mail address is taken.')
        : { status: 202, body: { message: 'Check your mail.' }, ok: false }
    const account = this.create(
      { email, name: request.text('name'), password: request.text('password'), phone: request.text('phone') },
      request.now,
    )
    this.onRegister?.(account, request)
    return this.#welcome(service, account, request.now, 201)
  }

  /** What else an application does for a new account. */
  onRegister: ((account: Account, request: Request) => void) | undefined

  #welcome(service: Service, account: Account, now: number, status = 200): Reply {
    const issued = service.tokens.issue(account, now)
    return this.#hand(issued, status)
  }

  #hand(issued: Issued, status: number): Reply {
    const user = { id: issued.account.id, name: issued.account.name, roles: issued.account.roles }
    if (this.#style.token === 'cookie')
      return {
        status,
        body: { user },
        headers: [
          ['set-cookie', `${this.#style.cookie}=${issued.value}; Path=/; HttpOnly; Secure; SameSite=Lax`],
        ],
      }
    return {
      status,
      body: {
        accessToken: issued.value,
        tokenType: 'Bearer',
        expiresIn: Math.round((issued.expires - issued.issued) / 1_000),
        refreshToken: issued.refresh,
        user,
      },
    }
  }

  #refresh(service: Service, request: Request): Reply {
    const issued = service.tokens.refresh(request.text('refreshToken'), request.now)
    return issued === undefined
      ? service.refuse(401, 'invalid-refresh', 'Sign in again.')
      : this.#hand(issued, 200)
  }

  #forgot(service: Service, request: Request): Reply {
    const account = this.#byEmail.get(request.text(this.loginName))
    if (account === undefined)
      return this.weakness.tellsWhoExists
        ? service.refuse(404, 'unknown', 'There is no account with this address.')
        : { status: 202, body: { message: 'If there is such an account, a mail is on its way.' }, ok: false }
    const reset = this.weakness.shortResets ? this.#stream.digits(6) : this.#stream.token(32)
    this.#resets.set(reset, { account, until: request.now + 2 * hour })
    this.inbox.set(account.email, { ...this.inbox.get(account.email), reset })
    return { status: 202, body: { message: 'If there is such an account, a mail is on its way.' } }
  }

  #reset(service: Service, request: Request): Reply {
    const found = this.#resets.get(request.text('token'))
    if (found === undefined || found.until < request.now)
      return service.refuse(400, 'invalid-token', 'This link is not valid.')
    this.#resets.delete(request.text('token'))
    found.account.password = request.text('password')
    found.account.lockedUntil = 0
    service.tokens.revoke(found.account)
    return { status: 204 }
  }

  #change(service: Service, request: Request): Reply {
    const { me, body } = request
    for (const [name, value] of Object.entries(body)) {
      if (name === 'name' && typeof value === 'string') me.name = value
      else if (name === 'phone' && typeof value === 'string') me.phone = value
      else if (name === 'email' && typeof value === 'string') {
        if (this.#byEmail.has(value)) return service.refuse(409, 'taken', 'This e-mail address is taken.')
        this.#byEmail.delete(me.email)
        me.email = value
        this.#byEmail.set(value, me)
      } else if (this.weakness.takesAnyField && name === 'roles' && Array.isArray(value))
        me.roles = value.map(String)
      else if (this.weakness.takesAnyField && name in me.extra && value !== undefined) me.extra[name] = value
    }
    return { status: 200, body: this.view(me) }
  }
}
