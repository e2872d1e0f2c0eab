import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changeRecord } from '../../../test/support/change-record.ts'
import { formatEventLine, parseEventLine } from '../../call/event-line.ts'
import { Redactor } from '../../call/redactor.ts'
import { sealCall } from '../../call/seal-call.ts'
import type { Told } from './file-format.ts'
import { lineReader } from './line-reader.ts'

const now = 1_800_000_000_000
const reader = (formats?: readonly string[]) =>
  lineReader({
    source: 'stream',
    label: 's',
    host: 'api.example',
    ...(formats === undefined ? {} : { formats }),
  })
const json = (value: unknown): string => JSON.stringify(value)

const call = { time: now, request: { method: 'GET', target: '/a' } }
const access = {
  type: 'access',
  time: now,
  workload: { name: 'orders' },
  store: { system: 'redis' },
  extra: { token: 'hunter2hunter2' },
}
const span = (kind: number, id: string, parent: string) => ({
  resourceSpans: [
    {
      resource: {
        attributes: [{ key: 'service.name', value: { stringValue: kind === 2 ? 'orders' : 'web' } }],
      },
      scopeSpans: [
        {
          spans: [
            {
              traceId: '0af7651916cd43dd8448eb211c80319c',
              spanId: id,
              parentSpanId: parent,
              kind,
              name: 'GET',
              startTimeUnixNano: `${now}000000`,
              endTimeUnixNano: `${now + 5}000000`,
              attributes: [
                { key: 'http.request.method', value: { stringValue: 'GET' } },
                { key: 'url.path', value: { stringValue: '/a' } },
                { key: 'url.full', value: { stringValue: 'http://orders/a' } },
                { key: 'http.response.status_code', value: { intValue: '200' } },
              ],
            },
          ],
        },
      ],
    },
  ],
})
const armor = { HostName: 'n', Operation: 'Process', Type: 'HostLog', Resource: '/bin/ls', Result: 'Passed' }
const iis = '2026-01-02 03:04:05 10.0.0.1 GET /b - 443 - 192.0.2.7 agent 200 1 2'

const lines: readonly (readonly [
  what: string,
  line: string,
  kinds: readonly string[],
  format: string | undefined,
])[] = [
  ['an event line of a call', json(call), ['call'], undefined],
  ['an event line of an access', json(access), ['access'], undefined],
  ['KubeArmor', json(armor), ['runtime'], 'kubearmor'],
  [
    'a common log',
    '192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET /a HTTP/1.1" 200 5',
    ['call'],
    'access-log',
  ],
  [
    'a JSON log',
    json({ time: '2026-01-02T03:04:05Z', method: 'GET', path: '/a', status: 200 }),
    ['call'],
    'json-access-log',
  ],
  ['wrapped records', json({ Records: [armor, armor] }), ['runtime', 'runtime'], 'kubearmor'],
  ['a list of different ones', json([call, armor]), ['call', 'runtime'], 'kubearmor'],
  [
    'a line in a container’s log',
    json({ log: '192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET /a HTTP/1.1" 200 5\n', stream: 'stdout' }),
    ['call'],
    'access-log',
  ],
  [
    'a record in CloudWatch’s',
    json({ logGroup: 'g', logEvents: [{ id: '1', message: json(armor) }] }),
    ['runtime'],
    'kubearmor',
  ],
  ['an empty line', '  ', [], undefined],
]

const kindOf = (told: Told): string => ('type' in told ? told.type : 'call')

describe('a reader of lines', () => {
  it.each(lines)('reads %s', (_, line, kinds, format) => {
    const lineByLine = reader()
    const { told, faults } = lineByLine.read(line, now)
    expect([told.map(kindOf), faults, lineByLine.format]).toEqual([kinds, [], format])
  })
  it('read all of the table', () => expect(lines).toHaveLength(10))

  it('gives ids of its own where a line gives none, and masks what stands beside events', () => {
    const lineByLine = reader()
    const ids = [json(call), json([call, call])].flatMap(line =>
      lineByLine.read(line, now).told.map(({ id }) => id),
    )
    expect(ids).toEqual(['s:1', 's:2', 's:2.2'])
    expect(json(lineByLine.read(json(access), now).told)).not.toContain('hunter2')
  })

  it('keeps what an earlier sealing knew of a call', () => {
    const redactor = new Redactor({ key: Buffer.alloc(32, 7) })
    const before = parseEventLine(
      json({
        ...call,
        id: 'c',
        request: {
          ...call.request,
          headers: [
            ['authorization', 'Bearer hunter2hunter2'],
            ['content-type', 'application/json'],
          ],
          body: '{"a":1}',
        },
      }),
      's',
      1,
      redactor,
    )
    if ('reason' in before) throw new Error(before.reason)
    const [told] = reader().read(formatEventLine(before), now).told
    if (told === undefined || 'type' in told) throw new Error('no call')
    expect(sealCall(told, redactor)).toEqual(before)
    expect(before.type === 'call' && before.credentials).toHaveLength(1)
  })

  it('remembers the fields that a stream named', () => {
    const lineByLine = reader()
    const header =
      '#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-bytes time-taken'
    expect(lineByLine.read(header, now)).toEqual({ told: [], faults: [] })
    const { told } = lineByLine.read(iis, now)
    expect(told).toMatchObject([
      { request: { target: '/b' }, source: { ip: '192.0.2.7' }, response: { status: 200 } },
    ])
  })

  it('joins spans that come in lines of their own', () => {
    const lineByLine = reader()
    const first = lineByLine.read(json(span(3, '00f067aa0ba902b7', '')), now)
    const second = lineByLine.read(json(span(2, '10f067aa0ba902b7', '00f067aa0ba902b7')), now)
    const told = [...first.told, ...second.told, ...lineByLine.end()]
    expect(told).toMatchObject([
      { source: { workload: { name: 'web' } }, destination: { workload: { name: 'orders' } } },
    ])
  })

  it('reads only what it is asked for', () => {
    const only = reader(['kubearmor'])
    expect(only.read(json(armor), now).told).toHaveLength(1)
    expect(only.read(json(call), now)).toEqual({
      told: [],
      faults: ['The line is in no format that is known.'],
    })
  })

  it('never throws, whatever comes, in any order', () => {
    const samples = [
      ...lines.map(([, line]) => line),
      json(span(2, '00f067aa0ba902b7', '')),
      iis,
      '#Fields: date',
    ]
    const broken = fc.tuple(fc.constantFrom(...samples), fc.nat(400)).map(([line, at]) => line.slice(0, at))
    const changed = fc
      .tuple(fc.constantFrom(...samples.filter(line => line.startsWith('{'))), fc.nat(), fc.jsonValue())
      .map(([line, nth, value]) => {
        const record = JSON.parse(line) as Record<string, unknown>
        changeRecord(record, nth, value)
        return json(record)
      })
    const line = fc.oneof(
      fc.constantFrom(...samples),
      broken,
      changed,
      fc.json(),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), given => {
        const lineByLine = reader()
        for (const text of given) {
          const { told, faults } = lineByLine.read(text, now)
          expect(told.length + faults.length).toBeLessThanOrEqual(100)
        }
        lineByLine.end()
      }),
      { numRuns: 300 },
    )
  })
})
