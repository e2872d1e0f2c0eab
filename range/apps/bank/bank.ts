import { type App, type Deploy, defineApp } from '../../world/app.ts'
import { day, hour, minute } from '../../world/calendar.ts'
import { Client } from '../../world/client.ts'
import { Crowd, think, type Visit } from '../../world/crowd.ts'
import { program } from '../../world/device.ts'
import { textOf } from '../../world/http.ts'
import { machine } from '../../world/machine.ts'
import { familyName, givenName, iban, word } from '../../world/names.ts'
import type { Script } from '../../world/timeline.ts'
import type { World } from '../../world/world.ts'
import { BankBehaviour } from './behaviour.ts'
import { Ledger } from './ledger.ts'
import { type BankPaths, type BankWeakness, bankRoutes } from './routes.ts'

export const bank = defineApp({
  id: 'bank',
  title: 'A bank with advisers, joint accounts and open banking',
  build,
})

function build(world: World): App {
  const { style, stream, service, accounts } = world
  const flag = (name: string, probability: number): boolean => style.flag(name, probability)
  const weak: BankWeakness = {
    readsAnyAccount: flag('reads-any-account', 0.65),
    readsAnyTransfer: flag('reads-any-transfer', 0.6),
    changesAnyCard: flag('changes-any-card', 0.5),
    paysFromAnyAccount: flag('pays-from-any-account', 0.4),
    believesQuery: flag('believes-query', 0.5),
    openBackOffice: flag('open-back-office', 0.5),
    openVerbs: flag('open-verbs', 0.6),
    advisersUnbound: flag('advisers-unbound', 0.7),
    skipsCode: flag('skips-code', 0.5),
    anyPageSize: flag('any-page-size', 0.6),
    fetchesAnything: flag('fetches-anything', 0.6),
    resolvesEntities: flag('resolves-entities', 0.5),
    showsCards: flag('shows-cards', 0.6),
  }
  const paths: BankPaths = {
    accounts: `/${style.noun('accounts', 'banking/accounts', 'deposits')}`,
    transfers: `/${style.noun('transfers', 'payments', 'payment-orders')}`,
    beneficiaries: `/${style.noun('beneficiaries', 'payees', 'recipients')}`,
    cards: `/${style.noun('cards', 'debit-cards')}`,
    advice: `/${style.noun('advisory', 'relationship')}`,
    admin: `/${style.noun('operations', 'admin', 'staff')}`,
    openBanking: `/${style.noun('open-banking', 'psd2', 'ais')}`,
    rates: `/${style.noun('exchange-rates', 'fx/rates')}`,
    health: style.noun('/health', '/actuator/health', '/ping'),
  }
  const ledger = new Ledger(world)
  const behaviour = new BankBehaviour(world, ledger, paths)
  service.route(...bankRoutes(world, ledger, paths, weak))
  accounts.onRegister = account => {
    const chance = stream.fork('newcomer', account.email)
    ledger.furnish(account, chance, world.now)
    ledger.portfolios.get(chance.pick([...ledger.portfolios.keys()]))?.add(account.id)
  }

  const crowd = new Crowd(world)
  behaviour.register(crowd)
  for (let index = 0; index < 280; index += 1)
    crowd.add({
      role: 'customer',
      visits: 0.5,
      phones: 0.8,
      secondFactor: index % 4 === 0,
      ...(index % 6 === 0 ? { office: crowd.office } : {}),
    })
  const branch = world.networks.office(stream.fork('branch'))
  for (let index = 0; index < 10; index += 1)
    crowd.add({ role: 'adviser', visits: 1, rhythm: 'office', roles: ['adviser'], office: branch })
  for (let index = 0; index < 9; index += 1)
    crowd.add({
      role: 'operations',
      visits: 0.5,
      rhythm: 'office',
      roles: ['operations'],
      office: branch,
      secondFactor: true,
    })
  const customers = crowd.of('customer')
  for (const { account } of customers)
    ledger.furnish(account, stream.fork('furnish', account.email), world.start)
  const own = stream.fork('arrangements')
  // Couples with one account, and people who look after the account of a parent.
  for (const [index, account] of [...ledger.accounts.values()].entries())
    if (index % 7 === 0) account.shared.add(own.pick(customers).account.id)
  const advisers = crowd.of('adviser')
  for (const [index, { account }] of customers.entries()) {
    const adviser = advisers[index % advisers.length]!.account.id
    const portfolio = ledger.portfolios.get(adviser) ?? new Set()
    ledger.portfolios.set(adviser, portfolio.add(account.id))
    if (own.chance(0.2)) ledger.consents.add(account.id)
  }

  const thirdParty = machine(world, {
    name: 'budget-app',
    roles: ['third-party'],
    software: 'node',
    agent: 'BudgetApp-AIS/3.8',
  })
  const batch = machine(world, {
    name: 'statement-batch',
    roles: ['batch'],
    software: 'java',
    agent: 'statement-batch/12.0',
  })

  /** Within the consent of its users: their balances, four times a day. */
  function* aggregate(): Script {
    const client = thirdParty()
    for (const account of ledger.accounts.values()) {
      if (!ledger.consents.has(account.owner)) continue
      yield* client.send(behaviour.get(`${paths.openBanking}/accounts/${account.id}/balances`))
      yield client.stream.about(900, 0.5)
    }
  }

  /** Every account once at the end of the month. */
  function* statements(): Script {
    const client = batch()
    for (const account of ledger.accounts.values()) {
      yield* client.send(behaviour.get(`${paths.openBanking}/accounts/${account.id}/balances`))
      yield client.stream.about(250, 0.4)
    }
  }

  const monitorNetwork = world.networks.datacentre(stream.fork('monitor'))
  const monitorDevice = program('curl', 'machine/monitor', 'Probe/1.9')
  function* watch(until: number): Script {
    const client = new Client(world, monitorDevice, monitorNetwork, stream.fork('monitor', world.now))
    while (world.now < until) {
      yield* client.send(behaviour.get(paths.health))
      yield 10 * minute + client.stream.between(-1_500, 1_500)
    }
  }

  const plan = (midnight: number): void => {
    const today = stream.fork('plan', midnight)
    for (const at of [3, 9, 15, 21])
      world.timeline.play(midnight + at * hour + today.int(0, 12 * minute), aggregate())
    if (world.calendar.isMonthEnd(midnight))
      world.timeline.play(midnight + 22 * hour + today.int(0, 9 * minute), statements())
    world.timeline.play(midnight + today.int(0, minute), watch(midnight + day - 10 * minute))
    for (let count = today.poisson(0.7); count > 0; count -= 1)
      crowd.join(
        world.calendar.moment(today, midnight, 'leisure'),
        { role: 'customer', visits: 0.5, phones: 0.9 },
        visit => behaviour.customer(visit),
      )
    // Somebody new joins the branch and takes over a colleague's customers.
    if (today.chance(0.03))
      world.timeline.at(midnight + 9 * hour, () => {
        const person = crowd.add({
          role: 'adviser',
          visits: 1.5,
          rhythm: 'office',
          roles: ['adviser'],
          office: branch,
        })
        const from = ledger.portfolios.get(today.pick(advisers).account.id) ?? new Set<string>()
        ledger.portfolios.set(person.account.id, new Set([...from].slice(0, 12)))
      })
  }

  function* insights(visit: Visit): Script {
    yield* behaviour.customer(visit)
    if (!visit.stream.chance(0.35)) return
    yield* think(visit)
    yield* visit.client.send(behaviour.get('/insights'))
  }

  const deploys: readonly Deploy[] = [
    {
      id: 'insights',
      time: world.windowTime(4, 11.1),
      changes: ['GET /insights', 'field nickname of the profile'],
      apply: () => {
        service.route({
          method: 'GET',
          template: '/insights',
          latency: 80,
          handle: ({ me }) => {
            const spent = ledger
              .of(me.id)
              .flatMap(({ entries }) => entries.slice(-30))
              .filter(({ amount }) => amount < 0)
            return {
              status: 200,
              body: {
                month: new Date(world.now).toISOString().slice(0, 7),
                spent: Math.round(spent.reduce((sum, { amount }) => sum - amount, 0) * 100) / 100,
                largest: spent.slice(0, 5).map(({ party, amount }) => ({ party, amount })),
              },
            }
          },
        })
        for (const account of accounts.all()) account.extra.nickname = account.name.split(' ')[0] ?? ''
        crowd.does('customer', insights)
      },
    },
    {
      id: 'instant',
      time: world.windowTime(10, 13.5),
      changes: ['transfers answer with executionTime', 'answers a tenth slower'],
      apply: () => {
        service.slowness = 1.1
        for (const account of accounts.all()) account.extra.instantPayments = true
      },
    },
  ]

  const customerId = style.snake ? 'customer_id' : 'customerId'
  return {
    crowd,
    deploys,
    parameters: { ...weak, paths: { ...paths } },
    plan,
    ordinary: () => crowd.of('customer'),
    surface: {
      resources: [
        {
          type: 'accounts',
          owned: () => [...ledger.accounts.values()],
          read: id => behaviour.get(`${paths.accounts}/${id}`),
          guess: from => ledger.accountIds.guess(from, world.now),
          list: () => behaviour.get(paths.accounts),
        },
        {
          type: 'transfers',
          owned: () => [...ledger.transfers.values()],
          read: id => behaviour.get(`${paths.transfers}/${id}`),
          guess: from => ledger.transferIds.guess(from, world.now),
          list: () => behaviour.get(paths.transfers),
        },
        {
          type: 'cards',
          owned: () => [...ledger.cards.values()],
          read: id => behaviour.get(`${paths.cards}/${id}`),
          write: (id, from) => ({
            method: 'PATCH',
            path: world.at(`${paths.cards}/${id}`),
            body: { monthlyLimit: from.pick([5_000, 10_000]) },
          }),
          guess: from => ledger.cardIds.guess(from, world.now),
          list: () => behaviour.get(paths.cards),
        },
      ],
      browse: visit => behaviour.customer(visit),
      privileged: [
        {
          title: 'all customers',
          verb: false,
          ask: () => behaviour.get(`${paths.admin}/customers`, style.page(0)),
        },
        {
          title: 'customers of an adviser',
          verb: false,
          ask: () => behaviour.get(`${paths.advice}/customers`, style.page(0)),
        },
        {
          title: 'a customer record',
          verb: false,
          ask: from => behaviour.get(`${paths.advice}/customers/${from.pick(customers).account.id}`),
        },
        {
          title: 'export',
          verb: false,
          ask: () => behaviour.post(`${paths.admin}/exports`, { kind: 'balances' }),
        },
        {
          title: 'deletion of a card',
          verb: true,
          ask: from => ({
            method: 'DELETE',
            path: world.at(`${paths.cards}/${from.pick([...ledger.cards.keys()])}`),
          }),
        },
      ],
      massAssignment: [
        {
          ask: () => ({
            method: 'PATCH',
            path: world.at(accounts.paths.me),
            body: { roles: ['customer', 'operations'] },
          }),
          took: answer => Array.isArray(answer.roles) && answer.roles.includes('operations'),
        },
      ],
      exports: [
        { role: 'operations', ask: () => behaviour.post(`${paths.admin}/exports`, { kind: 'balances' }) },
      ],
      bulk: {
        role: 'operations',
        ask: index =>
          behaviour.get(`${paths.accounts}/${[...ledger.accounts.keys()][index % ledger.accounts.size]}`),
        total: () => ledger.accounts.size,
      },
      expensive: [
        {
          ask: from => {
            const month = new Date(world.now - from.int(20, 700) * day).toISOString().slice(0, 7)
            return behaviour.get(
              `${paths.accounts}/${from.pick([...ledger.accounts.keys()])}/statements/${month}`,
            )
          },
        },
      ],
      exposure: {
        ask: (account, from) => {
          const own = [...ledger.cards.values()].filter(({ owner }) => owner === account.id)
          return own.length === 0
            ? undefined
            : behaviour.get(`${paths.cards}/${from.pick(own).id}`, 'include=number')
        },
        exposed: answer => answer.number !== undefined,
      },
      flow: {
        title: 'transfer',
        run: visit => behaviour.transfer(visit),
        *skip({ client, person, stream: from }) {
          const source = ledger.of(person.account.id)[0]
          if (source === undefined) return
          const made = yield* client.send(
            behaviour.post(paths.transfers, {
              fromAccountId: source.id,
              toIban: iban(from),
              amount: from.int(5, 90),
              purpose: word(from),
            }),
          )
          const id = textOf(made.json.id)
          if (id !== undefined)
            yield* client.send(behaviour.post(`${paths.transfers}/${id}/confirm`, { code: '' }))
        },
      },
      inputs: [
        {
          kind: 'text',
          ask: value =>
            behaviour.post(paths.beneficiaries, { name: value, iban: iban(stream.fork('payload', value)) }),
        },
        {
          kind: 'json',
          ask: value => ({
            method: 'PATCH',
            path: world.at(accounts.paths.me),
            text: { type: 'application/json', value },
          }),
        },
        { kind: 'path', ask: value => behaviour.get(`${paths.transfers}/${encodeURIComponent(value)}`) },
        {
          kind: 'url',
          ask: value => behaviour.post('/documents/import', { sourceUrl: value }),
          worked: ({ json }) => json.firstBytes !== undefined,
        },
        {
          kind: 'xml',
          ask: value => ({
            method: 'POST',
            path: world.at(`${paths.transfers}/batch`),
            text: { type: 'application/xml', value },
          }),
          worked: ({ ok }) => ok,
        },
      ],
      support: {
        role: 'adviser',
        resource: 'customers',
        reads: id => behaviour.get(`${paths.advice}/customers/${id}`),
      },
      services: [
        {
          client: thirdParty,
          usual: from =>
            behaviour.get(
              `${paths.openBanking}/accounts/${from.pick([...ledger.accounts.values()].filter(({ owner }) => ledger.consents.has(owner))).id}/balances`,
            ),
        },
      ],
      afterTakeover: (client, from) => {
        const source = client.account === undefined ? undefined : ledger.of(client.account)[0]
        return [
          behaviour.get(accounts.paths.me),
          behaviour.get(paths.accounts),
          behaviour.post(paths.beneficiaries, {
            name: `${givenName(from)} ${familyName(from)}`,
            iban: iban(from),
          }),
          ...(source === undefined
            ? []
            : [
                behaviour.post(paths.transfers, {
                  fromAccountId: source.id,
                  toIban: iban(from),
                  amount: Math.floor(source.balance * 0.9),
                  purpose: 'invoice',
                }),
              ]),
        ]
      },
      more: {
        'parameter-pollution': (_, from) => [
          behaviour.get(
            paths.accounts,
            `${customerId}=${encodeURIComponent(from.pick(customers).account.id)}`,
          ),
        ],
      },
    },
  }
}
