import { describe, expect, it } from 'vitest'
import { exampleCall } from '../../call/protocols/example-call.ts'
import { OperationSchema } from './operation-schema.ts'
import { isXmlType, xmlBody } from './xml-body.ts'

const order = (lines: readonly string[], extra = ''): string =>
  `<?xml version="1.0"?><o:order xmlns:o="urn:o" id="7"><o:total currency="EUR">9.5</o:total>${lines
    .map(line => `<line><sku>${line}</sku><count>2</count></line>`)
    .join('')}${extra}</o:order>`

function learned(bodies: readonly string[], split = bodies.length) {
  const sides = [new OperationSchema(), new OperationSchema()] as const
  for (const [index, body] of bodies.entries())
    sides[index < split ? 0 : 1].learnResponse(
      exampleCall({
        request: { method: 'GET', target: '/order' },
        response: { status: 200, headers: { 'content-type': 'application/xml; charset=utf-8' }, body },
      }),
    )
  if (split < bodies.length) sides[0].absorb(sides[1])
  return sides[0].build([], false).responses[0]
}

describe('XML bodies', () => {
  it('have elements, attributes and text, with the types that the text writes', () => {
    const body = learned([order(['a', 'b']), order(['c'])])
    expect(body).toMatchObject({ mediaType: 'application/xml', root: 'order', seen: 2 })
    expect(body?.schema?.properties).toMatchObject({
      '@id': { type: 'integer', seen: 2 },
      total: { type: 'object', properties: { '@currency': { type: 'string' }, '#text': { type: 'number' } } },
      line: { type: 'array', items: { type: 'object', properties: { count: { type: 'integer' } } } },
    })
  })

  it('have a list where an element ever came twice, whichever came first, also over a merge', () => {
    const bodies = [order(['a']), order(['b', 'c']), order(['d'])]
    const whole = learned(bodies)?.schema
    expect(whole?.properties?.line).toMatchObject({ type: 'array', seen: 3, items: { seen: 4 } })
    expect(learned([...bodies].reverse())?.schema).toEqual(whole)
    expect(learned(bodies, 1)?.schema).toEqual(whole)
    expect(learned(bodies, 2)?.schema).toEqual(whole)
  })

  it('say no root where it differs, and nothing where there is no element', () => {
    expect(learned([order(['a']), '<error>no</error>'])?.root).toBeUndefined()
    expect(learned(['plain text'])?.schema).toBeUndefined()
    expect(xmlBody('<a __proto__="1"><constructor/></a>')?.value).toEqual(
      JSON.parse('{"@__proto__":"1","constructor":""}'),
    )
  })

  it('are those of messages', () => {
    const types = ['text/xml', 'application/soap+xml', 'application/xhtml+xml', 'image/svg+xml', 'text/html']
    expect(types.map(isXmlType)).toEqual([true, true, false, false, false])
  })
})
