import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { SallyportError } from '../../src/kit/error.ts'
import type { Truth, TruthAccess } from '../world/truth.ts'

export const recordingFiles = [
  'history.jsonl.gz',
  'clean.jsonl.gz',
  'attacked.jsonl.gz',
  'access.jsonl.gz',
  'truth.json',
] as const

/** The lines of a gzip file, parsed. */
export function* linesOf(path: string): Generator<Record<string, unknown>> {
  let rest = gunzipSync(readFileSync(path))
  while (rest.length > 0) {
    const end = rest.indexOf(10)
    const line = end < 0 ? rest : rest.subarray(0, end)
    rest = end < 0 ? rest.subarray(rest.length) : rest.subarray(end + 1)
    if (line.length > 0) yield JSON.parse(line.toString('utf8')) as Record<string, unknown>
  }
}

/** One run of the range, read back. */
export class Recording {
  readonly folder: string
  readonly truth: Truth
  #times: Map<string, number> | undefined
  #accesses: readonly TruthAccess[] | undefined

  /** @throws SallyportError `input/unreadable` where a file of it is missing. */
  constructor(folder: string) {
    this.folder = folder
    for (const name of recordingFiles)
      if (!existsSync(join(folder, name)))
        throw new SallyportError('input/unreadable', `${name} is missing.`, {
          where: folder,
          mend: 'Make a world with `sallyport range run --app shop --seed 1 --out DIR`.',
        })
    this.truth = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8')) as Truth
  }

  file(name: (typeof recordingFiles)[number]): string {
    return join(this.folder, name)
  }

  /** When each call of the attacked window was made. */
  get times(): ReadonlyMap<string, number> {
    if (this.#times === undefined) {
      this.#times = new Map()
      for (const line of linesOf(this.file('attacked.jsonl.gz')))
        this.#times.set(String(line.id), Date.parse(String(line.time)))
    }
    return this.#times
  }

  get accesses(): readonly TruthAccess[] {
    this.#accesses ??= [...linesOf(this.file('access.jsonl.gz'))] as unknown as readonly TruthAccess[]
    return this.#accesses
  }
}
