import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { defaultDecodeLimits as limits } from '../../src/call/content-limits.ts'
import { parseJson } from '../../src/call/decode/json.ts'
import { grammars, inspectText } from '../../src/call/payload/index.ts'
import { inspectMessage, inspectValue } from '../../src/call/payload/inspect-message.ts'
import { MessageInspector } from '../../src/call/payload/message-inspector.ts'
import { unwrap } from '../../src/call/unwrap.ts'
import { RequiredCharacters } from '../../src/kit/required-characters.ts'
import { benignValues, numbersFrom } from './benign-values.ts'
import { heldOutAttacks } from './held-out-attacks.ts'

const attacks = Object.values(heldOutAttacks).flat()
const examples = grammars.flatMap(({ examples: { hits, misses } }) => [...hits, ...misses])
const values = [
  ...[...attacks, ...examples].flatMap(value => [
    value,
    encodeURIComponent(value),
    Buffer.from(value).toString('base64'),
    JSON.stringify({ a: value }),
    `é ${value}`,
  ]),
  ...benignValues(2_000),
]

describe('the quick reading of a value', () => {
  it('finds what reading every version of it finds', () => {
    for (const value of values) {
      let best: ReturnType<typeof inspectText>
      for (const plain of unwrap(value, limits)) {
        const hit = inspectText(plain)
        if (hit !== undefined && (best === undefined || hit.confidence > best.confidence)) best = hit
        if (best !== undefined && best.confidence >= 0.95) break
      }
      expect(inspectValue(value, limits), value).toEqual(best)
    }
    expect(values.length).toBeGreaterThan(3_500)
  })

  it('finds what running every pattern on it finds', () => {
    const quick = values.map(value => inspectValue(value, limits))
    const all = vi.spyOn(RequiredCharacters.prototype, 'mayBeIn').mockReturnValue(true)
    try {
      for (const [index, value] of values.entries())
        expect(quick[index], value).toEqual(inspectValue(value, limits))
      expect(all.mock.calls.length).toBeGreaterThan(10_000)
    } finally {
      all.mockRestore()
    }
  })

  it('takes for no base64 only what decodes to no text', () => {
    const isText = (text: string): boolean =>
      text.length >= 4 &&
      [...text].every(character => {
        const code = character.codePointAt(0) ?? 0
        if (code === 0) return text.length >= 16
        return code >= 32 ? code !== 127 && code !== 0xfffd : code === 9 || code === 10 || code === 13
      })
    let texts = 0
    const letters = [...'AZazBQjmn059+/-_']
    const random = numbersFrom(11)
    for (let turn = 0; turn < 300_000; turn += 1) {
      const length = 8 + Math.floor(random() * 8)
      let value = ''
      for (let index = 0; index < length; index += 1) value += letters[Math.floor(random() * letters.length)]
      if (length % 4 === 1 || !/[A-Z]/.test(value) || !/[a-z]/.test(value)) continue
      const text = Buffer.from(value, 'base64').toString('utf8')
      if (!isText(text)) continue
      texts += 1
      expect(unwrap(value, limits), value).toContain(text)
    }
    expect(texts).toBeGreaterThan(50)
  })
})

describe('the quick reading of a body', () => {
  const inspector = new MessageInspector(limits)
  const of = (value: object) => ({
    path: '/orders',
    query: [],
    headers: [],
    content: { kind: 'json', value: value as never } as const,
  })

  it('finds a value wherever it stands, and nothing where nothing stands', () => {
    const benign = benignValues(500).filter(value => inspectValue(value, limits) === undefined)
    let found = 0
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...benign), { maxLength: 6 }),
        fc.constantFrom(...values),
        fc.nat({ max: 5 }),
        fc.boolean(),
        (around, value, at, inList) => {
          const list = around.toSpliced(at, 0, value)
          const body = inList
            ? { items: list }
            : Object.fromEntries(list.map((each, index) => [`f${index}`, { deep: [each] }]))
          const expected = inspectValue(value, limits)
          const hit = inspector.inspect(of(body))
          expect(hit?.kind).toBe(expected?.kind)
          expect(hit?.confidence).toBe(expected?.confidence)
          expect(hit).toEqual(inspectMessage(of(body), limits))
          if (hit !== undefined) {
            found += 1
            const place = Math.min(at, around.length)
            expect(hit.at).toBe(inList ? 'items[]' : `f${place}.deep[]`)
          }
        },
      ),
      { numRuns: 2_000 },
    )
    expect(found).toBeGreaterThan(500)
  })

  it('finds a hostile name again and again, though clean ones are remembered', () => {
    for (let turn = 0; turn < 3; turn += 1) {
      expect(inspector.inspect(of({ name: { first: 'a' } }))).toBeUndefined()
      expect(inspector.inspect(of({ name: { $where: '1' } }))).toMatchObject({ at: 'name.$where' })
      expect(inspector.inspect(of({ "x' or 1=1--": 1 }))).toMatchObject({ kind: 'sql-injection' })
    }
  })
})

it('keeps the digits of numbers that are too long, wherever they stand', () => {
  let rows = 0
  for (let offset = 0; offset < 40; offset += 1)
    for (const digits of [15, 16, 17, 20]) {
      const number = '9'.repeat(digits)
      const parsed = parseJson(`{"${'a'.repeat(offset)}":${number},"b":1}`) as Record<string, unknown>
      const safe = Number.isSafeInteger(Number(number))
      expect(parsed['a'.repeat(offset)]).toBe(safe ? Number(number) : number)
      rows += 1
    }
  expect(rows).toBe(160)
})
