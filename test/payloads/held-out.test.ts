import { describe, expect, test } from 'vitest'
import { defaultDecodeLimits } from '../../src/call/content-limits.ts'
import { inspectValue } from '../../src/call/payload/inspect-message.ts'
import { heldOutAttacks } from './held-out-attacks.ts'

const found = (value: string): boolean => (inspectValue(value, defaultDecodeLimits)?.confidence ?? 0) >= 0.5

describe('attacks that nothing was measured on before', () => {
  test.each(Object.entries(heldOutAttacks))('%s: nine in ten at least', (_, values) => {
    expect(values.length).toBeGreaterThanOrEqual(3)
    expect(values.filter(value => !found(value)).length).toBeLessThanOrEqual(values.length * 0.1)
  })

  const whole = (value: string): string => value
  const encoders: readonly (readonly [string, (value: string) => string])[] = [
    ['as it is', whole],
    ['percent-encoded', encodeURIComponent],
    ['percent-encoded twice', value => encodeURIComponent(encodeURIComponent(value))],
    ['base64', value => Buffer.from(value).toString('base64')],
    ['in a JSON text', value => JSON.stringify({ a: value })],
    [
      'as JSON escapes',
      value => [...value].map(each => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
    ],
    ['as HTML entities', value => [...value].map(each => `&#${each.charCodeAt(0)};`).join('')],
    [
      'full width',
      value => value.replace(/[!-~]/g, each => String.fromCharCode(each.charCodeAt(0) + 0xfee0)),
    ],
  ]
  test.each(encoders)('%s: as much is found', (_, encode) => {
    const values = Object.values(heldOutAttacks).flat()
    expect(values.length).toBeGreaterThan(170)
    const plain = values.filter(found)
    expect(plain.filter(value => !found(encode(value))).length).toBeLessThanOrEqual(plain.length * 0.03)
  })
})
