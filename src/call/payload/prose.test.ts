import { describe, expect, it } from 'vitest'
import { grammars } from './index.ts'
import { holdsSentence } from './prose.ts'

describe('a sentence', () => {
  it('is found beside what it quotes', () => {
    const texts = [
      'The page says: SELECT * FROM orders WHERE id = 1 OR 1=1; why?\n\nI only wanted to see my orders.',
      'Das Formular zeigt seit gestern <script>alert(1)</script> an.',
      `${'x=1; '.repeat(400)}and this is what people say`,
    ]
    for (const text of texts)
      expect([text.slice(0, 40), holdsSentence(text)]).toEqual([text.slice(0, 40), true])
  })

  it('is in few of the payloads that the grammars know, and in no statement', () => {
    const hits = grammars.flatMap(({ examples }) => examples.hits)
    expect(hits.filter(holdsSentence).length).toBeLessThan(0.02 * hits.length)
    const statements = [
      'union select username password from users where name like admin order by name limit one',
      "admin' or exists (select name from users) --",
      'insert into users values admin secret null null',
    ]
    for (const statement of statements) expect(holdsSentence(statement)).toBe(false)
  })
})
