import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { referencePages } from './reference/pages.ts'

/** Writes `docs/reference` anew: every page there is, and no other. */
const folder = join(import.meta.dirname, '../docs/reference')
const pages = referencePages()

mkdirSync(folder, { recursive: true })
for (const name of readdirSync(folder)) if (!pages.has(name)) rmSync(join(folder, name), { recursive: true })
for (const [name, text] of pages) writeFileSync(join(folder, name), text)
console.log(`${pages.size} pages written to docs/reference`)
