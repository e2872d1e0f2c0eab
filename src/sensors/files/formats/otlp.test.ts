import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Redactor } from '../../../call/redactor.ts'
import type { Rejection } from '../../../kit/rejection.ts'
import { readEvents } from '../index.ts'

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })

const span = (
  id: number,
  parent: number,
  kind: number,
  start: number,
  attributes: readonly unknown[] = [],
) => ({
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: id.toString(16).padStart(16, '0'),
  ...(parent === 0 ? {} : { parentSpanId: parent.toString(16).padStart(16, '0') }),
  name: 'shop.Orders/Get',
  kind,
  startTimeUnixNano: `${1_796_000_000_000 + start}000000`,
  endTimeUnixNano: `${1_796_000_000_001 + start}000000`,
  attributes,
})

const exported = (service: string, spans: readonly unknown[]) => ({
  resourceSpans: [{ resource: { attributes: [text('service.name', service)] }, scopeSpans: [{ spans }] }],
})

async function read(content: string): Promise<{ events: string[]; rejections: Rejection[] }> {
  const file = join(mkdtempSync(join(tmpdir(), 'otlp-')), 'traces.json')
  writeFileSync(file, content)
  const rejections: Rejection[] = []
  const events: string[] = []
  const options = {
    redactor: new Redactor({ key: new Uint8Array(32) }),
    onRejection: (rejection: Rejection) => rejections.push(rejection),
  }
  for await (const event of readEvents([file], options))
    events.push(
      event.type === 'call'
        ? `${event.source.workload?.name ?? '-'} → ${event.destination.workload?.name} ${event.request.target}`
        : event.type,
    )
  return { events, rejections }
}

const orders = exported('orders', [span(2, 1, 2, 5)])
const web = exported('web', [span(1, 0, 3, 4), span(3, 0, 2, 1)])

describe('a file of traces', () => {
  it('gives its calls in order of time, though the two sides stand in different lines', async () => {
    const lines = [JSON.stringify(orders), '{"resourceSpans":', JSON.stringify(web)].join('\n')
    expect(await read(lines)).toEqual({
      events: ['- → web /shop.Orders/Get', 'web → orders /shop.Orders/Get'],
      rejections: [expect.objectContaining({ position: 2, reason: 'It is not JSON.' })],
    })
  })

  it('may be one document', async () => {
    expect((await read(JSON.stringify(orders, undefined, 2))).events).toEqual(['- → orders /shop.Orders/Get'])
  })

  it('says when nothing in it is of use', async () => {
    const { rejections } = await read(JSON.stringify(exported('orders', [span(0, 0, 1, 1), { name: 'x' }])))
    expect(rejections.map(one => one.reason)).toEqual([
      'None of its 2 spans tells of a call, of a flow between services or of a store.',
      '1 spans have no trace id, span id or time.',
    ])
  })
})
