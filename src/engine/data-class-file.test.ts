import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readDataClassFile } from './data-class-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-classes-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('readDataClassFile', () => {
  it('hands on what it checked', () => {
    const file = join(folder, 'classes.yaml')
    const source = `classes:
  - { id: badge, title: Badge, group: pii, pattern: 'B\\d{6}', examples: { matches: [B123456], rejects: [B1] } }
`
    writeFileSync(file, source)
    expect(readDataClassFile(file)).toEqual({ file, source })
  })

  it('says where a class is wrong, and that a file is missing', () => {
    const file = join(folder, 'wrong.yaml')
    writeFileSync(file, 'classes:\n  - id: Badge\n')
    expect(() => readDataClassFile(file)).toThrow(
      expect.objectContaining({ code: 'config/invalid', where: `${file}:2:9` }),
    )
    expect(() => readDataClassFile(join(folder, 'none.yaml'))).toThrow(
      expect.objectContaining({ code: 'config/invalid', where: join(folder, 'none.yaml') }),
    )
  })
})
