import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { routeSegments } from './route-notation.ts'
import { RouteShapes } from './route-shapes.ts'

const rows: readonly [route: string, template: string | undefined][] = [
  ['/orders/:id', '/orders/{id}'],
  ['/orders/:id(\\d+)/items', '/orders/{id}/items'],
  ['/orders/{id}', '/orders/{id}'],
  ['/orders/{id:[0-9]{1,4}}', '/orders/{id}'],
  ['/orders/<int:id>', '/orders/{id}'],
  ['/orders/<id>', '/orders/{id}'],
  ['/orders/[id]', '/orders/{id}'],
  ['^orders/(?P<id>\\d+)/$', '/orders/{id}/'],
  ['^/orders/(\\d+)$', '/orders/{value}'],
  ['/orders/:id(.:format)', '/orders/{id}'],
  ['/flights/:from-:to', '/flights/{from}-{to}'],
  ['/orders/{id}:cancel', '/orders/{id}:cancel'],
  ['/reports/report-{id}.json', '/reports/report-{id}.json'],
  ['GET /orders/{id}', '/orders/{id}'],
  ['/files/*path', undefined],
  ['/files/{path:path}', '/files/{path}'],
  ['/files/<path:rest>', undefined],
  ['/files/[...slug]', undefined],
  ['/files/{*rest}', undefined],
  ['/files/**', undefined],
  ['*', undefined],
  ['/a/{b', undefined],
  ['/a/{b}{c}', undefined],
  [`/${'x'.repeat(600)}`, undefined],
]

describe('routes of frameworks', () => {
  let ran = 0
  it.each(rows)('%s', (route, template) => {
    const read = routeSegments(route)
    expect(read === undefined ? undefined : `/${read.join('/')}`).toBe(template)
    ran += 1
  })
  it('ran every row', () => expect(ran).toBe(rows.length))

  it('must fit the path, or the end of it', () => {
    const shapes = new RouteShapes()
    expect(shapes.of('/orders/:id', ['orders', 'x'])).toEqual(['orders', '{id}'])
    expect(shapes.of('/orders/:id', ['shop', 'orders', 'x'])).toEqual([undefined, 'orders', '{id}'])
    expect(shapes.of('/orders/:id', ['users', 'x'])).toBeUndefined()
    expect(shapes.of('/orders/:id/items', ['orders', 'x'])).toBeUndefined()
    expect(shapes.of('/orders/:id/', ['orders', 'x'])).toEqual(['orders', '{id}'])
  })

  it('whatever is written, what fits has as many segments as the path', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 60 }),
        fc.array(fc.string({ maxLength: 6 }), { maxLength: 6 }),
        (route, path) => {
          const shape = new RouteShapes().of(route, path)
          if (shape === undefined) return
          expect(shape).toHaveLength(path.length)
          for (const [index, text] of shape.entries())
            if (text !== undefined && !text.includes('{')) expect(text).toBe(path[index])
        },
      ),
      { numRuns: 500 },
    )
  })
})
