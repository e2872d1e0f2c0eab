import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { settings } from '../../scripts/reference/configuration.ts'
import { referencePages } from '../../scripts/reference/pages.ts'
import { policyKeys } from '../../scripts/reference/policy-keys.ts'
import { parsePolicies } from '../../src/policy/parse.ts'

const root = resolve(import.meta.dirname, '../..')
const docs = join(root, 'docs')

function* markdownFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* markdownFiles(path)
    else if (entry.name.endsWith('.md')) yield path
  }
}

describe('the reference', () => {
  const pages = referencePages()

  it('is what the code says now', () => {
    expect(readdirSync(join(docs, 'reference')).sort(), 'pages differ: run `npm run docs`').toEqual(
      [...pages.keys()].sort(),
    )
    for (const [name, text] of pages) {
      const kept = readFileSync(join(docs, 'reference', name), 'utf8')
      expect(kept === text, `docs/reference/${name} is out of date: run \`npm run docs\``).toBe(true)
    }
    expect(pages.size).toBe(13)
  })

  it('is the same each time', () => {
    expect([...referencePages()]).toEqual([...pages])
  })

  it('leaves no cell of a table outside its columns', () => {
    let tables = 0
    for (const [name, text] of pages) {
      let columns: number | undefined
      for (const line of outsideFences(text)) {
        if (!line.startsWith('|')) {
          columns = undefined
          continue
        }
        const cells = line.replaceAll('\\|', '').split('|').length
        if (columns === undefined) tables += 1
        columns ??= cells
        expect(cells, `${name}: ${line}`).toBe(columns)
      }
    }
    expect(tables).toBeGreaterThan(30)
  })

  it('names every setting by a path and a variable of its own', () => {
    const all = settings()
    expect(new Set(all.map(({ environment }) => environment)).size).toBe(all.length)
    expect(all.length).toBeGreaterThan(20)
  })
})

describe('the keys of a policy document', () => {
  const unknown = 'no-such-key-at-all'
  const document = (top: string, metadata: string, spec: string): string =>
    `apiVersion: sallyport/v1alpha1\nkind: ApiPolicy\n${top}metadata:\n  name: a\n${metadata}spec:\n${spec}`
  const action = '  action: { type: tag }\n'

  /** What the parser says it knows, in the place where a key is that it does not know. */
  function known(source: string): string[] {
    const { problems } = parsePolicies(source, 'probe.yaml')
    const problem = problems.find(({ message }) => message.includes(unknown))
    return /^(?:Known keys are|It takes) (.*)\.$/.exec(problem?.mend ?? '')?.[1]?.split(', ') ?? []
  }

  it('are the ones the parser takes', () => {
    const levels: readonly (readonly [prefix: string, source: string])[] = [
      ['', document(`${unknown}: 1\n`, '', action)],
      ['metadata.', document('', `  ${unknown}: 1\n`, action)],
      ['spec.', document('', '', `${action}  ${unknown}: 1\n`)],
      ['spec.match.', document('', '', `${action}  match: { ${unknown}: 1 }\n`)],
      ['spec.action.', document('', '', `  action: { type: tag, ${unknown}: 1 }\n`)],
      ['spec.canary.', document('', '', `${action}  canary: { ${unknown}: 1 }\n`)],
      ['spec.rollout.', document('', '', `${action}  rollout: { ${unknown}: 1 }\n`)],
      ['spec.tests[].', document('', '', `${action}  tests: [{ name: a, expect: tag, ${unknown}: 1 }]\n`)],
    ]
    const paths = policyKeys.map(({ path }) => path)
    const containers = new Set([
      'metadata',
      'spec',
      'spec.match',
      'spec.action',
      'spec.canary',
      'spec.rollout',
      'spec.tests',
    ])
    const parsed = levels.flatMap(([prefix, source]) => known(source).map(key => prefix + key))
    expect(parsed.filter(path => !containers.has(path)).sort()).toEqual([...paths].sort())
    expect(parsed.length).toBe(paths.length + containers.size)
  })
})

/** The lines that are not inside fenced blocks. */
function outsideFences(text: string): readonly string[] {
  let fence: string | undefined
  return text.split('\n').filter(line => {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1]
    if (fence === undefined) {
      fence = mark
      return mark === undefined
    }
    if (mark?.startsWith(fence)) fence = undefined
    return false
  })
}

/** How headings are addressed: lower case, punctuation gone, spaces as hyphens; a repeated one gets a number. */
function anchors(file: string): ReadonlySet<string> {
  const found = new Set<string>()
  for (const line of outsideFences(readFileSync(file, 'utf8'))) {
    const heading = /^#{1,6} (.*)$/.exec(line)?.[1]
    if (heading === undefined) continue
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    const slug = plain
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-')
    let anchor = slug
    for (let number = 1; found.has(anchor); number += 1) anchor = `${slug}-${number}`
    found.add(anchor)
  }
  return found
}

function linksOf(file: string): readonly string[] {
  const text = outsideFences(readFileSync(file, 'utf8'))
    .join('\n')
    .replace(/`[^`\n]*`/g, '')
  const markdown = [...text.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)]
  const html = [...text.matchAll(/\b(?:src|srcset|href)="([^"\s]+)"/g)]
  return [...markdown, ...html].map(match => match[1] as string)
}

describe('the links of the documentation', () => {
  const readme = join(root, 'README.md')
  const files = [...(existsSync(readme) ? [readme] : []), ...markdownFiles(docs)]

  it('lead to files and headings that exist', () => {
    const broken: string[] = []
    let followed = 0
    for (const file of files) {
      for (const link of linksOf(file)) {
        if (/^[a-z][a-z+.-]*:/i.test(link)) continue
        followed += 1
        const [path = '', anchor] = link.split('#')
        const target = path === '' ? file : resolve(dirname(file), decodeURIComponent(path))
        const lost =
          !existsSync(target) ||
          (anchor !== undefined && target.endsWith('.md') && !anchors(target).has(anchor))
        if (lost) broken.push(`${relative(root, file)} → ${link}`)
      }
    }
    expect(broken).toEqual([])
    expect(followed).toBeGreaterThan(30)
  })
})
