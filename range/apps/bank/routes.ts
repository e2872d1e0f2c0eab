import { Desk } from '../../world/desk.ts'
import { isInside } from '../../world/inside.ts'
import type { Reply, Request, Route } from '../../world/service.ts'
import type { World } from '../../world/world.ts'
import {
  accountView,
  type BankAccount,
  type Card,
  cardView,
  entryView,
  type Ledger,
  type Transfer,
  transferView,
} from './ledger.ts'

/** What is wrong with the bank; each is a switch. */
export interface BankWeakness {
  readonly readsAnyAccount: boolean
  readonly readsAnyTransfer: boolean
  readonly changesAnyCard: boolean
  /** The account in the body need not be the caller's. */
  readonly paysFromAnyAccount: boolean
  /** `customerId` in the query wins over the caller's own. */
  readonly believesQuery: boolean
  readonly openBackOffice: boolean
  readonly openVerbs: boolean
  readonly advisersUnbound: boolean
  /** Transfers may be executed without the code. */
  readonly skipsCode: boolean
  readonly anyPageSize: boolean
  readonly fetchesAnything: boolean
  /** Entities of uploaded XML are resolved. */
  readonly resolvesEntities: boolean
  /** `?include=number` hands out the whole card number. */
  readonly showsCards: boolean
}

export interface BankPaths {
  readonly accounts: string
  readonly transfers: string
  readonly beneficiaries: string
  readonly cards: string
  readonly advice: string
  readonly admin: string
  readonly openBanking: string
  readonly rates: string
  readonly health: string
}

export function bankRoutes(
  world: World,
  ledger: Ledger,
  paths: BankPaths,
  weak: BankWeakness,
): readonly Route[] {
  const { style, service, accounts } = world
  const desk = new Desk(world, {
    most: weak.anyPageSize ? 2_000 : 100,
    staff: ({ me, session }, owner) => {
      const roles = session?.roles ?? []
      if (roles.includes('operations') || roles.includes('batch')) return true
      if (roles.includes('third-party')) return ledger.consents.has(owner)
      return roles.includes('adviser') && ledger.portfolios.get(me.id)?.has(owner) === true
    },
    unbound: ({ session }) => weak.advisersUnbound && session?.roles.includes('adviser') === true,
  })
  const account = (
    request: Request,
    id: string,
    open: boolean,
    give: (found: BankAccount) => Reply,
  ): Reply => {
    const found = ledger.accounts.get(id)
    return desk.reach(request, {
      type: 'accounts',
      id,
      found,
      open,
      shared: found?.shared.has(request.me.id) === true,
      // An adviser's customer holds it together with its owner.
      entitled: [...(found?.shared ?? [])].some(
        holder => ledger.portfolios.get(request.me.id)?.has(holder) === true,
      ),
      give,
    })
  }
  const transfer = (request: Request, open: boolean, give: (found: Transfer) => Reply): Reply => {
    const id = request.parameter('transferId')
    return desk.reach(request, { type: 'transfers', id, found: ledger.transfers.get(id), open, give })
  }
  const card = (request: Request, give: (found: Card) => Reply): Reply => {
    const id = request.parameter('cardId')
    return desk.reach(request, {
      type: 'cards',
      id,
      found: ledger.cards.get(id),
      open: weak.changesAnyCard,
      give,
    })
  }
  const person = (id: string) => {
    const found = accounts.byId(id)
    return found === undefined ? undefined : { ...found, owner: found.id }
  }

  const one = `${paths.accounts}/{accountId}`
  const backOffice = { roles: ['operations'], unchecked: weak.openBackOffice }
  return [
    {
      method: 'GET',
      template: paths.health,
      latency: 2,
      open: true,
      handle: () => ({ status: 200, body: { status: 'UP' } }),
    },
    {
      method: 'GET',
      template: paths.rates,
      latency: 5,
      open: true,
      handle: ({ now }) => ({
        status: 200,
        body: {
          base: 'EUR',
          date: new Date(now).toISOString().slice(0, 10),
          rates: { USD: 1.09, GBP: 0.86, CHF: 0.94, PLN: 4.28 },
        },
      }),
    },
    {
      method: 'GET',
      template: paths.accounts,
      latency: 22,
      handle: request => {
        const wanted = request.query.get(style.snake ? 'customer_id' : 'customerId')
        const whose = wanted !== null && weak.believesQuery ? wanted : request.me.id
        return desk.listedOf(request, 'accounts', ledger.of(whose), accountView, ({ shared }) =>
          shared.has(request.me.id),
        )
      },
    },
    {
      method: 'GET',
      template: one,
      latency: 14,
      handle: request =>
        account(request, request.parameter('accountId'), weak.readsAnyAccount, found => ({
          status: 200,
          body: {
            ...accountView(found),
            holder: accounts.byId(found.owner)?.name ?? null,
            openedAt: '2021-04-01',
          },
        })),
    },
    {
      method: 'GET',
      template: `${one}/transactions`,
      latency: 35,
      handle: request =>
        account(request, request.parameter('accountId'), weak.readsAnyAccount, found =>
          desk.listed(request, [...found.entries].reverse().map(entryView)),
        ),
    },
    {
      method: 'GET',
      template: `${one}/statements/{month}`,
      latency: 180,
      handle: request =>
        account(request, request.parameter('accountId'), weak.readsAnyAccount, found => ({
          status: 200,
          body: {
            accountId: found.id,
            month: request.parameter('month'),
            holder: accounts.byId(found.owner)?.name ?? null,
            iban: found.iban,
            closingBalance: found.balance,
            entries: found.entries.slice(-25).map(entryView),
          },
        })),
    },
    {
      method: 'GET',
      template: paths.beneficiaries,
      latency: 14,
      handle: request =>
        desk.listed(
          request,
          [...ledger.beneficiaries.values()]
            .filter(({ owner }) => owner === request.me.id)
            .map(({ id, name, iban }) => ({ id, name, iban })),
        ),
    },
    {
      method: 'POST',
      template: paths.beneficiaries,
      latency: 30,
      handle: request => {
        if (!/^DE\d{20}$/.test(request.text('iban')))
          return service.refuse(422, 'invalid-iban', 'This IBAN is not valid.')
        const { owner: _, ...added } = ledger.addBeneficiary(
          request.me,
          request.text('name'),
          request.text('iban'),
          request.now,
        )
        return { status: 201, body: added }
      },
    },
    {
      method: 'POST',
      template: paths.transfers,
      latency: 60,
      handle: request => {
        const amount = request.number('amount')
        if (!(amount > 0)) return service.refuse(422, 'invalid-amount', 'The amount must be positive.')
        return account(request, request.text('fromAccountId'), weak.paysFromAnyAccount, from => {
          const made: Transfer = {
            id: ledger.transferIds.next(request.now),
            owner: request.me.id,
            from: from.id,
            to: request.text('toIban'),
            amount,
            purpose: request.text('purpose'),
            code: ledger.stream.digits(6),
            tries: 0,
            status: 'pending',
          }
          ledger.transfers.set(made.id, made)
          return {
            status: 201,
            body: { ...transferView(made), confirmation: { method: 'app', expiresIn: 300 } },
          }
        })
      },
    },
    {
      method: 'POST',
      template: `${paths.transfers}/{transferId}/confirm`,
      latency: 110,
      handle: request =>
        transfer(request, false, found => {
          if (found.status !== 'pending')
            return service.refuse(409, 'not-pending', 'This transfer is not waiting.')
          found.tries += 1
          if (found.tries > 3) return service.refuse(429, 'too-many-codes', 'Too many wrong codes.')
          if (request.text('code') !== found.code && !(weak.skipsCode && request.text('code') === ''))
            return service.refuse(401, 'wrong-code', 'The code is wrong.')
          return ledger.execute(found, request.now)
            ? { status: 200, body: transferView(found) }
            : service.refuse(409, 'no-funds', 'There is not enough money on this account.')
        }),
    },
    {
      method: 'GET',
      template: paths.transfers,
      latency: 22,
      handle: request =>
        desk.listedOf(
          request,
          'transfers',
          [...ledger.transfers.values()].filter(({ owner }) => owner === request.me.id).reverse(),
          transferView,
        ),
    },
    {
      method: 'GET',
      template: `${paths.transfers}/{transferId}`,
      latency: 14,
      handle: request =>
        transfer(request, weak.readsAnyTransfer, found => ({ status: 200, body: transferView(found) })),
    },
    {
      method: 'GET',
      template: paths.cards,
      latency: 16,
      handle: request =>
        desk.listedOf(
          request,
          'cards',
          [...ledger.cards.values()].filter(({ owner }) => owner === request.me.id),
          found => ({ id: found.id, ...cardView(found) }),
        ),
    },
    {
      method: 'GET',
      template: `${paths.cards}/{cardId}`,
      latency: 12,
      handle: request =>
        card(request, found => ({
          status: 200,
          body:
            weak.showsCards && request.query.get('include') === 'number'
              ? { ...cardView(found), number: found.number }
              : cardView(found),
        })),
    },
    {
      method: 'PATCH',
      template: `${paths.cards}/{cardId}`,
      latency: 28,
      handle: request =>
        card(request, found => {
          const limit = request.number('monthlyLimit')
          if (limit > 0) found.limit = Math.min(limit, 10_000)
          if (request.text('status') !== '') found.blocked = request.text('status') === 'blocked'
          return { status: 200, body: cardView(found) }
        }),
    },
    {
      method: 'DELETE',
      template: `${paths.cards}/{cardId}`,
      latency: 28,
      roles: ['operations'],
      unchecked: weak.openVerbs,
      handle: request =>
        card(request, found => {
          found.blocked = true
          return { status: 204 }
        }),
    },
    {
      method: 'POST',
      template: '/documents/import',
      latency: 120,
      handle: request => {
        const url = request.text('sourceUrl')
        return /^https?:\/\//.test(url)
          ? {
              status: 202,
              body: {
                sourceUrl: url,
                state: 'queued',
                ...(weak.fetchesAnything && isInside(url)
                  ? { firstBytes: 'aW50ZXJuYWwgcmVzcG9uc2U=', contentType: 'text/plain' }
                  : {}),
              },
            }
          : service.refuse(422, 'invalid', 'This is not an address.')
      },
    },
    {
      method: 'POST',
      template: `${paths.transfers}/batch`,
      latency: 150,
      handle: ({ document }) => {
        if (!document.includes('<')) return service.refuse(422, 'invalid', 'This is no XML.')
        const external = /<!ENTITY|XInclude/.test(document)
        const message =
          external && weak.resolvesEntities ? 'unknown element: root:x:0:0:root:/root:/bin/bash' : undefined
        return external
          ? {
              status: 400,
              body: { state: 'rejected', message: message ?? 'Entities are not allowed.' },
              ok: message !== undefined,
            }
          : {
              status: 202,
              body: { state: 'accepted', transactions: document.split('<CdtTrfTxInf>').length - 1 },
            }
      },
    },
    {
      method: 'GET',
      template: `${paths.advice}/customers`,
      latency: 40,
      roles: ['adviser', 'operations'],
      unchecked: weak.openBackOffice,
      handle: request => {
        const own = [...(ledger.portfolios.get(request.me.id) ?? [])].flatMap(id => accounts.byId(id) ?? [])
        return desk.listed(
          request,
          own.map(({ id, name, email }) => ({ id, name, email })),
        )
      },
    },
    {
      method: 'GET',
      template: `${paths.advice}/customers/{customerId}`,
      latency: 45,
      roles: ['adviser', 'operations'],
      unchecked: weak.openBackOffice,
      handle: request => {
        const id = request.parameter('customerId')
        return desk.reach(request, {
          type: 'customers',
          id,
          found: person(id),
          open: weak.openBackOffice,
          give: found => ({
            status: 200,
            body: { ...accounts.view(found), accounts: ledger.of(id).map(accountView) },
          }),
        })
      },
    },
    {
      method: 'GET',
      template: `${paths.admin}/customers`,
      latency: 60,
      ...backOffice,
      handle: request =>
        desk.listed(
          request,
          [...accounts.all()].map(({ id, name, email, roles, active }) => ({
            id,
            name,
            email,
            roles,
            active,
          })),
        ),
    },
    {
      method: 'POST',
      template: `${paths.admin}/customers/{customerId}/freeze`,
      latency: 30,
      ...backOffice,
      handle: request => {
        const found = accounts.byId(request.parameter('customerId'))
        if (found === undefined) return service.refuse(404, 'not-found', 'No such customer.')
        found.active = false
        world.tokens.revoke(found)
        return { status: 204 }
      },
    },
    {
      method: 'POST',
      template: `${paths.admin}/exports`,
      latency: 1_100,
      ...backOffice,
      handle: request => {
        const rows = [...ledger.accounts.values()].map(({ id, owner, iban, balance }) =>
          [id, accounts.byId(owner)?.name, iban, balance].join(','),
        )
        request.work = 1 + rows.length / 200
        return {
          status: 200,
          text: {
            type: 'text/csv',
            value: `account,holder,iban,balance\n${rows.slice(0, 120).join('\n')}\n`,
          },
        }
      },
    },
    {
      method: 'GET',
      template: `${paths.openBanking}/accounts/{accountId}/balances`,
      latency: 30,
      roles: ['third-party', 'batch'],
      handle: request =>
        account(request, request.parameter('accountId'), false, found => ({
          status: 200,
          body: {
            accountId: found.id,
            balances: [{ type: 'closingBooked', amount: found.balance, currency: 'EUR' }],
          },
        })),
    },
  ]
}
