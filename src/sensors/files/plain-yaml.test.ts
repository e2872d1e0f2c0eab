import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDocument, stringify } from 'yaml'
import { readPlainYaml } from './plain-yaml.ts'

/** What a full parser says; undefined for what is broken. */
function fully(text: string): { readonly value: unknown } | undefined {
  const document = parseDocument(text, { merge: true, uniqueKeys: false, logLevel: 'silent' })
  return document.errors.length > 0 ? undefined : { value: document.toJS({ maxAliasCount: 100 }) }
}

const deployment = `# Source: shop
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {}
  annotations:
    note: "a: b # c"
    since: '2024-01-01'
    released: 2024-01-01
    script: |
      set -e
        # kept

      echo "$A"
spec:
  replicas: 2
  paused: false
  template:
    spec:
      serviceAccountName: ~
      containers:
      - name: web
        image: registry.example/web:1.2.0
        args: []
        command:
          - sh
          - -c
          - |-
            run: it
        ports:
          -
            containerPort: 8080
      volumes:
`

describe('plain YAML', () => {
  it('is read as a full parser reads it', () => {
    expect(readPlainYaml(deployment)).toStrictEqual(fully(deployment))
    expect(readPlainYaml(deployment)?.value).toMatchObject({
      spec: {
        replicas: 2,
        template: {
          spec: { containers: [{ command: ['sh', '-c', 'run: it'], ports: [{ containerPort: 8080 }] }] },
        },
      },
    })
  })

  it.each([
    ['an alias', 'a: &x 1\nb: *x\n'],
    ['a tag', 'a: !!str 1\n'],
    ['a flow collection', 'a: { b: 1 }\n'],
    ['an escape', 'a: "b\\n"\n'],
    ['a merge', 'a:\n  <<: b\n'],
    ['a comment behind a value', 'a: b # c\n'],
    ['a scalar of two lines', 'a: b\n  c\n'],
    ['a folded scalar', 'a: >\n  b\n'],
    ['a fraction', 'a: 1.50\n'],
    ['a number in another base', 'a: 0x1F\n'],
    ['a mapping on one line', 'a: b: c\n'],
    ['a tab', 'a:\n\tb: 1\n'],
    ['a line that stands between two columns', 'a:\n    b: 1\n  c: 2\n'],
    ['a prototype', '__proto__:\n  a: 1\n'],
    ['a second document', 'a: 1\n---\nb: 2\n'],
    ['a scalar alone', 'a\n'],
    ['nothing', '# a\n'],
    ['a Windows line end', 'a: b\r\n'],
    ['nesting without end', Array.from({ length: 100 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
    ['items in items without end', `${'- '.repeat(100)}a: 1\n`],
  ])('is not %s', (_, text) => {
    expect(readPlainYaml(text)).toBeUndefined()
  })

  const piece = fc.constantFrom(
    ...['a', 'b-c', 'x.io/y', ':', ': ', '- ', '-', '#', ' #', '"', "'", '|', '|-', '{}', '[]', '~', 'null'],
    ...[
      'true',
      'No',
      '1',
      '-0',
      '+7',
      '012',
      '1e3',
      '0o7',
      '.5',
      '1.2.3',
      '10:20',
      ' ',
      '  ',
      '\n',
      '\n  ',
      '\n    ',
    ],
    ...[
      '\n- ',
      '\n  - ',
      '\na: ',
      '\n  b: ',
      '\nc:',
      '&a',
      '*a',
      '<<',
      '\t',
      '\\',
      'é',
      '---',
      '...',
      '%',
      '> ',
      '?',
    ],
  )

  it('says the same of whatever it reads, or nothing', () => {
    let read = 0
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), pieces => {
        const text = `a: ${pieces.join('')}`
        const plain = readPlainYaml(text)
        if (plain === undefined) return
        read += 1
        expect(plain).toStrictEqual(fully(text))
      }),
      { numRuns: 6_000, seed: 11 },
    )
    expect(read).toBeGreaterThan(200)
  })

  const key = fc.stringMatching(/^[A-Za-z][A-Za-z0-9./-]{0,8}$/)
  const leaf = fc.oneof(
    fc.constantFrom<unknown>(null, true, false, '', 'true', '8080', 'a\nb\n', 'a\nb', ' a', 'a: b', {}, []),
    fc.integer(),
    fc.string(),
    key,
  )
  const { value } = fc.letrec<{ value: unknown }>(tie => ({
    value: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      leaf,
      fc.dictionary(key, tie('value'), { maxKeys: 4 }),
      fc.array(tie('value'), { maxLength: 4 }),
    ),
  }))

  it('is what manifests are rendered in', () => {
    let read = 0
    fc.assert(
      fc.property(
        fc.dictionary(key, value, { minKeys: 1, maxKeys: 4 }),
        fc.boolean(),
        (object, indentSeq) => {
          const text = stringify(object, { indentSeq })
          const plain = readPlainYaml(text)
          if (plain === undefined) return
          read += 1
          expect(plain).toStrictEqual(fully(text))
        },
      ),
      { numRuns: 1_000, seed: 5 },
    )
    expect(read).toBeGreaterThan(200)
  })
})
