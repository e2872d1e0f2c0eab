import { describe, expect, test } from 'vitest'
import { defaultDecodeLimits } from '../../src/call/content-limits.ts'
import { grammars, inspectText, pieceLength } from '../../src/call/payload/index.ts'
import { inspectMessage } from '../../src/call/payload/inspect-message.ts'
import { heldOutAttacks } from './held-out-attacks.ts'

/** Milliseconds of this thread's own time: what else the machine does is no part of it. */
function cost(run: () => void): number {
  run()
  const began = process.threadCpuUsage().user
  run()
  return (process.threadCpuUsage().user - began) / 1_000
}

const pieces = [
  ...new Set([
    ...grammars.flatMap(({ triggers }) => triggers.flatMap(each => [each, `${each}(`])),
    ...grammars.flatMap(({ examples }) => [...examples.hits, ...examples.misses]),
    ...Object.values(heldOutAttacks).flat(),
    ...'! " # $ % & \' ( ) * + , - . / : ; < = > ? @ [ \\ ] ^ _ ` { | } ~'.split(' '),
    '/*',
    '*/',
    '/**/',
    '$a=1;',
    'a=$a;',
    '{a,',
    '<a ',
    '<<',
    '((',
    '{{',
    '${',
    'a@',
    '=?',
    '\\u0041',
    '&#65;',
    '%2525',
    'a b ',
    "it's ",
    '/a?',
    '/[a]',
  ]),
].filter(each => each !== '')

describe('what reading costs, whatever is sent', () => {
  test('no text of one piece costs more than a tenth of a second', () => {
    expect(pieces.length).toBeGreaterThan(1_000)
    const worst = pieces
      .map(
        each =>
          [
            each,
            cost(() => inspectText(each.repeat(Math.ceil(pieceLength / each.length)).slice(0, pieceLength))),
          ] as const,
      )
      .sort((a, b) => b[1] - a[1])[0]!
    expect(worst[1], JSON.stringify(worst[0])).toBeLessThan(100)
  }, 120_000)

  test('four times the text costs about four times as much', () => {
    for (const each of [
      "' or 1=",
      '$a=1;$a',
      '<a b=',
      '((a)(',
      '/[a]/?',
      '{{a',
      '#{t(java',
      'a.b(c ',
      '"\'`;--',
      '\r\nto: a@',
    ]) {
      const short = cost(() => inspectText(each.repeat(16_000 / each.length)))
      const long = cost(() => inspectText(each.repeat(64_000 / each.length)))
      expect(long, each).toBeLessThan(8 * short + 20)
    }
  })

  test('encodings within encodings do not multiply', () => {
    const nested = encodeURIComponent(
      encodeURIComponent(encodeURIComponent('<a b="\\u0027{{%7*7}}&#65;">'.repeat(60))),
    )
    const value = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`f${index}`, `${index}${nested.slice(0, 1_500)}`]),
    )
    const spent = cost(() =>
      inspectMessage(
        { path: '/', query: [], headers: [], content: { kind: 'json', value } },
        defaultDecodeLimits,
      ),
    )
    expect(spent).toBeLessThan(1_500)
  })
})
