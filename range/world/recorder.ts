import { appendFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import type { Json } from './http.ts'

/** Lines gathered per gzip member: members in a row are one file (RFC 1952, section 2.2). */
const chunk = 2_000

/** Writes lines to a gzip file: the same lines, the same bytes. */
export class LineFile {
  readonly #path: string
  #lines: string[] = []
  #count = 0

  constructor(path: string) {
    this.#path = path
    writeFileSync(path, '')
  }

  write(value: Json | object): void {
    this.#lines.push(JSON.stringify(value))
    this.#count += 1
    if (this.#lines.length >= chunk) this.#flush()
  }

  /** @returns Lines written. */
  close(): number {
    if (this.#lines.length > 0 || this.#count === 0) this.#flush()
    return this.#count
  }

  #flush(): void {
    appendFileSync(this.#path, gzipSync(this.#lines.map(line => `${line}\n`).join(''), { level: 6 }))
    this.#lines = []
  }
}
