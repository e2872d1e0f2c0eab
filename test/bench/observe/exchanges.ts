import type { Dice } from '../catalog/landscape.ts'

const nouns = 'lamp chair desk mug rug shelf clock vase frame stool'.split(' ')
const cities = 'Berlin Lisbon Lyon Turin Ghent Porto Graz Malmo'.split(' ')
const agents = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 Version/19.1 Mobile Safari/604.1',
  'shop-android/8.4 (Pixel 9; Android 16)',
]

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const header = base64({ alg: 'RS256', typ: 'JWT', kid: 'k1' })
const signature = 'c2lnbmF0dXJlLW9mLW5vLWtleS1idXQtb2YtdXN1YWwtbGVuZ3Ro'.repeat(4)

/** A signed-in person's token: the one of its day. */
const tokenOf = (person: number, day: number): string =>
  `${header}.${base64({
    iss: 'https://login.shop.example',
    sub: `u-${person}`,
    tenant: `t-${person % 50}`,
    scope: 'orders:read orders:write profile',
    roles: ['customer'],
    iat: day * 86_400,
    exp: day * 86_400 + 86_400,
  })}.${signature}`

const order = (person: number, at: number) => ({
  id: person * 1_000 + at,
  ownerId: `u-${person}`,
  status: ['open', 'paid', 'sent'][at % 3],
  total: 10 + ((person * 7 + at * 13) % 900),
  currency: 'EUR',
  email: `person.${person}@mail.example`,
  address: {
    street: `High Street ${person % 200}`,
    city: cities[person % 8],
    postcode: `${10_000 + (person % 80_000)}`,
  },
  items: [0, 1].map(item => ({
    sku: `sku-${(person + item * 31) % 900}`,
    name: `${nouns[(person + item) % 10]} no. ${item + 1}`,
    quantity: 1 + ((at + item) % 3),
    price: 5 + ((person + item) % 80),
  })),
})

/** One call of one person as an event line of about 1 kB, the kind of call by chance. */
export function lineOf(index: number, person: number, time: number, dice: Dice, item?: number): string {
  const day = Math.floor(time / 86_400_000)
  const at = item ?? dice.below(12)
  const kind = item === undefined ? dice.below(8) : 0
  const [method, target, body, answer] =
    kind < 3
      ? ['GET', `/orders/${order(person, at).id}`, undefined, order(person, at)]
      : kind === 3
        ? [
            'GET',
            '/orders?page=1&limit=2',
            undefined,
            { items: [order(person, 0), order(person, 1)], total: 12 },
          ]
        : kind === 4
          ? ['GET', `/products/${dice.below(900)}`, undefined, order(0, at).items[0]]
          : kind === 5
            ? [
                'GET',
                '/me',
                undefined,
                { id: `u-${person}`, email: `person.${person}@mail.example`, city: cities[person % 8] },
              ]
            : kind === 6
              ? ['PUT', '/cart', { items: order(person, at).items }, { ok: true, total: 3 }]
              : [
                  'POST',
                  '/orders',
                  { items: order(person, at).items, note: 'leave at the door' },
                  order(person, at),
                ]
  return JSON.stringify({
    id: `c-${index}`,
    time,
    durationMs: 4 + dice.below(30),
    source: { ip: `198.51.${(person >> 8) & 255}.${person & 255}`, port: 40_000 + (index % 20_000) },
    destination: { host: 'api.shop.example', port: 443, tls: '1.3' },
    request: {
      method,
      target,
      headers: [
        ['host', 'api.shop.example'],
        ['user-agent', agents[person % 3]],
        ['accept', 'application/json'],
        ['authorization', `Bearer ${tokenOf(person, day)}`],
        ...(body === undefined ? [] : [['content-type', 'application/json']]),
      ],
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    },
    response: {
      status: method === 'POST' ? 201 : 200,
      headers: [['content-type', 'application/json']],
      body: JSON.stringify(answer),
    },
  })
}

export const start = Date.UTC(2026, 5, 1)
