import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mixedOf } from './mixed-segment.ts'
import { parameterName } from './parameter-name.ts'
import { splitPath } from './path.ts'
import { blankTemplate } from './path-tree.ts'
import { isTyped, kindOf, type SegmentKind } from './segment-kind.ts'

describe('kindOf', () => {
  const rows: readonly [string, SegmentKind][] = [
    ['3f2b8c1e-9d4a-4c6b-8f00-1234567890ab', 'uuid'],
    ['01JTARSX70QP4VT8E4WQ9B9SQ1', 'ulid'],
    ['507f1f77bcf86cd799439011', 'object-id'],
    ['9db475371b5cc2913d3219f72e16a3f101339a05', 'hex'],
    ['42', 'int'],
    ['-7', 'int'],
    ['3.25', 'decimal'],
    ['2026-11-22', 'date'],
    ['2026-11-22T10:00:00Z', 'time'],
    ['anna@shop.example', 'email'],
    ['203.0.113.7', 'ip'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln', 'jwt'],
    ['cus_9s6XKzkNRiz8i3', 'prefixed-id'],
    ['MlLVE2AwGkE', 'token'],
    ['dKBOYhuJTAf7-Hu7KyVdgb', 'token'],
    ['JQ4-7433', 'code'],
    ['+4930123456', 'phone'],
    ['the-great-gatsby-again', 'slug'],
    ['silver_5812', 'slug'],
    ['valley_100.png', 'file'],
    ['48.85,2.35', 'list'],
    ['v1', 'version'],
    ['v2.1', 'version'],
    ['en-US', 'locale'],
    ['orders', 'word'],
    ['windowsPhone8', 'word'],
    ['legal_hold_policies', 'word'],
    ['sign_requests', 'word'],
    ['getUserById', 'word'],
    ['login', 'word'],
    ['', 'empty'],
    ['res_QrsTxLqpiAfBXBd', 'prefixed-id'],
    ['WV4HPF', 'code'],
    ['99120045-01', 'code'],
    ['SHA2', 'word'],
    ['getHTTPSUrlForX', 'word'],
    ['RURvRTlSUkRIZDFB', 'token'],
    ['userProfileV2Beta', 'word'],
  ]
  let ran = 0
  it.each(rows)('%s is %s', (segment, kind) => {
    expect(kindOf(segment)).toBe(kind)
    ran += 1
  })
  it('ran every row', () => expect(ran).toBe(38))
})

describe('mixedOf', () => {
  it('finds the value between fixed text', () => {
    const rows: readonly [string, string, string, string][] = [
      ['report-12.json', 'report-', '12', '.json'],
      ['6636.rdf', '', '6636', '.rdf'],
      ['@alice', '@', 'alice', ''],
      ["roles(user='bob')", "roles(user='", 'bob', "')"],
      ['123:cancel', '', '123', ':cancel'],
      ['berlin:verify', '', 'berlin', ':verify'],
    ]
    for (const [segment, prefix, value, suffix] of rows)
      expect(mixedOf(segment)).toMatchObject({ prefix, value, suffix })
    for (const segment of ['index.html', 'orders', 'a:b', 'v1.2', 'f(x)', 'hotels:verify'])
      expect(mixedOf(segment)).toBeUndefined()
    expect(rows.length).toBe(6)
  })
})

describe('parameterName', () => {
  it('takes the noun before', () => {
    const rows: readonly [readonly string[], SegmentKind, string][] = [
      [['users'], 'int', 'userId'],
      [['users', 'v1'], 'word', 'userId'],
      [['order-items'], 'uuid', 'orderItemId'],
      [['categories'], 'int', 'categoryId'],
      [['status'], 'int', 'statusId'],
      [['boxes'], 'int', 'boxId'],
      [[], 'int', 'id'],
      [['reports'], 'date', 'date'],
      [['users', '{userId}', 'users'], 'int', 'userId2'],
      [['a', '{aId}'], 'int', 'id'],
    ]
    for (const [before, kind, name] of rows) expect(parameterName(before, kind)).toBe(name)
    expect(rows.length).toBe(10)
  })
})

describe('splitPath', () => {
  it('normalises without losing structure', () => {
    expect(splitPath('//a///b/')).toEqual(['a', 'b', ''])
    expect(splitPath('/')).toEqual([''])
    expect(splitPath('/a%20b/c%2Fd')).toEqual(['a b', 'c%2Fd'])
    expect(splitPath('/a;v=1/b')).toEqual(['a', 'b'])
    expect(splitPath('/%ff/{x}')).toEqual(['%ff', '%7Bx%7D'])
    expect(splitPath(`/${'a/'.repeat(40)}`)).toBeUndefined()
    expect(splitPath(`/${'a'.repeat(3000)}`)).toBeUndefined()
  })

  it('puts a placeholder, named once, exactly where a segment is a value by its form', () => {
    const segment = fc.oneof(
      fc.constantFrom('orders', 'v1', 'users', 'me', 'report-7.json', '@bob'),
      fc.uuid(),
      fc.nat().map(String),
      fc.string({ minLength: 1, maxLength: 20 }),
    )
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 8 }), segments => {
        const split = splitPath(`/${segments.map(encodeURIComponent).join('/')}`)
        if (split === undefined) return
        const once = blankTemplate(split)
        const names = new Set<string>()
        for (const [name] of once.matchAll(/\{[^}]*\}/g)) {
          expect(names.has(name)).toBe(false)
          names.add(name)
        }
        // Each typed segment became a placeholder, and nothing else did.
        const texts = once.slice(1).split('/')
        for (const [index, text] of split.entries()) {
          // A digit in front is the version of an API.
          if (index === 0 && /^\d$/.test(text)) continue
          expect(texts[index]!.includes('{')).toBe(isTyped(kindOf(text)) || mixedOf(text)?.certain === true)
        }
      }),
    )
  })
})
