import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { endpointId } from '../../../kit/id.ts'
import { SpecIndex } from '../match.ts'
import { parseSpecification } from '../parse.ts'
import { formats, textFormats } from './index.ts'

const folder = fileURLToPath(new URL('.', import.meta.url))

describe('the formats', () => {
  it('are exactly the files of their folder, each named after its id', () => {
    const files = readdirSync(folder).filter(
      name => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'index.ts',
    )
    expect([...formats, ...textFormats].map(({ id }) => `${id}.ts`).sort()).toEqual(files.sort())
  })

  let ran = 0
  it.each(formats)('$id reads its example as the same operation', ({ id, example }) => {
    ran += 1
    const { specification, problems } = parseSpecification(example, 'example')
    expect(problems).toEqual([])
    expect(specification).toMatchObject({ format: id, title: 'Orders' })
    const bound = new SpecIndex([specification!]).match('api.shop.example', 'GET', ['v1', 'orders', '7'])
    expect(bound?.template).toBe('/v1/orders/{orderId}')
  })

  it.each(textFormats)('$id reads its example as an operation of its protocol', ({ id, example }) => {
    ran += 1
    const { specification, problems } = parseSpecification(example, 'example')
    expect(problems).toEqual([])
    expect(specification?.format).toBe(id)
    const { protocols } = new SpecIndex([specification!])
    const name = id === 'graphql' ? '/graphql#query:order' : '/shop.Orders/Get'
    expect(protocols.find(endpointId('POST', 'api.shop.example', name))?.operation).toBe(
      specification!.operations[0],
    )
    expect(protocols.find(endpointId('POST', 'api.shop.example', `${name}s`))).toBeUndefined()
  })
  it('ran every row', () => expect(ran).toBe(formats.length + textFormats.length))
})
