import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { exampleCall } from './example-call.ts'
import { protocols, readOperations, readParts } from './index.ts'

/** Files of the folder that hold no protocol. */
const shared = new Set(['operation', 'protocol', 'glance', 'references', 'index', 'example-call', 'xml'])

describe('the registry of protocols', () => {
  it('holds every file of its folder once, under its name', () => {
    const files = readdirSync(import.meta.dirname)
      .filter(file => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map(file => file.slice(0, -3))
      .filter(file => !shared.has(file))
      .sort()
    expect(protocols.map(({ id }) => id).sort()).toEqual(files)
  })

  for (const protocol of protocols) {
    it(`reads the examples of ${protocol.title}`, () => {
      expect(protocol.examples.length).toBeGreaterThan(0)
      for (const example of protocol.examples) {
        const call = exampleCall(example)
        const operations = readOperations(call)
        expect(
          operations.map(({ name }) => name),
          example.title,
        ).toEqual(example.operations)
        expect(new Set(operations.map(operation => operation.protocol))).toEqual(new Set([protocol.id]))
        expect(
          operations.flatMap(({ objects }) => objects.map(({ type, id }) => `${type}:${id}`)),
          example.title,
        ).toEqual(example.objects ?? [])
        expect(readParts(call).length).toBeGreaterThanOrEqual(operations.length)
      }
    })
  }
})
