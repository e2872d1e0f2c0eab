import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'

const script = fileURLToPath(new URL('score-schemas.ts', import.meta.url))
const run = (...args: readonly string[]) =>
  spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' })

const document = {
  paths: {
    '/items': {
      post: {
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Item' } } } },
        responses: {},
      },
    },
  },
  components: {
    schemas: {
      Item: {
        type: 'object',
        required: ['id', 'made'],
        properties: {
          id: { type: 'integer' },
          made: { type: 'string', format: 'date' },
          price: { type: 'number' },
          tags: { type: 'array', items: { type: 'string' } },
        },
      },
    },
  },
}

it('says what is missing and exits 2', () => {
  expect(run()).toMatchObject({ status: 2, stderr: expect.stringContaining('Which folder?') })
  expect(run('/nowhere')).toMatchObject({
    status: 2,
    stderr: 'traffic.jsonl.gz is missing in /nowhere.\n',
  })
})

it('scores traffic against the document it was made from', () => {
  const folder = mkdtempSync(join(tmpdir(), 'score-'))
  try {
    const lines = (change: (index: number) => object): string =>
      Array.from({ length: 30 }, (_, index) =>
        JSON.stringify({
          call: {
            time: 1_800_000_000_000 + index,
            destination: { host: 'api.example' },
            request: {
              method: 'POST',
              target: '/items',
              headers: [['content-type', 'application/json']],
              body: JSON.stringify({
                id: index,
                made: '2026-01-02',
                ...(index % 3 === 0 ? { price: index + 0.5, tags: ['a'] } : {}),
                ...change(index),
              }),
            },
            response: { status: 200, headers: [] },
          },
          operation: 'POST /items',
          document: 'shop',
          n: index + 1,
        }),
      ).join('\n')
    writeFileSync(join(folder, 'traffic.jsonl.gz'), gzipSync(lines(() => ({}))))
    expect(run(folder)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('shop.json.gz is missing'),
    })
    mkdirSync(join(folder, 'documents'))
    writeFileSync(join(folder, 'documents/shop.json.gz'), gzipSync(JSON.stringify(document)))
    const fine = run(folder, '--json')
    expect(fine.status, fine.stderr).toBe(0)
    expect(JSON.parse(fine.stdout)).toMatchObject({
      score: { operations: 1, sides: 1, sent: 4, typed: 4, judgedRequired: 4, fresh: 10, accepted: 10 },
      figures: { propertyRecall: 1, type: 1, required: 1, formatPrecision: 1, formatRecall: 1, accepted: 1 },
    })
    // A number that was whole for twenty bodies, a field the document does not know, and one that came always although it need not.
    writeFileSync(
      join(folder, 'traffic.jsonl.gz'),
      gzipSync(lines(index => ({ price: index < 20 ? 1 : 1.5, more: true }))),
    )
    const wrong = run(folder, '--json')
    expect(wrong.status).toBe(1)
    expect(JSON.parse(wrong.stdout)).toMatchObject({
      score: { learned: 5, learnedDocumented: 4, typeRight: 3, requiredFalse: 1, accepted: 0 },
    })
    expect(run(folder, '--bodies', '31').status).toBe(2)
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 60_000)
