import { expect, it } from 'vitest'
import { eventFrom, isRejection } from '../call/event-line.ts'
import { Redactor } from '../call/redactor.ts'
import { Analysis } from './analysis.ts'
import { answerFrom } from './graph-questions.ts'

const redactor = new Redactor({ key: new Uint8Array(32) })
const jwt = (sub: string): string =>
  ['{"alg":"HS256"}', JSON.stringify({ sub })]
    .map(part => Buffer.from(part).toString('base64url'))
    .concat('c2ln')
    .join('.')

it('tells with what a principal was seen and who shares it', () => {
  const analysis = new Analysis()
  for (const [index, [sub, ip]] of [
    ['alice', '203.0.113.7'],
    ['alice', '203.0.113.8'],
    ['bob', '203.0.113.8'],
  ].entries()) {
    const event = eventFrom(
      {
        time: 1_700_000_000_000 + index * 1000,
        source: { ip },
        destination: { host: 'api.shop.example' },
        request: { method: 'GET', target: '/me', headers: [['authorization', `Bearer ${jwt(sub ?? '')}`]] },
        response: { status: 200, headers: [] },
      },
      'test',
      index,
      redactor,
    )
    if (isRejection(event)) throw new Error(event.reason)
    analysis.observe(event)
  }
  const ties = answerFrom(analysis.graphNow(), 'ties', { principal: 'user:alice' }, analysis.beside)
  expect(ties?.addresses.map(({ name, calls }) => [name, calls])).toEqual([
    ['203.0.113.7', 1],
    ['203.0.113.8', 1],
  ])
  expect([ties?.tokens.length, ties?.devices.length, ties?.shared]).toEqual([1, 1, []])
  expect(ties?.linked.map(({ principal, by }) => [principal, by])).toEqual([['user:bob', 'device']])
  const nobody = answerFrom(analysis.graphNow(), 'ties', { principal: 'user:carol' }, analysis.beside)
  expect(nobody).toBeUndefined()
})
