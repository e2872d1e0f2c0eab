import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const library = existsSync('/usr/lib')
  ? readdirSync('/usr/lib')
      .map(name => join('/usr/lib', name, 'faketime/libfaketimeMT.so.1'))
      .find(existsSync)
  : undefined

/** Why the clock of a program cannot be moved here; undefined where it can. */
export const noFakedTime =
  library === undefined ? 'libfaketime is not installed (Debian: apt-get install libfaketime)' : undefined

/** The wall clock of a program, moved while it runs; its monotonic clock goes on as it is. */
export class FakedTime {
  readonly #file: string
  /** Start the program with it. */
  readonly env: Readonly<Record<string, string>>

  constructor(folder: string) {
    this.#file = join(folder, 'faked-time')
    this.jump('+0')
    this.env = {
      LD_PRELOAD: library ?? '',
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      DONT_FAKE_MONOTONIC: '1',
    }
  }

  /** @param by as libfaketime takes it: `+1d`, `-1h`, against the real time */
  jump(by: string): void {
    writeFileSync(this.#file, `${by}\n`)
  }
}
