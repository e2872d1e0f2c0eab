import type { Account } from '../../world/accounts.ts'
import { day } from '../../world/calendar.ts'
import type { JsonObject } from '../../world/http.ts'
import { cardNumber, familyName, givenName, iban, word } from '../../world/names.ts'
import type { Stream } from '../../world/stream.ts'
import { Ids } from '../../world/style.ts'
import type { World } from '../../world/world.ts'

export interface BankAccount {
  readonly id: string
  readonly owner: string
  readonly iban: string
  readonly kind: 'current' | 'savings' | 'business'
  balance: number
  /** People who hold it together with its owner, or act for them. */
  readonly shared: Set<string>
  readonly entries: Entry[]
}

export interface Entry {
  readonly id: string
  readonly time: number
  readonly amount: number
  readonly party: string
  readonly partyIban: string
  readonly purpose: string
}

export interface Beneficiary {
  readonly id: string
  readonly owner: string
  readonly name: string
  readonly iban: string
}

export interface Transfer {
  readonly id: string
  readonly owner: string
  readonly from: string
  readonly to: string
  readonly amount: number
  readonly purpose: string
  readonly code: string
  tries: number
  status: 'pending' | 'executed' | 'rejected'
}

export interface Card {
  readonly id: string
  readonly owner: string
  readonly number: string
  readonly expiry: string
  limit: number
  blocked: boolean
}

/** Everything the bank knows. */
export class Ledger {
  readonly stream: Stream
  readonly accounts = new Map<string, BankAccount>()
  readonly byIban = new Map<string, BankAccount>()
  readonly beneficiaries = new Map<string, Beneficiary>()
  readonly transfers = new Map<string, Transfer>()
  readonly cards = new Map<string, Card>()
  /** Adviser → the customers who are theirs. */
  readonly portfolios = new Map<string, Set<string>>()
  /** Customers who let a third party read their accounts. */
  readonly consents = new Set<string>()
  readonly accountIds: Ids
  readonly transferIds: Ids
  readonly cardIds: Ids
  readonly beneficiaryIds: Ids
  readonly #entryIds: Ids
  readonly #world: World

  constructor(world: World) {
    this.#world = world
    this.stream = world.stream.fork('ledger')
    const ids = (type: string, prefix: string): Ids => new Ids(this.stream, world.style.idStyle(type), prefix)
    this.accountIds = ids('accounts', 'acc')
    this.transferIds = ids('transfers', 'tr')
    this.cardIds = ids('cards', 'card')
    this.beneficiaryIds = ids('beneficiaries', 'ben')
    this.#entryIds = ids('entries', 'txn')
  }

  open(account: Account, kind: BankAccount['kind'], stream: Stream, now: number): BankAccount {
    const opened: BankAccount = {
      id: this.accountIds.next(now),
      owner: account.id,
      iban: iban(stream),
      kind,
      balance: Math.round(stream.about(kind === 'business' ? 30_000 : 2_500, 0.8) * 100) / 100,
      shared: new Set(),
      entries: [],
    }
    this.accounts.set(opened.id, opened)
    this.byIban.set(opened.iban, opened)
    for (let count = stream.poisson(30); count > 0; count -= 1)
      this.book(
        opened,
        -Math.round(stream.about(35, 0.9) * 100) / 100,
        `${word(stream)} ${word(stream)} GmbH`,
        iban(stream),
        stream,
        now - stream.int(0, 90) * day,
      )
    opened.entries.sort((a, b) => a.time - b.time)
    return opened
  }

  /** What a customer has from the start. */
  furnish(account: Account, stream: Stream, now: number): void {
    this.open(account, 'current', stream, now)
    if (stream.chance(0.45)) this.open(account, 'savings', stream, now)
    const id = this.cardIds.next(now)
    this.cards.set(id, {
      id,
      owner: account.id,
      number: cardNumber(stream),
      expiry: `0${stream.int(1, 9)}/${stream.int(27, 31)}`,
      limit: stream.pick([500, 1_000, 2_000]),
      blocked: false,
    })
    for (let count = stream.int(1, 5); count > 0; count -= 1)
      this.addBeneficiary(account, `${givenName(stream)} ${familyName(stream)}`, iban(stream), now)
  }

  addBeneficiary(account: Account, name: string, to: string, now: number): Beneficiary {
    const added = { id: this.beneficiaryIds.next(now), owner: account.id, name, iban: to }
    this.beneficiaries.set(added.id, added)
    return added
  }

  book(
    account: BankAccount,
    amount: number,
    party: string,
    partyIban: string,
    stream: Stream,
    now: number,
  ): void {
    account.balance = Math.round((account.balance + amount) * 100) / 100
    account.entries.push({
      id: this.#entryIds.next(now),
      time: now,
      amount,
      party,
      partyIban,
      purpose: `${word(stream)} ${stream.digits(6)}`,
    })
    if (account.entries.length > 200) account.entries.shift()
  }

  execute(transfer: Transfer, now: number): boolean {
    const from = this.accounts.get(transfer.from)
    if (from === undefined || from.balance < transfer.amount) {
      transfer.status = 'rejected'
      return false
    }
    transfer.status = 'executed'
    const stream = this.stream.fork('booking', transfer.id)
    this.book(from, -transfer.amount, 'transfer', transfer.to, stream, now)
    const to = this.byIban.get(transfer.to)
    if (to !== undefined)
      this.book(
        to,
        transfer.amount,
        this.#world.accounts.byId(from.owner)?.name ?? '',
        from.iban,
        stream,
        now,
      )
    return true
  }

  of(owner: string): readonly BankAccount[] {
    return [...this.accounts.values()].filter(account => account.owner === owner || account.shared.has(owner))
  }
}

export const accountView = ({
  id,
  owner,
  iban: number,
  kind,
  balance,
  shared,
}: BankAccount): JsonObject & { readonly id: string } => ({
  id,
  ownerId: owner,
  iban: number,
  bic: 'BANKDEFFXXX',
  type: kind,
  balance: { amount: balance, currency: 'EUR' },
  jointHolders: shared.size,
})

export const entryView = ({ id, time, amount, party, partyIban, purpose }: Entry): JsonObject => ({
  id,
  bookedAt: new Date(time).toISOString(),
  amount: { amount, currency: 'EUR' },
  counterparty: { name: party, iban: partyIban },
  purpose,
})

export const cardView = ({ id, number, expiry, limit, blocked }: Card): JsonObject => ({
  id,
  maskedNumber: `**** **** **** ${number.slice(-4)}`,
  scheme: 'visa',
  expiry,
  monthlyLimit: limit,
  status: blocked ? 'blocked' : 'active',
})

export const transferView = ({
  id,
  from,
  to,
  amount,
  purpose,
  status,
}: Transfer): JsonObject & { readonly id: string } => ({
  id,
  fromAccountId: from,
  toIban: to,
  amount: { amount, currency: 'EUR' },
  purpose,
  status,
})
