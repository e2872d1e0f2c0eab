import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cpuMs } from '../../../test/support/cpu-time.ts'
import { formatOf } from './field-format.ts'

describe('formatOf', () => {
  it('knows the formats of JSON Schema by their grammars', () => {
    const rows: readonly [string, string][] = [
      ['2026-11-22', 'date'],
      ['2026-13-22', 'none'],
      ['2026-11-22T10:00:00Z', 'date-time'],
      ['2026-11-22t10:00:00.123456+05:30', 'date-time'],
      ['2026-11-22 10:00:00Z', 'none'],
      ['2026-11-22T10:00:00', 'none'],
      ['2026-11-22T25:00:00Z', 'none'],
      ['10:00:00Z', 'time'],
      ['10:00', 'none'],
      ['P1DT12H', 'duration'],
      ['PT0.5S', 'duration'],
      ['P', 'none'],
      ['PT', 'none'],
      ['Paul', 'none'],
      ['3f2b8c1e-0000-4000-8000-100000000000', 'uuid'],
      ['3f2b8c1e-0000-4000-8000-10000000000', 'none'],
      ['192.0.2.7', 'ipv4'],
      ['192.0.2.256', 'none'],
      ['2001:db8::1', 'ipv6'],
      ['::', 'ipv6'],
      ['1:2:3:4:5:6:7:8', 'ipv6'],
      ['1:2:3:4:5:6:7', 'none'],
      ['1::2::3', 'none'],
      ['12:34', 'none'],
      ['anna@shop.example', 'email'],
      ['anna@shop', 'none'],
      ['https://shop.example/a?b=c', 'uri'],
      ['https://shop example', 'none'],
      ['/a/b', 'none'],
      ['', 'none'],
    ]
    for (const [text, format] of rows) expect([text, formatOf(text)]).toEqual([text, format])
    expect(rows.length).toBe(30)
  })

  it('agrees with the platform on what it says', () => {
    fc.assert(
      fc.property(
        fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }),
        fc.ipV6(),
        fc.uuid(),
        (date, ip, uuid) => {
          expect(formatOf(date.toISOString())).toBe('date-time')
          expect(formatOf(date.toISOString().slice(0, 10))).toBe('date')
          expect(formatOf(uuid)).toBe('uuid')
          if (!ip.includes('.')) expect(formatOf(ip)).toBe('ipv6')
        },
      ),
    )
  })

  it('takes time in line with the length of what it is given', () => {
    const hostile = [
      'P'.padEnd(64, '1'),
      'a@'.padEnd(320, 'a.'),
      `http://${'a'.repeat(2040)} `,
      ':'.repeat(39),
      '1'.repeat(2048),
      '2026-11-22T10:00:00.'.padEnd(40, '1'),
    ]
    const took = cpuMs(() => {
      for (let round = 0; round < 2_000; round += 1) for (const text of hostile) formatOf(text)
    })
    // 12,000 calls; a backtracking pattern would need minutes.
    expect(took).toBeLessThan(5_000)
  })
})
