import { describe, expect, test } from 'vitest'
import { buildFacts } from './facts-builder.ts'
import { type SimulatedCall, simulate } from './simulate.ts'

const policy = (name: string, spec: string): string =>
  `apiVersion: sallyport/v1alpha1\nkind: ApiPolicy\nmetadata: { name: ${name} }\nspec: { ${spec} }\n`

/** Thirty calls a second apart: every third by mallory, who reads what is not hers; the first five of these are evidence. */
async function* recording(): AsyncGenerator<SimulatedCall> {
  for (let index = 0; index < 30; index += 1) {
    const name = index % 3 === 0 ? 'mallory' : 'alice'
    const facts = buildFacts(
      { identity: { name }, object: { foreign: name === 'mallory' } },
      { host: 'h', method: 'GET', path: '/orders/{id}' },
    )
    const { response: _response, object: _object, ...request } = facts
    yield {
      call: `c-${index}`,
      principal: `user:${name}`,
      endpoint: 'GET h/orders/{id}',
      time: 1000 * index,
      status: 200,
      ...(name === 'alice' ? {} : index < 15 ? { kind: 'attack', incidents: ['i-1'] } : { kind: 'suspect' }),
      request,
      response: facts,
    }
  }
}

describe('simulate', () => {
  test('whom a response policy would have touched, and that it stops the attack and nothing else', async () => {
    const result = await simulate(policy('p', 'action: { type: block }, when: object.foreign'), recording())
    expect(result).toMatchObject({
      calls: 30,
      from: 0,
      to: 29_000,
      matched: 10,
      stopped: 10,
      amended: 0,
      principals: [{ principal: 'user:mallory', calls: 10 }],
      endpoints: [{ endpoint: 'GET h/orders/{id}', calls: 10 }],
      examples: ['c-0', 'c-3', 'c-6', 'c-9', 'c-12', 'c-15', 'c-18', 'c-21', 'c-24', 'c-27'],
      errors: 0,
      attacks: {
        calls: 5,
        stopped: 5,
        missed: 0,
        missedExamples: [],
        incidents: [{ incident: 'i-1', calls: 5, stopped: 5 }],
      },
      suspect: { calls: 5, stopped: 5 },
      benign: { calls: 20, stopped: 0, amended: 0, principals: 0, examples: [] },
      other: { calls: 0, stopped: 0 },
    })
    expect(result.policies).toEqual([
      {
        policy: 'p',
        action: 'block',
        phase: 'response',
        matched: 10,
        stopped: 10,
        amended: 0,
        principals: 1,
        attacksStopped: 5,
        suspectStopped: 5,
        benignStopped: 0,
        benignAmended: 0,
      },
    ])
    expect(result.attacks.examples[0]).toEqual({
      call: 'c-0',
      time: 0,
      principal: 'user:mallory',
      endpoint: 'GET h/orders/{id}',
      status: 200,
      policy: 'p',
      action: 'block',
    })
  })

  test('which attacks a policy misses and whom it would break, each policy of a set by itself', async () => {
    const set = [
      policy('too-wide', 'action: { type: block }, when: identity.name == "alice"'),
      policy('tagged', 'action: { type: tag }'),
    ].join('---\n')
    const result = await simulate(set, recording())
    expect(result).toMatchObject({
      matched: 30,
      stopped: 20,
      attacks: { stopped: 0, missed: 5 },
      benign: { calls: 20, stopped: 20, principals: 1 },
    })
    expect(result.attacks.missedExamples.map(({ call }) => call)).toEqual([
      'c-0',
      'c-3',
      'c-6',
      'c-9',
      'c-12',
    ])
    expect(result.policies.map(one => [one.policy, one.matched, one.stopped, one.benignStopped])).toEqual([
      ['too-wide', 20, 20, 20],
      ['tagged', 30, 0, 0],
    ])
  })

  test('a throttle counts only what exceeds it', async () => {
    const result = await simulate(
      policy('p', 'action: { type: throttle, requests: 5, windowSeconds: 3600 }'),
      recording(),
    )
    expect(result.principals).toEqual([
      { principal: 'user:alice', calls: 15 },
      { principal: 'user:mallory', calls: 5 },
    ])
  })

  test('whom it would have quarantined is refused until that ends', async () => {
    const result = await simulate(
      policy(
        'p',
        'action: { type: quarantine, target: principal, ttl: 1m }, when: now.hour == 0.0 && identity.name == "alice"',
      ),
      recording(),
    )
    expect(result.benign).toMatchObject({ stopped: 20, principals: 1 })
    expect(result.attacks.stopped).toBe(0)
  })

  test('a faulty policy is refused', async () => {
    await expect(simulate(policy('p', 'action: { type: blok }'), recording())).rejects.toMatchObject({
      code: 'policy/invalid',
    })
    await expect(simulate('', recording())).rejects.toMatchObject({ code: 'policy/invalid' })
  })
})
