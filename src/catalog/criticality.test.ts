import { describe, expect, it } from 'vitest'
import { criticalities } from './criticalities.ts'
import { type AnswerFacts, type Criticality, criticalityOf } from './criticality.ts'
import { harmless, singular } from './criticality-words.ts'

type Row = readonly [
  expected: Criticality['name'],
  method: string,
  template: string,
  carried?: { readonly request?: readonly string[]; readonly response?: readonly string[] },
  answers?: Partial<AnswerFacts>,
]

/** Endpoints as they are found in APIs of many trades, labelled by hand with what they are for. */
const rows: readonly Row[] = [
  // Shops
  ['other', 'GET', '/products'],
  ['other', 'GET', '/api/v2/products/{productId}/reviews'],
  ['payment', 'POST', '/checkout'],
  ['payment', 'POST', '/api/checkout/session'],
  ['other', 'POST', '/cart/items'],
  ['payment', 'POST', '/cart/coupons', { request: [] }],
  ['personal-data', 'GET', '/orders/{orderId}', { response: ['email', 'street-address'] }],
  ['other', 'GET', '/orders/{orderId}/tracking'],
  ['export', 'GET', '/orders/export'],
  ['payment', 'GET', '/customers/{customerId}/invoices'],
  ['personal-data', 'GET', '/customers/{customerId}', { response: ['email', 'phone'] }],
  ['payment', 'POST', '/orders/{orderId}/refunds'],
  ['other', 'GET', '/inventory/transfers/{transferId}'],
  ['payment', 'POST', '/gift-cards/{code}/redeem'],
  ['other', 'GET', '/shipping/rates'],
  // Banking
  ['payment', 'POST', '/v1/transfers'],
  ['payment', 'GET', '/accounts/{accountId}/transactions', { response: ['iban'] }],
  ['payment', 'POST', '/open-banking/v3.1/pisp/domestic-payments'],
  ['payment', 'POST', '/cards/{cardId}/block'],
  ['payment', 'GET', '/cards/{cardId}', { response: ['payment-card'] }],
  ['other', 'GET', '/exchange-rates'],
  ['personal-data', 'POST', '/kyc/documents', { request: ['passport'] }],
  ['export', 'GET', '/accounts/{accountId}/statements', {}, { mediaTypes: ['text/csv'] }],
  ['payment', 'POST', '/wallets/{walletId}/withdrawals'],
  // Signing in
  ['authentication', 'POST', '/users/v1/login', { request: ['password'] }],
  ['authentication', 'POST', '/oauth2/token', { response: ['jwt'] }],
  ['authentication', 'POST', '/auth/realms/{realm}/protocol/openid-connect/token'],
  ['authentication', 'GET', '/.well-known/jwks.json'],
  ['authentication', 'POST', '/identity/api/auth/v3/check-otp'],
  ['authentication', 'POST', '/api/account/forgot-password'],
  ['authentication', 'POST', '/sign-in'],
  ['authentication', 'DELETE', '/sessions/{sessionId}'],
  ['authentication', 'POST', '/saml/acs'],
  ['authentication', 'POST', '/register', { request: ['email', 'password'] }],
  ['authentication', 'POST', '/users', { request: ['email', 'password'] }],
  ['authentication', 'PUT', '/me/mfa'],
  ['authentication', 'POST', '/api-keys'],
  ['authentication', 'POST', '/webauthn/assertion/verify'],
  ['authentication', 'GET', '/user/verify-email/{token}'],
  // Running the thing
  ['admin', 'GET', '/admin/users'],
  ['admin', 'POST', '/admin/login-as/{userId}'],
  ['admin', 'GET', '/actuator/env'],
  ['other', 'GET', '/actuator/health'],
  ['admin', 'GET', '/actuator/heapdump'],
  ['admin', 'PUT', '/users/{userId}/roles'],
  ['admin', 'POST', '/tenants/{tenantId}/permissions'],
  ['admin', 'POST', '/impersonate'],
  ['admin', 'GET', '/debug/pprof/heap'],
  ['admin', 'POST', '/createdb'],
  ['admin', 'GET', '/api/internal/config'],
  ['admin', 'PATCH', '/feature-flags/{flag}'],
  ['admin', 'GET', '/admin/export/users', {}, { mediaTypes: ['text/csv'] }],
  ['other', 'GET', '/healthz'],
  ['other', 'GET', '/metrics'],
  ['other', 'GET', '/api/version'],
  ['other', 'GET', '/v3/api-docs'],
  // Health care
  ['personal-data', 'GET', '/fhir/Patient/{patientId}'],
  ['personal-data', 'GET', '/fhir/Observation', { response: ['diagnosis-code'] }],
  ['personal-data', 'POST', '/appointments', { request: ['date-of-birth', 'nhs-number'] }],
  ['export', 'GET', '/fhir/Patient/$export'],
  ['other', 'GET', '/clinics/{clinicId}/opening-hours'],
  ['other', 'POST', '/patients/{patientId}/transfer-requests/{requestId}/comments'],
  // Mobility, energy, games
  ['other', 'POST', '/stations/{stationId}/connectors/{connectorId}/charge'],
  ['other', 'GET', '/vehicles/{vin}/location'],
  ['personal-data', 'GET', '/vehicle/{vehicleId}/location', { response: ['geo-location', 'vehicle-vin'] }],
  ['other', 'POST', '/games/{gameId}/sessions'],
  ['other', 'GET', '/decks/{deckId}/cards'],
  ['payment', 'POST', '/players/{playerId}/purchases'],
  ['other', 'GET', '/leaderboards/{board}'],
  // Work
  ['other', 'GET', '/boards/{boardId}/cards'],
  ['personal-data', 'GET', '/employees/{employeeId}', { response: ['person-name', 'us-ssn'] }],
  ['other', 'POST', '/conferences/{id}/sessions'],
  ['other', 'POST', '/posts/{postId}/report'],
  ['export', 'GET', '/reports/monthly.csv', {}, { mediaTypes: ['text/csv'] }],
  ['export', 'POST', '/exports'],
  ['export', 'GET', '/files/{fileId}/download'],
  ['export', 'GET', '/backups/{backupId}', {}, { mediaTypes: ['application/zip'] }],
  ['other', 'POST', '/webhooks/subscriptions'],
  ['other', 'GET', '/users/{userId}/avatar'],
  ['other', 'GET', '/users/{userId}/notification-settings'],
  ['other', 'GET', '/jobs/{jobId}/roles'],
  ['personal-data', 'GET', '/me'],
  ['personal-data', 'GET', '/users/search'],
  ['personal-data', 'GET', '/directory', { response: ['email', 'person-name'] }],
  ['export', 'GET', '/directory/all', { response: ['email', 'person-name'] }, { longestList: 4_200 }],
  ['other', 'GET', '/weather/forecast'],
  ['other', 'POST', '/feedback'],
  ['export', 'GET', '/users', { response: ['email'] }, { longestList: 10_000 }],
  // Other languages
  ['authentication', 'POST', '/anmelden'],
  ['payment', 'POST', '/zahlungen'],
  ['payment', 'GET', '/kunden/{kundenId}/rechnungen'],
  ['personal-data', 'GET', '/kunden/{kundenId}'],
  ['authentication', 'POST', '/connexion'],
  ['payment', 'POST', '/paiements'],
  ['payment', 'GET', '/clientes/{id}/facturas'],
  ['authentication', 'POST', '/iniciar-sesion'],
  ['payment', 'POST', '/pagamentos/pix'],
  ['other', 'GET', '/artikel/{artikelId}'],
  // GraphQL, RPC, tools, models
  ['payment', 'POST', '/graphql/mutation:createPayment'],
  ['personal-data', 'POST', '/graphql/query:user'],
  ['other', 'POST', '/graphql/query:products'],
  ['authentication', 'POST', '/graphql/mutation:login'],
  ['admin', 'POST', '/graphql/mutation:setUserRole'],
  ['payment', 'POST', '/shop.payments.v1.PaymentService/Charge'],
  ['other', 'POST', '/shop.catalog.v1.CatalogService/ListProducts'],
  ['authentication', 'POST', '/rpc/auth.refreshToken'],
  ['export', 'POST', '/mcp/tools/call:export_customers'],
  ['other', 'POST', '/mcp/tools/list'],
  ['other', 'POST', '/v1/chat/completions/chat:gpt-4o'],
  ['payment', 'POST', '/ws/BillingService/GetInvoice'],
  ['export', 'POST', '/graphql/query:customers', { response: ['email'] }, { longestList: 2_000 }],
  ['other', 'POST', '/api/rpc/inventory.adjust'],
  // Travel and events
  ['other', 'GET', '/flights/search'],
  ['payment', 'POST', '/bookings/{bookingId}/pay'],
  ['personal-data', 'POST', '/bookings/{bookingId}/passengers', { request: ['passport', 'person-name'] }],
  ['other', 'GET', '/hotels/{hotelId}/rooms'],
  ['other', 'POST', '/events/{eventId}/check-in'],
  ['payment', 'POST', '/tickets/{ticketId}/refund'],
  ['other', 'POST', '/tickets/{ticketId}/transfer'],
  // Insurance, public services, schools
  ['other', 'POST', '/claims/{claimId}/photos'],
  ['personal-data', 'POST', '/claims', { request: ['person-name', 'date-of-birth'] }],
  ['payment', 'POST', '/policies/{policyId}/premium-payments'],
  ['personal-data', 'GET', '/citizens/{citizenId}'],
  ['other', 'GET', '/courses/{courseId}/lessons'],
  ['personal-data', 'GET', '/students/{studentId}'],
  ['other', 'POST', '/courses/{courseId}/register'],
  ['export', 'GET', '/grades/download', {}, { attachments: 12 }],
  // Messaging and media
  ['other', 'POST', '/channels/{channelId}/messages'],
  ['other', 'GET', '/playlists/{playlistId}/tracks'],
  ['payment', 'POST', '/subscriptions'],
  ['other', 'POST', '/newsletter/subscribe'],
  ['other', 'GET', '/videos/{videoId}/thumbnail', {}, { mediaTypes: ['image/png'] }],
  ['personal-data', 'GET', '/contacts'],
  ['export', 'GET', '/contacts/all.vcf', {}, { mediaTypes: ['text/vcard'] }],
  // Software as a service
  ['authentication', 'POST', '/orgs/{orgId}/invitations/accept', { response: ['jwt'] }],
  ['admin', 'DELETE', '/orgs/{orgId}/members/{memberId}/role'],
  ['authentication', 'GET', '/settings/tokens'],
  ['payment', 'GET', '/orgs/{orgId}/billing'],
  ['payment', 'POST', '/stripe/webhook'],
  ['other', 'POST', '/webhooks'],
  ['export', 'POST', '/gdpr/takeout'],
  ['personal-data', 'POST', '/gdpr/dsar'],
  ['other', 'GET', '/dashboards/{dashboardId}/widgets'],
  ['admin', 'POST', '/console/api/query'],
  ['other', 'POST', '/search'],
  ['other', 'GET', '/audit-log'],
  ['admin', 'GET', '/management/threaddump'],
  ['other', 'GET', '/api/config/public'],
  ['authentication', 'POST', '/api/v1/user/logout'],
  ['other', 'POST', '/tokenize'],
  ['other', 'GET', '/address/autocomplete'],
  ['personal-data', 'PUT', '/users/{userId}/addresses/{addressId}'],
]

/** Paths as public APIs have them, without a look at their data: met after the words were chosen, 63 of 70 were told right. */
const met: readonly Row[] = [
  ['personal-data', 'GET', '/user'],
  ['other', 'GET', '/repos/{owner}/{repo}/issues'],
  ['personal-data', 'GET', '/users/{username}'],
  ['authentication', 'POST', '/app/installations/{id}/access_tokens'],
  ['admin', 'PUT', '/repos/{owner}/{repo}/collaborators/{username}/permission'],
  ['other', 'GET', '/rate_limit'],
  ['payment', 'GET', '/orgs/{org}/settings/billing/actions'],
  ['other', 'GET', '/repos/{owner}/{repo}/commits/{ref}'],
  ['other', 'POST', '/repos/{owner}/{repo}/pulls/{number}/reviews'],
  ['other', 'GET', '/notifications/threads/{id}'],
  ['payment', 'POST', '/v1/charges'],
  ['personal-data', 'GET', '/v1/customers/{customer}'],
  ['payment', 'POST', '/v1/payment_intents/{intent}/confirm'],
  ['payment', 'GET', '/v1/balance'],
  ['payment', 'POST', '/v1/subscriptions'],
  ['other', 'POST', '/v1/webhook_endpoints'],
  ['payment', 'POST', '/v1/refunds'],
  ['payment', 'POST', '/v1/issuing/cards'],
  ['other', 'GET', '/v1/products/{id}'],
  ['payment', 'GET', '/v1/disputes/{dispute}'],
  ['authentication', 'POST', '/api/auth.test'],
  ['other', 'POST', '/api/chat.postMessage'],
  ['personal-data', 'GET', '/api/users.list'],
  ['other', 'GET', '/api/conversations.history'],
  ['admin', 'POST', '/api/admin.users.invite'],
  ['other', 'POST', '/api/files.upload'],
  ['authentication', 'POST', '/api/oauth.v2.access'],
  ['other', 'POST', '/2010-04-01/Accounts/{Sid}/Messages.json'],
  ['other', 'GET', '/2010-04-01/Accounts/{Sid}/Calls.json'],
  ['admin', 'GET', '/admin/api/2024-01/customers/{id}.json'],
  ['admin', 'POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles'],
  ['other', 'GET', '/livez'],
  ['other', 'GET', '/api/v1/namespaces/{ns}/pods'],
  ['authentication', 'POST', '/realms/{realm}/protocol/openid-connect/token'],
  ['admin', 'GET', '/admin/realms/{realm}/users'],
  ['payment', 'POST', '/accounts/balance/get'],
  ['authentication', 'POST', '/item/public_token/exchange'],
  ['payment', 'POST', '/transfer/create'],
  ['personal-data', 'GET', '/v1.2/me'],
  ['other', 'GET', '/v1.2/estimates/price'],
  ['payment', 'GET', '/v1/payment-methods'],
  ['other', 'POST', '/v1/embeddings'],
  ['other', 'GET', '/v1/models'],
  ['admin', 'GET', '/v1/organization/admin_api_keys'],
  ['other', 'POST', '/identity/api/v2/vehicle/resend_email'],
  ['personal-data', 'GET', '/workshop/api/mechanic/mechanic_report'],
  ['other', 'GET', '/community/api/v2/community/posts/recent'],
  ['payment', 'POST', '/community/api/v2/coupon/validate-coupon'],
  ['payment', 'POST', '/workshop/api/shop/apply_coupon'],
  ['admin', 'GET', '/identity/api/v2/admin/videos/{id}'],
  ['authentication', 'POST', '/identity/api/auth/signup'],
  ['authentication', 'POST', '/identity/api/v2/user/change-email'],
  ['other', 'POST', '/rest/products/{id}/reviews'],
  ['authentication', 'POST', '/rest/user/login'],
  ['other', 'GET', '/rest/basket/{id}'],
  ['authentication', 'GET', '/rest/user/security-question'],
  ['personal-data', 'GET', '/api/Addresss'],
  ['payment', 'GET', '/api/Cards'],
  ['authentication', 'POST', '/rest/2fa/verify'],
  ['payment', 'PUT', '/rest/wallet/balance'],
  ['export', 'POST', '/rest/user/data-export'],
  ['other', 'GET', '/books/v1/{title}'],
  ['authentication', 'PUT', '/users/v1/{username}/password'],
  ['personal-data', 'GET', '/users/v1/_debug'],
  ['admin', 'GET', '/internal/metrics/debug'],
  ['export', 'GET', '/storage/v1/b/{bucket}/o/{object}/download'],
  ['other', 'GET', '/maps/api/geocode/json'],
  ['other', 'GET', '/youtube/v3/playlistItems'],
  ['personal-data', 'GET', '/people/v1/contacts'],
  ['other', 'POST', '/calendar/v3/calendars/{id}/events'],
]

const tell = ([, method, template, carried, answers]: Row): Criticality =>
  criticalityOf(
    method,
    template,
    { request: carried?.request ?? [], response: carried?.response ?? [] },
    undefined,
    answers === undefined ? undefined : { mediaTypes: [], longestList: 0, attachments: 0, ...answers },
  )

const shown = (row: Row): string =>
  `${row[1]} ${row[2]}: ${row[0]}, told as ${tell(row).name} (${tell(row).why})`

describe('what an endpoint is for', () => {
  it('is told right for all that its words were chosen by: 152 of 152', () => {
    expect(rows.filter(row => tell(row).name !== row[0]).map(shown)).toEqual([])
    expect(rows.length).toBe(152)
  })

  it('is told right for 68 of 70 that were met later, now that their words are known', () => {
    expect(met.filter(row => tell(row).name !== row[0]).map(([, , template]) => template)).toEqual([
      '/workshop/api/mechanic/mechanic_report',
      '/users/v1/_debug',
    ])
    expect(met.length).toBe(70)
  })

  it('has every purpose among them, none of them rare', () => {
    const counts = criticalities.map(name => rows.filter(([expected]) => expected === name).length)
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(12)
  })

  it('says why in the words of the endpoint', () => {
    const why = (...row: Row): string => tell(row).why
    expect([
      why('payment', 'POST', '/kunden/{id}/rechnungen'),
      why('authentication', 'POST', '/sign-in'),
      why('export', 'GET', '/users', {}, { longestList: 900 }),
      why('export', 'GET', '/x', {}, { mediaTypes: ['text/csv'] }),
      why('personal-data', 'GET', '/x', { response: ['email'] }),
    ]).toEqual([
      'its name says "rechnungen"',
      'its name says "sign in"',
      'it answered with 900 entries at once',
      'it answers with files (text/csv)',
      'it carries email',
    ])
  })

  it('takes any path in time bounded by its bounds', () => {
    const long = `/${'payment-'.repeat(200)}`.repeat(100)
    expect(criticalityOf('GET', long, { request: [], response: [] }).name).toBe('payment')
  })
})

describe('singular', () => {
  it.each([
    ['addresses', 'address'],
    ['invoices', 'invoice'],
    ['policies', 'policy'],
    ['boxes', 'box'],
    ['status', 'status'],
    ['pass', 'pass'],
    ['sms', 'sms'],
  ])('%s is %s', (word, one) => expect(singular(word)).toBe(one))

  it('leaves the harmless words as they are looked up', () => {
    for (const word of harmless) expect(harmless.has(singular(word))).toBe(true)
  })
})
