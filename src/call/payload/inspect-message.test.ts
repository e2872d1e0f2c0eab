import { describe, expect, it, test } from 'vitest'
import type { Content } from '../content.ts'
import { defaultDecodeLimits } from '../content-limits.ts'
import { type InspectedMessage, inspectHits, inspectMessage } from './inspect-message.ts'

const empty: Content = { kind: 'empty' }
const of = (parts: Partial<InspectedMessage>): InspectedMessage => ({
  path: '/a',
  query: [],
  headers: [],
  content: empty,
  ...parts,
})
const inspect = (parts: Partial<InspectedMessage>) => inspectMessage(of(parts), defaultDecodeLimits)
const base64 = (text: string): string => Buffer.from(text).toString('base64url')

const attack = "' or 1=1--"
const places: readonly (readonly [name: string, parts: Partial<InspectedMessage>, at: string])[] = [
  ['a segment', { path: `/items/${encodeURIComponent(attack)}` }, 'path'],
  ['a coded segment', { path: `/items/${base64("<script>alert('x')</script>")}` }, 'path'],
  ['a value of the query', { query: [['q', attack]] }, 'query:q'],
  ['a name of the query', { query: [[attack, '']] }, `query:${attack}`],
  ['a header of any name', { headers: [['remote-ip', '<svg onload=x()>']] }, 'header:remote-ip'],
  ['the content type', { headers: [['Content-Type', '%{(#_memberAccess=1)}']] }, 'header:content-type'],
  ['a cookie', { headers: [['cookie', `a=b; c=${encodeURIComponent(attack)}`]] }, 'header:cookie'],
  ['the name of a cookie', { headers: [['cookie', 'java.lang.Runtime=1']] }, 'header:cookie'],
  [
    'a secret in a cookie',
    { headers: [['cookie', 'a=[redacted:cookie--sql-injection:0123456789ab]']] },
    'header:cookie',
  ],
  [
    'a password',
    { headers: [['authorization', 'Basic [redacted:basic--sql-injection:0123456789ab]']] },
    'header:authorization',
  ],
  [
    'the query of a referer',
    { headers: [['referer', `https://a.example/?x=1&y=${encodeURIComponent(attack)}`]] },
    'header:referer',
  ],
  ['a form', { content: { kind: 'form', value: { a: attack } } }, 'a'],
  ['a key of JSON', { content: { kind: 'json', value: { a: { $ne: 1 } } } }, 'a.$ne'],
  ['a coded key', { content: { kind: 'form', value: { '%27%20or%201=1--': '' } } }, '%27%20or%201=1--'],
  [
    'a string of malformed JSON',
    { content: { kind: 'malformed', reason: 'not JSON', text: `{"a": 1; "b": "3; delete user; --"}` } },
    'body',
  ],
  ['pairs of a text', { content: { kind: 'text', text: 'a=1&b=java.lang.ProcessBuilder' } }, 'body'],
  [
    'an attribute of XML',
    {
      headers: [['content-type', 'text/xml']],
      content: { kind: 'text', text: `<a><b c="&#39; or 1=1--"/></a>` },
    },
    'a.b.@c',
  ],
  [
    'a text of XML',
    {
      headers: [['content-type', 'application/soap+xml']],
      content: { kind: 'text', text: `<a><b>' or 1=1--</b></a>` },
    },
    'a.b',
  ],
  [
    'the type of a document',
    {
      headers: [['content-type', 'text/xml']],
      content: { kind: 'text', text: '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hosts">]><a>&b;</a>' },
    },
    'body',
  ],
  [
    'the name of a file',
    { content: { kind: 'multipart', value: { f: { filename: 'a.php', size: 1 } } } },
    'f.filename',
  ],
  ['the name of a file in a header', { headers: [['x-filename', 'a.php']] }, 'header:x-filename'],
  ['an agent', { headers: [['user-agent', 'sqlmap/1.8']] }, 'header:user-agent'],
  ['a hidden file', { path: '/.git/config' }, 'path'],
  [
    'a session from elsewhere',
    {
      query: [['JSESSIONID', 'x']],
      headers: [
        ['host', 'a.example'],
        ['referer', 'https://b.example/'],
      ],
    },
    'query',
  ],
  [
    'a file that is somewhere else',
    { query: [['include_path', 'https://b.example/x']] },
    'query:include_path',
  ],
]

describe('inspectMessage', () => {
  test.each(places)('%s', (_, parts, at) => {
    const hit = inspect(parts)
    expect(hit?.at).toBe(at)
    expect(hit?.confidence).toBeGreaterThanOrEqual(0.5)
  })

  it('is quiet about ordinary requests', () => {
    const rows: readonly Partial<InspectedMessage>[] = [
      {
        path: '/v1/orders/01JD2M3N4P5Q6R7S8T9V0WXYZA/items',
        query: [
          ['page', '2'],
          ['sort', '-created_at'],
        ],
      },
      { path: '/.well-known/openid-configuration' },
      {
        headers: [
          ['referer', 'http://192.168.1.5/app/index.php?page=2'],
          ['origin', 'http://localhost:3000'],
          ['accept', '*/*'],
        ],
      },
      { headers: [['cookie', '_ga=GA1.2.3.4; theme=dark; consent=a:1|b:0']] },
      {
        headers: [['content-type', 'application/soap+xml']],
        content: {
          kind: 'text',
          text: '<?xml version="1.0"?><form><title>Ann & Bob</title><object id="1"/><link href="/a"/></form>',
        },
      },
      {
        content: {
          kind: 'multipart',
          value: { f: { filename: 'report.final.pdf', contentType: 'application/pdf', size: 1 } },
        },
      },
      { content: { kind: 'json', value: { query: '{ user { __typename id } }' } } },
      {
        query: [
          ['session_id', 'cs_test_a1'],
          ['state', 'xyz'],
        ],
        headers: [
          ['host', 'a.example'],
          ['referer', 'https://pay.example/'],
        ],
      },
    ]
    expect(rows).toHaveLength(8)
    for (const row of rows) expect(inspect(row)?.confidence ?? 0, JSON.stringify(row)).toBeLessThan(0.5)
  })

  it('tells the surest hit of each place', () => {
    const hits = inspectHits(
      of({
        query: [
          ['a', attack],
          ['b', '<svg onload=x()>'],
          ['c', 'fine'],
        ],
      }),
      defaultDecodeLimits,
    )
    expect(hits.map(({ at }) => at).sort()).toEqual(['query:a', 'query:b'])
  })
})
