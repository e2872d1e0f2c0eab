import type { Criticality } from './criticality.ts'

type Purpose = Exclude<Criticality['name'], 'other'>

/** What a word in a path or an operation's name says. */
export interface WordSense {
  readonly purpose: Purpose
  /** 3 says so wherever it stands; 2 as a rule; 1 only where it is the last noun and nothing else speaks. */
  readonly weight: number
  /** Words beside which it means something else. */
  readonly unless?: ReadonlySet<string>
}

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '))
const board = set(
  'board deck flash flashcard kanban column trello sprint story game player gift report score business',
)
const news = set(
  'webhook topic newsletter pubsub channel event mailing notification push feed calendar graph',
)
const talks = set(
  'conference talk speaker schedule training workout class course yoga event game chat track therapy room',
)
const chain = set('nft erc20 blockchain design contract chain word language')
const signUps = set('course class lesson event webhook device domain product warranty company vehicle')
const goods = set(
  'file domain ownership player stock inventory warehouse patient ticket call data media photo',
)
const cars = set('ev charger battery station vehicle car energy connector')
const jobs = set('job hiring movie film cast recruitment')
const loads = set('load work color energy gas vacation leave stock inventory')
const sales = set('public display price catalog')

/** Stems in the singular, words that are written apart joined (`sign in` is `signin`); English first, then what other languages' paths say. */
const senses: readonly (readonly [
  purpose: Purpose,
  weight: number,
  words: string,
  unless?: ReadonlySet<string>,
])[] = [
  [
    'admin',
    3,
    'admin administrator superadmin superuser sysadmin impersonate impersonation actuator backoffice heapdump createdb sudo',
  ],
  ['admin', 3, 'administration administrador administracao administrateur verwaltung beheer amministrazione'],
  [
    'admin',
    2,
    'permission debug console acl rbac privilege featureflag killswitch tenantsetting grantrole assignrole',
  ],
  ['admin', 2, 'role', jobs],
  ['admin', 1, 'internal manage management'],

  [
    'authentication',
    3,
    'login logout signin signout signon signup logon oauth oauth2 oidc otp totp mfa 2fa sso saml password passwd passwordreset resetpassword forgotpassword authenticate authentication authorize apikey apitoken accesstoken refreshtoken magiclink webauthn passkey verifyemail changeemail securityquestion credential',
  ],
  [
    'authentication',
    3,
    'anmelden anmeldung abmelden passwort registrieren kennwort connexion deconnexion motdepasse iniciarsesion cerrarsesion contrasena entrar senha accedi inloggen wachtwoord',
  ],
  ['authentication', 2, 'auth token jwks', chain],
  ['authentication', 2, 'session', talks],
  ['authentication', 2, 'register registration', signUps],

  [
    'payment',
    3,
    'payment pay checkout refund payout chargeback paymentmethod creditcard debitcard bankaccount iban sepa giropay paypal stripe withdraw withdrawal',
  ],
  [
    'payment',
    3,
    'zahlung bezahlen rechnung erstattung ueberweisung paiement facture remboursement virement pago pagar factura reembolso pagamento fatura fattura rimborso betaling betalen factuur',
  ],
  [
    'payment',
    2,
    'invoice billing wallet purchase deposit coupon voucher giftcard topup ledger disbursement settlement dispute',
    sales,
  ],
  ['payment', 2, 'balance', loads],
  ['payment', 2, 'card', board],
  ['payment', 2, 'charge', cars],
  ['payment', 2, 'transfer', goods],
  ['payment', 2, 'subscription', news],

  ['export', 3, 'export dump exportar exporter exportieren esporta takeout'],
  ['export', 2, 'download backup bulk snapshot archive telecharger descargar herunterladen'],

  ['personal-data', 2, 'kyc passport medicalrecord healthrecord dsar personaldata'],
  [
    'personal-data',
    1,
    'user customer profile account employee member contact address person people me beneficiary applicant candidate guest citizen student patient',
  ],
  [
    'personal-data',
    1,
    'kunde benutzer nutzer patienten adresse utilisateur client usuario cliente utente gebruiker klant persona mitarbeiter empleado',
  ],
]

const byWord: ReadonlyMap<string, WordSense> = new Map(
  senses.flatMap(([purpose, weight, words, unless]) =>
    words
      .split(' ')
      .map((word): [string, WordSense] => [
        word,
        { purpose, weight, ...(unless === undefined ? {} : { unless }) },
      ]),
  ),
)

/** What a word says as it is written, or in the singular as the languages above spell it. */
export function senseOf(word: string): WordSense | undefined {
  return (
    byWord.get(word) ??
    byWord.get(singular(word)) ??
    (/[sn]$/.test(word) ? byWord.get(word.slice(0, -1)) : undefined) ??
    (word.endsWith('en') ? byWord.get(word.slice(0, -2)) : undefined)
  )
}

/** Last words that say of a path that nothing is at stake there, whatever stands before. */
export const harmless = set(
  'health healthz healthcheck livez readyz liveness readiness ping version metric swagger openapi favicon',
)

/** In the singular, as far as English spells it. */
export function singular(word: string): string {
  if (word.length <= 3 || /(?:ss|us|is|os)$/.test(word)) return word
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`
  if (/(?:ses|xes|ches|shes|zes)$/.test(word))
    return /sses$|xes$|ches$|shes$/.test(word) ? word.slice(0, -2) : word.slice(0, -1)
  return word.endsWith('s') ? word.slice(0, -1) : word
}
