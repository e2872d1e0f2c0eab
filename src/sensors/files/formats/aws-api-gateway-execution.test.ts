import { describe, expect, it } from 'vitest'
import { readContent } from '../../../../test/support/line-file.ts'

const one = '11111111-aaaa-4bbb-8ccc-000000000001'
const two = '11111111-aaaa-4bbb-8ccc-000000000002'
const line = (second: string, id: string, text: string): string =>
  `2026-01-02T03:04:${second}Z (${id}) ${text}\n`
const begun = (second: string, id: string, path: string): string =>
  line(second, id, `Starting execution for request: ${id}`) +
  line(second, id, `HTTP Method: GET, Resource Path: ${path}`)

describe('the execution log of Amazon API Gateway', () => {
  it('tells a call of the lines of each request, in order of time', async () => {
    const { events, rejections } = await readContent(
      begun('06.000', two, '/users') +
        begun('05.000', one, '/orders/7') +
        line('05.001', one, 'Method request query string: {expand=items, and more, token=hunter2}') +
        line(
          '05.001',
          one,
          'Method request headers: {Host=api.shop.example, X-Forwarded-For=192.0.2.7, 10.0.0.1, Authorization=*****2345, User-Agent=agent/1, X-Amzn-Trace-Id=Root=1-58}',
        ) +
        line('05.002', one, 'Method request body before transformations: {') +
        '  "password": "hunter2"\n}\n' +
        line('06.100', two, 'Method completed with status: 403') +
        line('05.250', one, 'Method completed with status: 200'),
    )
    expect(rejections).toEqual([])
    expect(events).toMatchObject([
      {
        time: Date.UTC(2026, 0, 2, 3, 4, 5),
        durationMs: 250,
        source: { ip: '192.0.2.7' },
        destination: { host: 'api.shop.example' },
        request: { method: 'GET', path: '/orders/7' },
        response: { status: 200 },
        trace: { traceId: '1-58' },
      },
      { request: { path: '/users' }, response: { status: 403 } },
    ])
    expect(JSON.stringify(events)).not.toMatch(/hunter2|2345/)
  })

  it('rejects a request without its end, and one without its beginning', async () => {
    const { events, rejections } = await readContent(
      begun('05.000', one, '/orders/7') + line('06.000', two, 'Method completed with status: 200'),
    )
    expect([events, rejections.map(({ position, reason }) => [position, reason])]).toEqual([
      [],
      [
        [3, 'The request has no line with its method and path.'],
        [1, 'The request is never said to be completed.'],
      ],
    ])
  })
})
