import { describe, expect, it } from 'vitest'
import type { DetectionOptions } from '../detection.ts'
import type { Incident } from '../incident.ts'
import { type Played, play } from './play.ts'
import { scene } from './scene.ts'

const pods = (name: string): readonly string[] =>
  ['aaaaa', 'bbbbb', 'ccccc'].map(end => `${name}#${name.split('/').at(-1)}-7f9c4b6d5-${end}`)
const [web, importer, orders, payments] = ['web', 'importer', 'orders', 'payments'].map(
  name => `shop/${name}`,
)

/** Eight days of a shop: a front, an importer that fetches feeds, orders and payments with a store each, probes that run shells. */
const week = `store postgresql://orders-db/shop/orders holds email
store postgresql://vault-db/shop/cards holds payment-card
store s3://backups/people holds us-ssn,email
repeat 64
alice to=${pods(web!)[0]} GET /shop/{orders} every 100ms -> 200 {"items":[]}
bob to=${pods(orders!)[0]} trace=o{round} GET /orders/{7} every 100ms -> 200 {"id":7}
${pods(web!)[0]} calls shop/orders every 100ms
${pods(web!)[1]} calls shop/orders every 100ms
${pods(web!)[2]} calls shop/orders every 100ms
${pods(orders!)[0]} reads postgresql://orders-db/shop/orders rows=1 trace=o{round} every 100ms
${pods(orders!)[1]} reads postgresql://orders-db/shop/orders rows=1 every 100ms
${pods(orders!)[2]} calls shop/payments every 100ms
${pods(payments!)[0]} reads postgresql://vault-db/shop/cards rows=1 every 100ms
carol to=${pods(importer!)[0]} POST /feeds body={"url":"https://feeds.partner.example/a.xml"} every 100ms -> 201 {"id":1}
${pods(importer!)[0]} connects feeds.partner.example every 100ms
${pods(importer!)[1]} connects feeds.partner.example every 100ms
${pods(importer!)[2]} calls shop/orders every 100ms
${pods(orders!)[0]} runs "/bin/sh -ec pg_isready" every 100ms
shop/backup reads s3://backups/people as=role:backup rows=500 every 100ms
wait 3h
end`

/** Ordinary traffic after it, so that time goes on. */
const after = `repeat 20
${pods(web!)[0]} calls shop/orders every 1s
${pods(orders!)[1]} reads postgresql://orders-db/shop/orders rows=1 every 4s
end`

const run = (text: string, options: DetectionOptions = {}): Played =>
  play(scene(`${week}\n${text}\n${after}`), { ...options, settle: false })

function only(played: Played): Incident {
  const incidents = played.detection.incidents()
  expect(incidents.map(({ title }) => title)).toHaveLength(1)
  return incidents[0]!
}

/** Seconds from the last event of the story to when the incident was there. */
function delay({ opened, end, detection }: Played): number {
  const afterwards = 100_000
  return ((opened.get(detection.incidents()[0]!.id) ?? 0) - (end - afterwards)) / 1_000
}

const nodes = (incident: Incident): readonly string[] => (incident.path ?? []).map(({ node }) => node)

describe('a request forged to the metadata service, a role taken on, a store read', () => {
  const played =
    run(`mallory to=${pods(importer!)[1]} POST /feeds body={"url":"http://169.254.169.254/latest/meta-data/iam/"} every 300ms -> 200 {"id":2}
${pods(importer!)[1]} connects 169.254.169.254 every 5s
shop/importer assumes role:backup every 20s
shop/importer reads s3://backups/people as=role:backup rows=90000`)

  it('is one incident with its way and its data', () => {
    const incident = only(played)
    expect(incident.principals).toEqual(['user:mallory'])
    expect(incident.workloads).toContain('shop/importer')
    expect(nodes(incident)).toEqual([
      'internet',
      'endpoint:POST api.shop.example/feeds',
      'workload:shop/importer',
      'host:169.254.169.254',
      'identity:role:backup',
      'store:s3://backups/people',
    ])
    expect(incident.dataClasses).toEqual(expect.arrayContaining(['us-ssn']))
    expect(incident.severity).toBe('critical')
    expect(incident.detectors).toEqual(expect.arrayContaining(['ssrf-egress', 'sequence']))
    const stages = incident.story.flatMap(({ stage }) => stage ?? [])
    expect(stages[0]).toBe('initial access')
    expect(stages.at(-1)).toBe('collection')
  })

  it('is there within a minute', () => {
    expect(delay(played)).toBeLessThanOrEqual(60)
  })
})

describe('a shell in a pod, its token, an API it never called, a store it never read', () => {
  const pod = pods(orders!)[1]
  const played = run(`${pod} runs "/bin/bash -c id" every 20s
${pod} opens /var/run/secrets/kubernetes.io/serviceaccount/token every 10s
${pod} calls shop/admin every 10s
${pod} reads postgresql://vault-db/shop/cards rows=4000`)

  it('is one incident with its way and its data', () => {
    const incident = only(played)
    expect(incident.workloads).toContain('shop/orders')
    expect(nodes(incident)).toEqual([
      'internet',
      'endpoint:GET api.shop.example/orders/{orderId}',
      'workload:shop/orders',
      'workload:shop/admin',
      'store:postgresql://vault-db/shop/cards',
    ])
    expect(incident.dataClasses).toEqual(['payment-card'])
    expect(incident.severity).toBe('critical')
  })

  it('is there within a minute', () => {
    expect(delay(played)).toBeLessThanOrEqual(60)
  })

  it('stays quiet where a policy allows a shell in a job', () => {
    const quiet =
      run(`shop/repair-job runs /bin/bash kind=Job outcome=allowed policy=allow-debug-shell every 20s
shop/repair-job opens /var/run/secrets/kubernetes.io/serviceaccount/token kind=Job every 10s
shop/repair-job reads postgresql://orders-db/shop/orders rows=12 kind=Job`)
    expect(quiet.detection.incidents()).toEqual([])
  })
})

describe('a key of staging in production', () => {
  const history = `repeat 8
ci-bot kind=service host=api.staging.shop.example to=staging/orders trace=s{round} GET /orders every 6h -> 200 {"items":[]}
shop-app kind=service host=api.prod.shop.example to=prod/orders trace=p{round} GET /orders every 100ms -> 200 {"items":[]}
prod/orders reads postgresql://people-db/prod/people rows=3 trace=p{round} every 6h
end
store postgresql://people-db/prod/people holds us-ssn`
  const theft = `ci-bot kind=service host=api.prod.shop.example to=prod/orders trace=x GET /orders ip=203.0.113.66 agent=curl/8 every 300ms -> 200 {"items":[]}
prod/orders reads postgresql://people-db/prod/people rows=3 trace=x`
  const played = run(`${history}\n${theft}`)

  it('is one incident with its way and its data', () => {
    const incident = only(played)
    expect(incident.principals).toEqual(['service:ci-bot'])
    expect(nodes(incident)).toEqual([
      'internet',
      'endpoint:GET api.prod.shop.example/orders',
      'workload:prod/orders',
      'store:postgresql://people-db/prod/people',
    ])
    expect(incident.dataClasses).toEqual(['us-ssn'])
    expect(['high', 'critical']).toContain(incident.severity)
  })

  it('is there within a minute', () => {
    expect(delay(played)).toBeLessThanOrEqual(60)
  })

  it('stays quiet where the key is declared for both', () => {
    const quiet = run(`${history}\n${theft}`, { exceptions: { 'environment-crossing': ['ci-bot'] } })
    expect(quiet.detection.signals().filter(({ detector }) => detector === 'environment-crossing')).toEqual(
      [],
    )
    expect(quiet.detection.incidents()).toEqual([])
  })
})

describe('what only looks like it', () => {
  const rows: readonly [name: string, text: string][] = [
    [
      'a migration that reads a store',
      `shop/migrate-2026 kind=Job reads postgresql://vault-db/shop/cards rows=900000`.replace(
        ' kind=Job',
        '',
      ),
    ],
    [
      'a rollout to all pods with a new dependency',
      ['ddddd', 'eeeee', 'fffff']
        .flatMap(end => [
          `shop/orders#orders-6d8f9c7b4-${end}@v2 opens /var/run/secrets/kubernetes.io/serviceaccount/token every 2s`,
          `shop/orders#orders-6d8f9c7b4-${end}@v2 assumes role:orders every 2s`,
          `shop/orders#orders-6d8f9c7b4-${end}@v2 calls shop/loyalty every 2s`,
          `shop/orders#orders-6d8f9c7b4-${end}@v2 reads postgresql://vault-db/shop/cards rows=2 every 20s`,
        ])
        .join('\n'),
    ],
    [
      'faults: refused, retried and restarted',
      `repeat 30
${pods(web!)[0]} calls shop/orders every 100ms
${pods(web!)[0]} connects shop/orders outcome=refused every 100ms
shop/orders#orders-7f9c4b6d5-r{round}aaa reads postgresql://orders-db/shop/orders rows=1 every 1s
dave to=shop/orders GET /orders/{7} every 100ms -> 503
end`,
    ],
    [
      'a feed of a partner',
      `erin to=${pods(importer!)[0]} POST /feeds body={"url":"https://feeds.other.example/b.xml"} every 300ms -> 201 {"id":3}
${pods(importer!)[0]} connects feeds.other.example`,
    ],
  ]

  it.each(rows)('%s raises no incident', (_name, text) => {
    expect(
      run(text)
        .detection.incidents()
        .map(({ title }) => title),
    ).toEqual([])
  })

  it('ran every row', () => {
    expect(rows).toHaveLength(4)
  })
})
