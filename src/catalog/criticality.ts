import { standardClasses } from './data-classes/registry/standard.ts'
import type { Endpoint } from './endpoint.ts'
import { wordsOf } from './schema/name-hints.ts'

/** What an endpoint can be for, the most critical first. */
export const criticalities = [
  'admin',
  'payment',
  'authentication',
  'export',
  'personal-data',
  'other',
] as const

export interface Criticality {
  readonly name: (typeof criticalities)[number]
  readonly why: string
}

const words: readonly (readonly [name: Criticality['name'], words: ReadonlySet<string>])[] = [
  [
    'admin',
    new Set([
      'admin',
      'administrator',
      'internal',
      'debug',
      'console',
      'manage',
      'management',
      'impersonate',
      'roles',
      'permissions',
      'actuator',
      'createdb',
      'superuser',
    ]),
  ],
  [
    'authentication',
    new Set([
      'login',
      'logout',
      'signin',
      'signup',
      'register',
      'auth',
      'oauth',
      'oauth2',
      'token',
      'tokens',
      'password',
      'passwords',
      'session',
      'sessions',
      'otp',
      'mfa',
      '2fa',
      'sso',
      'saml',
      'credentials',
      'apikeys',
    ]),
  ],
  [
    'payment',
    new Set([
      'payment',
      'payments',
      'pay',
      'checkout',
      'charge',
      'charges',
      'card',
      'cards',
      'invoice',
      'invoices',
      'refund',
      'refunds',
      'billing',
      'payout',
      'payouts',
      'transfer',
      'transfers',
      'iban',
      'wallet',
      'wallets',
      'subscription',
      'subscriptions',
      'coupon',
      'coupons',
    ]),
  ],
  [
    'export',
    new Set(['export', 'exports', 'download', 'downloads', 'dump', 'backup', 'bulk', 'report', 'reports']),
  ],
]

/** What an endpoint is for, from the words of its path and the data it carries; the data decides before the words of exports. */
export function criticalityOf(
  method: string,
  template: string,
  dataClasses: Endpoint['dataClasses'],
  classes = standardClasses,
): Criticality {
  const groupOf = (id: string): string | undefined => classes.get(id)?.group
  const found = wordsOf(template.replace(/\{[^}]*\}/g, ' ')).split(' ')
  for (const [name, wanted] of words) {
    const word = found.find(candidate => wanted.has(candidate))
    if (word !== undefined && name !== 'export') return { name, why: `its path says "${word}"` }
  }
  const carried = [...dataClasses.response, ...dataClasses.request]
  const payment = carried.find(id => groupOf(id) === 'pci')
  if (payment !== undefined) return { name: 'payment', why: `it carries ${payment}` }
  const word = found.find(candidate => words[3]?.[1].has(candidate) === true)
  if (word !== undefined) return { name: 'export', why: `its path says "${word}"` }
  const personal = carried.find(id => groupOf(id) === 'pii' || groupOf(id) === 'phi')
  if (personal !== undefined) return { name: 'personal-data', why: `it carries ${personal}` }
  return {
    name: 'other',
    why: method === 'GET' ? 'nothing says otherwise' : 'neither its path nor its data says otherwise',
  }
}
