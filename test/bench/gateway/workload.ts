/** One request shape the bench sends again and again. */
export interface Workload {
  readonly name: 'get' | 'post'
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

const segment = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token of the usual form. Its signature is arbitrary: no candidate has a key to check it with. */
const token = [
  segment({ alg: 'ES256', typ: 'JWT', kid: 'k1' }),
  segment({
    iss: 'https://id.shop.example',
    sub: 'user-4711',
    aud: 'shop',
    scope: 'orders:read orders:write',
    exp: 4102444800,
  }),
  Buffer.alloc(64, 7).toString('base64url'),
].join('.')

const headers = {
  Host: 'shop.example',
  'User-Agent': 'shop-app/7.2 (Android 16; Pixel 9)',
  Accept: 'application/json',
  'Accept-Language': 'en-GB,en;q=0.8',
  'Accept-Encoding': 'gzip, br',
  Authorization: `Bearer ${token}`,
  'X-Request-Id': '5f0c1f6e-6a39-4c77-9d3c-0f6d2f4b8a11',
}

/** A JSON order of about 1 KB with 43 values. */
function order(): string {
  const items = Array.from({ length: 8 }, (_, index) => ({
    sku: `SKU-${1_000 + index * 37}`,
    title: `Garden chair no ${index + 1}`,
    quantity: index + 1,
    price: 19.5 + index,
  }))
  return JSON.stringify({
    customer: { id: 4711, name: 'Mara Lindqvist', email: 'mara@shop.example', phone: '+46 70 123 45 67' },
    address: { street: 'Storgatan 12', city: 'Uppsala', zip: '753 31', country: 'SE' },
    currency: 'EUR',
    giftWrap: false,
    note: 'Please ring twice and leave it with the neighbours if nobody answers the door. The gate on the left is stiff: lift it a little while you push, and mind the cat, who likes to slip out.',
    items,
  })
}

export const workloads: readonly Workload[] = [
  {
    name: 'get',
    method: 'GET',
    target: '/orders?customer=4711&status=open&page=2&sort=created&expand=items',
    headers,
    body: undefined,
  },
  {
    name: 'post',
    method: 'POST',
    target: '/orders',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: order(),
  },
]

/** The upstream's answer: 1 KB of JSON. */
export const answer = JSON.stringify({
  orders: Array.from({ length: 9 }, (_, index) => ({
    id: 90_000 + index,
    status: 'open',
    total: 120.5 + index,
    created: '2026-03-01T10:00:00Z',
    items: [{ sku: `SKU-${1_000 + index}`, quantity: 2 }],
  })),
})
