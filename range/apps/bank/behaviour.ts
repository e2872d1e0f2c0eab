import { minute } from '../../world/calendar.ts'
import { type Crowd, think, type Visit } from '../../world/crowd.ts'
import { type Ask, type JsonObject, textOf } from '../../world/http.ts'
import { familyName, givenName, iban, password, word } from '../../world/names.ts'
import { itemsOf } from '../../world/style.ts'
import type { Script } from '../../world/timeline.ts'
import type { World } from '../../world/world.ts'
import type { Ledger } from './ledger.ts'
import type { BankPaths } from './routes.ts'

/** What people do at the bank. */
export class BankBehaviour {
  readonly #world: World
  readonly #ledger: Ledger
  readonly #paths: BankPaths

  constructor(world: World, ledger: Ledger, paths: BankPaths) {
    this.#world = world
    this.#ledger = ledger
    this.#paths = paths
  }

  get(path: string, query = ''): Ask {
    return { method: 'GET', path: `${this.#world.at(path)}${query === '' ? '' : `?${query}`}` }
  }

  post(path: string, body: JsonObject): Ask {
    return { method: 'POST', path: this.#world.at(path), body }
  }

  register(crowd: Crowd): void {
    crowd.does('customer', visit => this.customer(visit))
    crowd.does('adviser', visit => this.adviser(visit))
    crowd.does('operations', visit => this.operations(visit))
  }

  *customer(visit: Visit): Script {
    const { client, stream } = visit
    // The newer app says whose accounts it wants.
    const whose =
      visit.client.device.kind === 'app' && stream.chance(0.15)
        ? `${this.#world.style.snake ? 'customer_id' : 'customerId'}=${visit.person.account.id}`
        : ''
    const [listed] = yield* client.together([
      this.get(this.#paths.accounts, whose),
      this.get(this.#world.accounts.paths.me),
    ])
    const accounts = itemsOf(listed?.json ?? {}).flatMap(({ id }) => textOf(id) ?? [])
    yield* think(visit)
    for (const id of stream.some(accounts, stream.int(1, 2))) {
      yield* client.together([
        this.get(`${this.#paths.accounts}/${id}`),
        this.get(`${this.#paths.accounts}/${id}/transactions`, this.#world.style.page(0)),
      ])
      yield* think(visit)
      // Some look further back.
      for (let page = 1; page < 4 && stream.chance(0.2); page += 1) {
        yield* client.send(
          this.get(
            `${this.#paths.accounts}/${id}/transactions`,
            this.#world.style.page(page * this.#world.style.pageSize),
          ),
        )
        yield* think(visit)
      }
    }
    const doing = stream.weighted([
      ['nothing', 10],
      ['transfer', 5],
      ['cards', 2],
      ['statement', 1.2],
      ['rates', 0.6],
      ['profile', 0.4],
      ['batch', 0.4],
      ['import', 0.2],
      ['password', 0.15],
    ])
    if (doing === 'transfer' && accounts[0] !== undefined) yield* this.transfer(visit)
    else if (doing === 'cards') yield* this.cards(visit)
    else if (doing === 'statement' && accounts[0] !== undefined) {
      const month = new Date(visit.world.now - stream.int(20, 90) * 86_400_000).toISOString().slice(0, 7)
      yield* client.send(this.get(`${this.#paths.accounts}/${accounts[0]}/statements/${month}`))
    } else if (doing === 'rates') yield* client.send(this.get(this.#paths.rates))
    else if (doing === 'batch') yield* client.send(this.batch(visit))
    else if (doing === 'password') {
      const fresh = password(stream)
      const changed = yield* client.send(
        this.post(this.#world.accounts.paths.password, {
          currentPassword: visit.person.password,
          newPassword: fresh,
        }),
      )
      if (changed.ok) visit.person.password = fresh
    } else if (doing === 'import')
      yield* client.send(
        this.post('/documents/import', {
          sourceUrl: `https://files.example/${visit.person.id}/${word(stream)}.pdf`,
        }),
      )
    else if (doing === 'profile')
      yield* client.send({
        method: 'PATCH',
        path: this.#world.at(this.#world.accounts.paths.me),
        body: { phone: `+4915${stream.digits(9)}` },
      })
  }

  *transfer(visit: Visit): Script {
    const { client, stream, person } = visit
    const from = this.#ledger.of(person.account.id)[0]
    if (from === undefined) return
    const listed = yield* client.send(this.get(this.#paths.beneficiaries))
    yield* think(visit)
    const known = itemsOf(listed.json)
    let to = textOf(known.length > 0 ? stream.pick(known).iban : undefined)
    if (to === undefined || stream.chance(0.12)) {
      to = iban(stream)
      yield* client.send(
        this.post(this.#paths.beneficiaries, {
          name: `${givenName(stream)} ${familyName(stream)}`,
          iban: to,
        }),
      )
      yield* think(visit)
    }
    const made = yield* client.send(
      this.post(this.#paths.transfers, {
        fromAccountId: from.id,
        toIban: to,
        amount: Math.round(stream.about(60, 1) * 100) / 100,
        purpose: `${word(stream)} ${stream.digits(4)}`,
      }),
    )
    const id = textOf(made.json.id)
    if (id === undefined) return
    yield stream.between(8_000, 60_000)
    if (stream.chance(0.05)) {
      yield* client.send(this.post(`${this.#paths.transfers}/${id}/confirm`, { code: stream.digits(6) }))
      yield stream.between(4_000, 20_000)
    }
    yield* client.send(
      this.post(`${this.#paths.transfers}/${id}/confirm`, {
        code: this.#ledger.transfers.get(id)?.code ?? '',
      }),
    )
    yield* client.send(this.get(`${this.#paths.transfers}/${id}`))
  }

  /** A file of payments as bookkeeping programs write them (ISO 20022, pain.001), cut to what matters here. */
  batch({ stream, person }: Visit): Ask {
    const lines = Array.from(
      { length: stream.int(2, 6) },
      () =>
        `<CdtTrfTxInf><Amt><InstdAmt Ccy="EUR">${stream.int(5, 900)}.00</InstdAmt></Amt><Cdtr><Nm>${givenName(stream)} ${familyName(stream)}</Nm></Cdtr><CdtrAcct><Id><IBAN>${iban(stream)}</IBAN></Id></CdtrAcct></CdtTrfTxInf>`,
    )
    const value = `<?xml version="1.0" encoding="UTF-8"?><Document><CstmrCdtTrfInitn><GrpHdr><InitgPty><Nm>${person.name}</Nm></InitgPty></GrpHdr><PmtInf>${lines.join('')}</PmtInf></CstmrCdtTrfInitn></Document>`
    return {
      method: 'POST',
      path: this.#world.at(`${this.#paths.transfers}/batch`),
      text: { type: 'application/xml', value },
    }
  }

  *cards(visit: Visit): Script {
    const { client, stream } = visit
    const listed = yield* client.send(this.get(this.#paths.cards))
    const id = textOf(itemsOf(listed.json)[0]?.id)
    if (id === undefined) return
    yield* think(visit)
    yield* client.send(this.get(`${this.#paths.cards}/${id}`))
    if (stream.chance(0.2)) {
      yield* think(visit)
      yield* client.send({
        method: 'PATCH',
        path: this.#world.at(`${this.#paths.cards}/${id}`),
        body: { monthlyLimit: stream.pick([500, 1_000, 1_500, 2_000]) },
      })
    }
  }

  /** Goes through the customers of the own portfolio before calling them. */
  *adviser(visit: Visit): Script {
    const { client, stream } = visit
    const listed = yield* client.send(
      this.get(`${this.#paths.advice}/customers`, this.#world.style.page(0, 100)),
    )
    yield* think(visit)
    for (const row of stream.some(itemsOf(listed.json), stream.int(2, 6))) {
      const id = textOf(row.id) ?? ''
      const shown = yield* client.send(this.get(`${this.#paths.advice}/customers/${id}`))
      yield* think(visit)
      const accounts = Array.isArray(shown.json.accounts)
        ? (shown.json.accounts as readonly JsonObject[])
        : []
      for (const account of stream.some(accounts, stream.int(0, 2))) {
        yield* client.send(
          this.get(`${this.#paths.accounts}/${textOf(account.id)}/transactions`, this.#world.style.page(0)),
        )
        yield* think(visit)
      }
      yield stream.between(minute, 9 * minute)
    }
  }

  *operations(visit: Visit): Script {
    const { client, stream, world } = visit
    yield* client.send(this.get(`${this.#paths.admin}/customers`, world.style.page(0)))
    yield* think(visit)
    for (const account of stream.some([...this.#ledger.accounts.values()], stream.int(1, 5))) {
      yield* client.send(this.get(`${this.#paths.accounts}/${account.id}`))
      yield* think(visit)
    }
    if (world.calendar.isMonthEnd(world.now) || stream.chance(0.08))
      yield* client.send(this.post(`${this.#paths.admin}/exports`, { kind: 'balances' }))
  }
}
