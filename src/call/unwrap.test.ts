import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultDecodeLimits as limits } from './content-limits.ts'
import { unwrap } from './unwrap.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('unwrap', () => {
  it('gives a plain value alone', () => {
    for (const value of ['', 'hello', 'A blue shirt', '12345', 'jane@example.com', 'Lisbon'])
      expect(unwrap(value, limits)).toEqual([value])
  })

  it('peels each encoding, and encodings of encodings', () => {
    const attack = "' or 1=1--"
    const rows: [string, string][] = [
      [encodeURIComponent(attack), attack],
      [encodeURIComponent(encodeURIComponent(attack)), attack],
      ['%u0027 or 1=1--', attack],
      ['%c0%a7 or 1=1--', attack],
      ['%e0%80%a7 or 1=1--', attack],
      ['＇ ｏｒ １＝１－－', attack],
      ["' /* x */or 1=1--", attack],
      [base64('<img src=x onerror=alert(1)>>>all').replaceAll('+', ' '), '<img src=x onerror=alert(1)>>>all'],
      ['\\u0027 or 1=1--', attack],
      ['\\x27 or 1=1--', attack],
      ['&#39; or 1=1--', attack],
      ['&#x27; or 1=1--', attack],
      ['&lt;script&gt;', '<script>'],
      [base64(attack), attack],
      [Buffer.from('<img src=x onerror=a>').toString('base64url'), '<img src=x onerror=a>'],
      [encodeURIComponent(base64(attack)), attack],
      [JSON.stringify({ a: [{ b: attack }] }), attack],
      [JSON.stringify(JSON.stringify({ a: attack })), attack],
      [JSON.stringify({ $where: 1 }), '$where'],
      [`eyJhbGciOiJub25lIn0.${Buffer.from('{"sub":"<x>"}').toString('base64url')}.`, '<x>'],
    ]
    for (const [value, inner] of rows) {
      const versions = unwrap(value, limits)
      expect(versions[0]).toBe(value)
      expect(versions).toContain(inner)
    }
    expect(rows.length).toBe(20)
  })

  it('stops at its bounds', () => {
    const deep = [1, 2, 3, 4, 5].reduce(text => encodeURIComponent(text), '%3Cscript%3E')
    expect(unwrap(deep, limits)).toHaveLength(1 + limits.encodingLayers)
    const wide = JSON.stringify(Array.from({ length: 1_000 }, (_, index) => `v${index}`))
    expect(unwrap(wide, limits).length).toBeLessThanOrEqual(16)
  })

  it('never throws, and never says the same twice', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('%', '%2', '%u', '&#', '&#x110000;', '\\u{110000}', '\\', '{"', '[', '='),
    )
    fc.assert(
      fc.property(fc.array(piece), pieces => {
        const versions = unwrap(pieces.join(''), limits)
        expect(new Set(versions).size).toBe(versions.length)
      }),
      { numRuns: 2_000 },
    )
  })
})
