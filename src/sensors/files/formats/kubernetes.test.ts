import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { SallyportEvent } from '../../../call/event.ts'
import { Redactor } from '../../../call/redactor.ts'
import type { Rejection } from '../../../kit/rejection.ts'
import { readEvents } from '../index.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-manifests-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
async function read(text: string) {
  files += 1
  const path = join(folder, `${files}.txt`)
  writeFileSync(path, text)
  const events: SallyportEvent[] = []
  const rejections: Rejection[] = []
  const redactor = new Redactor({ key: Buffer.alloc(32) })
  for await (const event of readEvents([path], { redactor, onRejection: one => rejections.push(one) }))
    events.push(event)
  return {
    names: events.map(event =>
      event.type === 'resource' ? `${event.object.kind} ${event.object.metadata.name}` : event.type,
    ),
    events,
    rejections: rejections.map(({ position, reason }) => `${position} ${reason}`),
  }
}

const service = (name: string): string => `apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec: { selector: { app: ${name} } }
`
const item = (name: string) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: {} })

describe('manifests', () => {
  it('are read document by document, at time 0', async () => {
    const { names, events, rejections } = await read(
      `# rendered\n---\n# Source: a\n${service('a')}---\n\n--- # b\n${service('b')}...\n`,
    )
    expect(names).toEqual(['Service a', 'Service b'])
    expect(events.every(event => event.time === 0)).toBe(true)
    expect(rejections).toEqual([])
  })

  it('lose only the document that is broken', async () => {
    const { names, rejections } = await read(
      `${service('a')}---\nkind: Service\nmetadata: { name: [ }\n---\n${service('b')}---\napiVersion: v1\nkind: Service\nmetadata: {{ .Values.name }}\n`,
    )
    expect(names).toEqual(['Service a', 'Service b'])
    expect(rejections).toHaveLength(2)
    expect(rejections[0]).toMatch(/^2 The YAML/)
    expect(rejections[1]).toMatch(/^4 An object of a kind that is known says no/)
  })

  it('leave out definitions, customizations and what no model speaks of, without a word', async () => {
    const other = (kind: string, apiVersion: string): string =>
      `---\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: x }\n`
    const { names, rejections } = await read(
      service('a') +
        other('CustomResourceDefinition', 'apiextensions.k8s.io/v1') +
        other('ConfigMap', 'v1') +
        other('Kustomization', 'kustomize.config.k8s.io/v1beta1'),
    )
    expect(names).toEqual(['Service a'])
    expect(rejections).toEqual([])
    expect((await read('resources:\n- a.yaml\n- b.yaml\n')).rejections).toEqual([])
  })

  it.each([
    ['one object', JSON.stringify(item('a'))],
    ['one over several lines', JSON.stringify(item('a'), null, 2)],
    ['a list', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [item('a')] }, null, 4)],
    [
      'a typed list',
      JSON.stringify({ apiVersion: 'v1', kind: 'ServiceList', metadata: {}, items: [item('a')] }),
    ],
    ['a list of objects', JSON.stringify([item('a')])],
    ['a YAML list', `apiVersion: v1\nkind: List\nitems:\n- ${JSON.stringify(item('a'))}\n`],
  ])('come as %s', async (_, text) => {
    const { names, rejections } = await read(text)
    expect(names).toEqual(['Service a'])
    expect(rejections).toEqual([])
  })

  it('withstand aliases that stand for more than they say, and deep nesting', async () => {
    const bomb = [
      'a: &a [x, x, x, x, x, x, x, x, x]',
      ...'bcdefghij'
        .split('')
        .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(', ')}]`),
    ].join('\n')
    const { names, rejections } = await read(
      `${service('a')}---\n${service('bomb')}${bomb}\n---\n${service('deep')}x: ${'['.repeat(50_000)}\n---\n${service('b')}`,
    )
    expect(names).toEqual(['Service a', 'Service b'])
    expect(rejections).toEqual([
      expect.stringMatching(/^2 The YAML has too many aliases .*: write out what they stand for\.$/),
      '3 The YAML is nested deeper than 200 levels: flatten it.',
    ])
  })

  it.each([
    ['maps in braces', `x: ${'{a: '.repeat(100_000)}`],
    ['dashes in a row', `x:\n  ${'- '.repeat(1_000_000)}`],
    ['questions in a row', `x:\n  ${'? '.repeat(1_000_000)}`],
    ['columns', Array.from({ length: 2_500 }, (_, depth) => `${' '.repeat(depth)}k:`).join('\n')],
  ])('withstand %s', async (_, text) => {
    const { names, rejections } = await read(
      `${service('a')}---\n${service('deep')}${text}\n---\n${service('b')}`,
    )
    expect(names).toEqual(['Service a', 'Service b'])
    expect(rejections).toEqual([expect.stringMatching(/^2 The YAML .*(deep|stack)/)])
  })

  it('are never held beyond 4 MiB of a document', async () => {
    const long = `${service('long')}${`x: ${'y'.repeat(1_000)}\n`.repeat(50_000)}`
    const { names, rejections } = await read(`${service('a')}---\n${long}---\n${service('b')}`)
    expect(names).toEqual(['Service a', 'Service b'])
    expect(rejections).toEqual([
      '2 The document is longer than 4194304 bytes. Part it with lines of ---, or give it as JSON.',
    ])
  }, 30_000)

  it('are read from a folder by name, and what else stands there is left out and said', async () => {
    const root = join(folder, 'cluster')
    mkdirSync(join(root, 'b'), { recursive: true })
    mkdirSync(join(root, '.git'))
    writeFileSync(join(root, '.git', 'x.yaml'), service('hidden'))
    writeFileSync(join(root, 'c.yaml'), service('c'))
    writeFileSync(join(root, 'b', 'b.yaml'), `${service('b1')}---\n${service('b2')}`)
    writeFileSync(join(root, 'a.json'), JSON.stringify(item('a')))
    writeFileSync(join(root, 'README.md'), '# What this is\n')
    symlinkSync(join(root, 'c.yaml'), join(root, 'd.yaml'))
    const names: string[] = []
    const rejections: Rejection[] = []
    const redactor = new Redactor({ key: Buffer.alloc(32) })
    for await (const event of readEvents([root], { redactor, onRejection: one => rejections.push(one) }))
      if (event.type === 'resource') names.push(event.object.metadata.name)
    expect(names).toEqual(['a', 'b1', 'b2', 'c'])
    expect(rejections).toEqual([
      { source: join(root, 'README.md'), position: 1, reason: 'The file is in no format that is known.' },
    ])
  })

  it('do not take other YAML for manifests', async () => {
    await expect(read('openapi: 3.1.0\ninfo: { title: x }\n')).rejects.toThrow('no format that is known')
  })
})
