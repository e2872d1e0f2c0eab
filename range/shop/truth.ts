/** One attack of the range, as it is known to be. */
export interface AttackTruth {
  readonly id: 'walk' | 'stuffing' | 'replay' | 'injection' | 'scraping'
  /** Every call of the attack, and no other call, comes from this address. */
  readonly ip: string
  readonly userAgent: string
  /** The token's subject, where the attack has one. */
  readonly username?: string
  /** True when that account belongs to the attacker; false when it is a victim's. */
  readonly ownAccount?: boolean
  readonly title: string
}

const browser =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'

/** The attackers have a network to themselves (198.51.100.0/24, RFC 5737), so that the truth needs no mark in the calls. */
export const attacks: readonly AttackTruth[] = [
  {
    id: 'walk',
    ip: '198.51.100.23',
    userAgent: browser,
    username: 'mallory',
    ownAccount: true,
    title: 'mallory reads order after order of other customers with her own token',
  },
  {
    id: 'stuffing',
    ip: '198.51.100.61',
    userAgent: 'python-requests/2.32.3',
    title: 'one address tries leaked passwords on account after account',
  },
  {
    id: 'replay',
    ip: '198.51.100.88',
    userAgent: 'curl/8.9.1',
    username: 'zoe',
    ownAccount: false,
    title: 'a token that its owner signed out of is used from elsewhere',
  },
  {
    id: 'injection',
    ip: '198.51.100.140',
    userAgent: browser,
    username: 'oscar',
    ownAccount: true,
    title: 'the search is fed SQL and scripts',
  },
  {
    id: 'scraping',
    ip: '198.51.100.201',
    userAgent: 'Go-http-client/2.0',
    title: 'every product is copied, page by page',
  },
]

/** Accounts that attackers use: no simulated honest person signs in with them. */
export const attackerNames: readonly string[] = attacks.flatMap(({ username }) =>
  username === undefined ? [] : [username],
)

/** The attack a call belongs to by the address it came from, or undefined for an honest one. */
export const attackOf = (ip: string): AttackTruth | undefined => attacks.find(attack => attack.ip === ip)

/** One intrusion across workloads, as it is known to go: what must be told of it, in one incident. */
export interface StoryTruth {
  readonly id: 'forged-request' | 'compromised-pod' | 'stolen-staging-key'
  /** Whoever is outside calls from here. */
  readonly ip: string
  readonly title: string
  /** Beginnings of whom an incident must name; empty where nobody outside is known. */
  readonly principals: readonly string[]
  /** The nodes of the graph in the order in which access went. */
  readonly path: readonly string[]
  /** Classes of data that were within reach; at least these. */
  readonly dataClasses: readonly string[]
}

export const storyTruths: readonly StoryTruth[] = [
  {
    id: 'forged-request',
    ip: '198.51.100.31',
    title:
      'the fetching of an avatar is made to fetch credentials of the machine, with which receipts are read',
    principals: ['user:mallory'],
    path: [
      'internet',
      'endpoint:POST api.shop.example/customers/me/avatar',
      'workload:shop/front',
      'workload:shop/users',
      'host:169.254.169.254',
      'identity:role:arn:aws:iam::123456789012:role/shop-node',
      'store:aws.s3://shop-receipts',
    ],
    dataClasses: ['payment-card'],
  },
  {
    id: 'compromised-pod',
    ip: '198.51.100.47',
    title: 'a shell in the orders pod takes the token of another account and reads payments with it',
    principals: [],
    path: [
      'workload:shop/orders',
      'identity:service-account:shop/orders',
      'identity:service-account:shop/front',
      'workload:shop/payments',
      'store:sqlite://payments-db/payments/payments',
    ],
    dataClasses: ['payment-card'],
  },
  {
    id: 'stolen-staging-key',
    ip: '198.51.100.93',
    title: 'the key of staging is used in production from outside, and settlements are given out',
    principals: ['apikey:'],
    path: [
      'internet',
      'endpoint:GET api.shop.example/settlements',
      'workload:shop/front',
      'workload:shop/payments',
      'store:sqlite://payments-db/payments/payments',
    ],
    dataClasses: ['payment-card'],
  },
]
