import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cpuMs } from '../../../../test/support/cpu-time.ts'
import { findSpans } from './find-spans.ts'

const found = (text: string): readonly (readonly [string, string])[] =>
  findSpans(text).map(({ start, end, dataClass }) => [text.slice(start, end), dataClass] as const)

describe('findSpans', () => {
  const rows: readonly [string, readonly (readonly [string, string])[]][] = [
    ['Charge card 4539578763621486 please.', [['4539578763621486', 'payment-card']]],
    ['Charge order 4539578763621487 please.', []],
    ['Pay to DE89370400440532013000, thanks', [['DE89370400440532013000', 'iban']]],
    ['Her number 536-90-4399, mine 912-12-3456', [['536-90-4399', 'us-ssn']]],
    ['Write to anna@shop.example or see logo@2x.png', [['anna@shop.example', 'email']]],
    [
      'From 203.0.113.7 and 2001:db8::1 at 12:30:59',
      [
        ['203.0.113.7', 'ip-address'],
        ['2001:db8::1', 'ip-address'],
      ],
    ],
    ['Call 416 60 039 now', [['416 60 039', 'phone']]],
    ['Room 416 60 039 now', []],
    ['Call +49 30 901820 now', [['+49 30 901820', 'phone']]],
    ['on 2024-01-01 at 1700000000000', []],
    [`token=glpat-${'k8Zt3vQ1xWn5Rb7LmP2d'};`, [['glpat-k8Zt3vQ1xWn5Rb7LmP2d', 'secret']]],
    [
      'client_secret = "Zf3D0LXCM3EIMbgJpUNnkRtOfOueHznB"',
      [['Zf3D0LXCM3EIMbgJpUNnkRtOfOueHznB', 'generic-secret']],
    ],
    ['client_secret = "{{ client_secret_of_2026_from_vault }}"', []],
    ['csrf_token = "Zf3D0LXCM3EIMbgJpUNnkRtOfOueHznB"', []],
    ['curl -u elastic:P4ssw0rd https://localhost', [['P4ssw0rd', 'password']]],
    ['curl -u "$USER:$PASSWORD" https://localhost', []],
    ['redis://app:t0ps3cret@db:6379/0', [['redis://app:t0ps3cret@db:6379/0', 'secret']]],
    [`ghp_${'a'.repeat(36)}`, []],
  ]
  let ran = 0
  it.each(rows)('%s', (text, expected) => {
    expect(found(text)).toEqual(expected)
    ran += 1
  })
  it('ran every row', () => expect(ran).toBe(18))

  it('finds a GitHub token only where its checksum holds', () => {
    const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
    const body = 'kX7pQ2mZ9vB4nR6tY1wE8sD3fG5hJ0'
    let rest = crc32(body)
    let sum = ''
    for (let index = 0; index < 6; index += 1) {
      sum = alphabet[rest % 62] + sum
      rest = Math.floor(rest / 62)
    }
    const token = `ghp_${body}${sum}`
    expect(found(`use ${token} here`)).toEqual([[token, 'secret']])
    expect(found(`use ghp_${body.replace('k', 'K')}${sum} here`)).toEqual([])
  })

  it('gives spans in order, within the text, without overlap, whatever the text', () => {
    const piece = fc.constantFrom(
      '4539578763621486',
      ' ',
      'call ',
      '+1 415 555 2671',
      'a@b.co',
      'DE89370400440532013000',
      'token=',
      '-',
      '203.0.113.7',
      'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln',
      '://a:b1234567@h',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 12 })), { maxLength: 12 }), pieces => {
        const text = pieces.join('')
        let last = 0
        for (const { start, end } of findSpans(text)) {
          expect(start).toBeGreaterThanOrEqual(last)
          expect(end).toBeGreaterThan(start)
          last = end
        }
        expect(last).toBeLessThanOrEqual(text.length)
      }),
      { numRuns: 500, seed: 5 },
    )
  })

  it.each([
    'a',
    '1',
    '-',
    '.',
    ':',
    '0:',
    'key',
    '1 ',
    'a@',
    'eyJ',
    '://a:',
    '-----BEGIN ',
    'xoxb-',
    'tokentoken-',
  ])('takes time linear in a text of %j only', unit => {
    const time = (length: number): number => {
      const text = unit.repeat(Math.ceil(length / unit.length)).slice(0, length)
      let best = Number.POSITIVE_INFINITY
      for (let round = 0; round < 3; round += 1)
        best = Math.min(
          best,
          cpuMs(() => findSpans(text)),
        )
      return best
    }
    time(4_000)
    // Eight times the text: well below the 64 times of a quadratic search, with room for a busy machine.
    expect(time(32_000)).toBeLessThan(32 * Math.max(time(4_000), 1))
  })
})
