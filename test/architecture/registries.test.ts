import { describe, expect, it } from 'vitest'
import { grammars } from '../../src/call/payload/index.ts'
import { placedRules } from '../../src/call/payload/placed/index.ts'
import { dataClasses } from '../../src/catalog/data-classes/index.ts'
import { findingRules } from '../../src/catalog/findings/rules/index.ts'
import { formats, textFormats } from '../../src/catalog/spec/formats/index.ts'
import { driftRules } from '../../src/catalog/spec/rules/index.ts'
import { commands } from '../../src/cli/commands/index.ts'
import { detectors } from '../../src/detect/detectors/index.ts'
import { policyTemplates } from '../../src/policy/templates/index.ts'
import { fileFormats } from '../../src/sensors/files/formats/index.ts'
import type { Route } from '../../src/server/route.ts'
import { fullPath } from '../../src/server/route.ts'
import { routes } from '../../src/server/routes/index.ts'
import { entriesIn, filesOf, type Registry } from './registry.ts'

const byId = (entry: object): string => (entry as { readonly id: string }).id

const registries: readonly Registry[] = [
  {
    name: 'detectors',
    folder: 'detect/detectors',
    entries: detectors,
    idOf: byId,
    namedAfterId: true,
    perFile: 'one',
    helpers: {},
  },
  {
    name: 'data classes',
    folder: 'catalog/data-classes',
    entries: dataClasses,
    idOf: byId,
    namedAfterId: true,
    perFile: 'one',
    helpers: { custom: 'the reader of classes that a team adds in a file of its own' },
  },
  {
    name: 'finding rules',
    folder: 'catalog/findings/rules',
    entries: findingRules,
    idOf: byId,
    namedAfterId: true,
    perFile: 'one',
    helpers: {},
  },
  {
    name: 'drift rules',
    folder: 'catalog/spec/rules',
    entries: driftRules,
    idOf: byId,
    namedAfterId: true,
    perFile: 'one',
    helpers: {},
  },
  {
    name: 'specification formats',
    folder: 'catalog/spec/formats',
    entries: [...formats, ...textFormats],
    idOf: byId,
    namedAfterId: true,
    perFile: 'one',
    helpers: {},
  },
  {
    name: 'file formats',
    folder: 'sensors/files/formats',
    entries: fileFormats,
    idOf: byId,
    namedAfterId: true,
    perFile: 'one',
    helpers: { 'request-line': 'the request line that both kinds of access logs quote' },
  },
  {
    // The kinds are words of the traffic and of policies (`xss`, `sql-injection`); the files are named after the
    // language they read (`sql`, `command`), so the two differ.
    name: 'payload grammars',
    folder: 'call/payload',
    entries: grammars,
    idOf: entry => (entry as { readonly kind: string }).kind,
    namedAfterId: false,
    perFile: 'one',
    helpers: {
      commands: 'the words of shells that the grammar of commands reads',
      grammar: 'what a grammar is',
      'inspect-message': 'where in a request values are looked for',
      'malformed-json': 'texts and pairs of what was meant as JSON',
      'message-inspector': 'the same for a stream of requests',
      keys: 'operators in the keys of objects, which no grammar of values reads',
      'php-functions': 'the functions of PHP',
      prose: 'what tells sentences from code',
      'shell-splice': 'what a shell leaves out of a word or fills in',
      'sql-tokens': 'the tokens that the grammar of SQL reads',
      'sql-words': 'the words of SQL',
    },
  },
  {
    name: 'payloads by their place',
    folder: 'call/payload/placed',
    entries: placedRules,
    idOf: entry => (entry as { readonly kind: string }).kind,
    namedAfterId: false,
    perFile: 'one',
    helpers: {
      'file-parameter': 'addresses in parameters that name files: a pair, not a value',
      'placed-rule': 'what such a rule is',
    },
  },
  {
    name: 'policy templates',
    folder: 'policy/templates',
    entries: policyTemplates,
    idOf: byId,
    namedAfterId: true,
    perFile: 'one',
    helpers: { template: 'what a template is' },
  },
  {
    // A file holds the routes of one resource; a route is told by its method and path.
    name: 'API routes',
    folder: 'server/routes',
    entries: routes,
    idOf: entry => `${(entry as Route).method} ${fullPath(entry as Route)}`,
    namedAfterId: false,
    perFile: 'several',
    helpers: {},
  },
  {
    name: 'commands',
    folder: 'cli/commands',
    entries: commands,
    idOf: byId,
    namedAfterId: true,
    perFile: 'one',
    helpers: {},
  },
]

describe.each(registries)('the registry of $name', registry => {
  const { entries, helpers, idOf, namedAfterId, perFile } = registry
  const files = filesOf(registry)

  it('gives every entry an id of its own', () => {
    const ids = entries.map(idOf)
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
    expect(new Set(entries).size).toBe(entries.length)
    expect(entries.length).toBeGreaterThan(3)
  })

  it('has the entries of every file of its folder, and no others', async () => {
    const found: object[] = []
    for (const file of files) {
      const own = await entriesIn(registry, file)
      if (file in helpers) {
        expect(own.map(idOf), `${file} is no helper: it defines an entry`).toEqual([])
        continue
      }
      expect(own.length, `${file}.ts is not registered in ${registry.folder}/index.ts`).toBeGreaterThan(0)
      if (perFile === 'one') expect(own.map(idOf), `${file}.ts`).toHaveLength(1)
      found.push(...own)
    }
    expect(found.map(idOf).sort()).toEqual(entries.map(idOf).sort())
  })

  if (namedAfterId) {
    it('names each file after the id of its entry', async () => {
      for (const file of files) {
        if (file in helpers) continue
        expect((await entriesIn(registry, file)).map(idOf)).toEqual([file])
      }
    })
  }

  it('knows only helpers that are there', () => {
    expect(Object.keys(helpers).filter(name => !files.includes(name))).toEqual([])
  })
})

it('walks every registry', () => {
  expect(registries).toHaveLength(11)
})
