import { describe, expect, it } from 'vitest'
import { evidenceOf, identify } from '../../identity/identify.ts'
import { SessionDirectory } from '../../identity/session-directory.ts'
import { Catalog } from '../catalog.ts'
import { exampleCall } from './example-traffic.ts'
import { parseSpecification } from './parse.ts'

function orphansOf(sources: readonly string[], calls: readonly (readonly [host: string, request: string])[]) {
  const catalog = new Catalog()
  catalog.specify(
    sources.map((source, index) => {
      const { specification, problems } = parseSpecification(source, `given-${index}`)
      if (specification === undefined) throw new Error(problems[0]?.message)
      return specification
    }),
  )
  const sessions = new SessionDirectory()
  for (const [index, [host, request]] of calls.entries()) {
    const call = exampleCall({ request }, index)
    const heard = { ...call, destination: { host } }
    catalog.observe(heard, identify(evidenceOf(heard), sessions))
  }
  return catalog.orphans().map(({ bound, host }) => `${bound.operation.method} ${host}${bound.template}`)
}

const ok = "{ responses: { '200': { description: ok } } }"
const head = (title: string): string => `openapi: 3.1.0\ninfo: { title: ${title}, version: '1' }\n`

describe('specified operations without a call', () => {
  const several = `${head('several')}servers: [{ url: 'https://api.example' }]
paths:
  /orders: { get: ${ok} }
  /files:
    servers: [{ url: 'https://files.example/v2' }, { url: 'https://mirror.example/v2' }]
    get: ${ok}
    post: ${ok}
  /late:
    get: { servers: [{ url: 'https://late.example' }], responses: { '200': { description: ok } } }
`

  it('stand at the host that their path or operation names', () => {
    expect(orphansOf([several], [['api.example', 'GET /orders']])).toEqual([
      'GET files.example/v2/files',
      'POST files.example/v2/files',
      'GET late.example/late',
    ])
  })

  it('stand at the one of several hosts that is called', () => {
    expect(orphansOf([several], [['mirror.example', 'GET /v2/files']])).toEqual([
      'GET api.example/orders',
      'POST mirror.example/v2/files',
      'GET late.example/late',
    ])
  })

  it('stand at the host where their document is seen to be served', () => {
    const relative = `${head('relative')}paths:\n  /a: { get: ${ok} }\n  /b: { get: ${ok} }\n`
    expect(orphansOf([relative], [['staging.example', 'GET /a']])).toEqual(['GET staging.example/b'])
    expect(orphansOf([relative], [])).toEqual(['GET /a', 'GET /b'])
  })

  it('are of each API by itself where two have a path in common', () => {
    const one = `${head('one')}servers: [{ url: 'https://one.example' }]\npaths:\n  /health: { get: ${ok} }\n`
    const two = `${head('two')}servers: [{ url: 'https://two.example' }]\npaths:\n  /health: { get: ${ok} }\n`
    expect(orphansOf([one, two], [['one.example', 'GET /health']])).toEqual(['GET two.example/health'])
    expect(
      orphansOf(
        [one, two],
        [
          ['one.example', 'GET /health'],
          ['two.example', 'GET /health'],
        ],
      ),
    ).toEqual([])
  })
})
