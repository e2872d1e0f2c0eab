import { expect, test } from 'vitest'

const sources = Object.entries(
  import.meta.glob<string>(['./**/*.{ts,tsx}', '!./**/*.test.ts'], {
    query: '?raw',
    import: 'default',
    eager: true,
  }),
)

/** Ways for a string of the traffic to become markup, script or an address. All of it is written by attackers. */
const sinks = [
  /dangerouslySetInnerHTML/,
  /\.(inner|outer)HTML\b/,
  /insertAdjacentHTML/,
  /\beval\(/,
  /new Function\(/,
  /document\.write/,
  /javascript:/,
  /\bhref=\{/,
  /\bsrcDoc\b/,
]

test('no source of the console has a sink that traffic could reach', () => {
  expect(sources.length).toBeGreaterThan(100)
  const found = sources.flatMap(([path, text]) =>
    sinks.filter(sink => sink.test(text)).map(sink => `${path}: ${sink}`),
  )
  expect(found).toEqual([])
})

test('every page opens with a sentence', () => {
  const pages = sources.filter(([path]) => /^\.\/pages\/.*-(page|body)\.tsx$/.test(path))
  expect(pages.length).toBeGreaterThan(12)
  const leads = pages.filter(([, text]) => /<Page\s/.test(text)).map(([path]) => path)
  for (const [path, text] of pages) {
    const delegated = leads.some(lead => text.includes(lead.slice(lead.lastIndexOf('/') + 1)))
    expect(path.includes('sign-in') || leads.includes(path) || delegated, path).toBe(true)
    if (leads.includes(path)) expect(text, path).toMatch(/<Page\s[\s\S]*?\blead=/)
  }
})

test('the server’s code stays on the server: only its types are imported', () => {
  const imports = sources.flatMap(([path, text]) =>
    [...text.matchAll(/^(?:import|export) (?!type)[^']*from '((?:\.\.\/)+src\/[^']+)'/gm)].map(
      match => `${path}: ${match[1]}`,
    ),
  )
  expect(imports).toEqual([])
})
