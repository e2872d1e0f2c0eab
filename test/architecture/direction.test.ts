import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const source = join(root, 'src')

/** The rooms from left to right; rooms of one column do not read each other. `docs/architecture.md` draws it. */
const columns = [
  ['kit'],
  ['call'],
  ['sensors', 'identity'],
  ['catalog'],
  ['graph'],
  ['baseline'],
  ['detect', 'posture', 'policy'],
  ['enforce', 'probe', 'comply', 'respond'],
  ['engine'],
  ['server'],
  ['cli'],
] as const

const columnOf = new Map<string, number>(
  columns.flatMap((rooms, column) => rooms.map(room => [room, column])),
)

interface Import {
  readonly file: string
  readonly from: string
  readonly to: string
  readonly target: string
}

function* sourceFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* sourceFiles(path)
    else if (entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts')) yield path
  }
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8')
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(
    match => match[1] as string,
  )
  return specifiers.map(specifier => {
    const target = resolve(dirname(file), specifier)
    return {
      file: relative(root, file),
      from: roomOf(file),
      to: roomOf(target),
      target: relative(root, target),
    }
  })
}

const roomOf = (path: string): string => relative(source, path).split('/')[0] as string

const imports = [...sourceFiles(source)].flatMap(importsOf)

describe('the rooms of the house', () => {
  it('finds the imports it speaks about', () => {
    expect(imports.length).toBeGreaterThan(40)
    expect(new Set(imports.map(one => one.from)).size).toBeGreaterThan(5)
  })

  it('knows every room there is', () => {
    const rooms = readdirSync(source, { withFileTypes: true }).filter(entry => entry.isDirectory())
    for (const room of rooms) expect([...columnOf.keys(), 'store']).toContain(room.name)
  })

  it('lets a room read only to its left', () => {
    const wrong = imports.filter(({ from, to, target }) => {
      // The store sits beside `call`, the range outside the house: each has its own rule below.
      if (from === to || from === 'store' || to === 'store' || !target.startsWith('src/')) return false
      return (columnOf.get(to) ?? Number.POSITIVE_INFINITY) >= (columnOf.get(from) ?? -1)
    })
    expect(wrong.map(one => `${one.file} → ${one.target}`)).toEqual([])
  })

  it('lets only the engine choose store drivers; everyone else sees the ports', () => {
    const wrong = imports.filter(
      ({ from, to, target }) =>
        to === 'store' && from !== 'store' && from !== 'engine' && !target.startsWith('src/store/ports/'),
    )
    expect(wrong.map(one => `${one.file} → ${one.target}`)).toEqual([])
  })

  it('lets the store read no room for more than its types, except the event codec and the kit', () => {
    const wrong = imports
      .filter(({ from, to }) => from === 'store' && to !== 'store' && to !== 'kit' && to !== 'call')
      .filter(({ file, target }) => {
        const text = readFileSync(join(root, file), 'utf8')
        const name = target.split('/').at(-1) as string
        return !new RegExp(`import type [^;']*'[^']*${name.replace('.', '\\.')}'`).test(text)
      })
    expect(wrong.map(one => `${one.file} → ${one.target}`)).toEqual([])
  })

  it('keeps the server, the command line and the range out of everything else', () => {
    const wrong = imports.filter(
      ({ target }) => /^(range|test|scripts|console)\//.test(target) && !target.startsWith('src/'),
    )
    const allowed = wrong.filter(one => !(one.from === 'cli' && one.target.startsWith('range/')))
    expect(allowed.map(one => `${one.file} → ${one.target}`)).toEqual([])
  })
})
