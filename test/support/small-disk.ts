import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file system of its own, in memory, that can be filled up. */
export class SmallDisk {
  readonly path = mkdtempSync(join(tmpdir(), 'sallyport-disk-'))
  readonly #ballast = join(this.path, 'ballast')

  /** @throws where this system does not let one be mounted */
  constructor(megabytes: number) {
    const args = ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'tmpfs', this.path]
    try {
      execFileSync('mount', args, { stdio: 'ignore' })
    } catch (thrown) {
      rmSync(this.path, { recursive: true })
      throw thrown
    }
  }

  /** Takes the rest of its room. */
  fill(): void {
    const { bavail, bsize } = statfsSync(this.path)
    writeFileSync(this.#ballast, Buffer.alloc(bavail * bsize))
  }

  /** Gives the room back. */
  drain(): void {
    rmSync(this.#ballast, { force: true })
  }

  remove(): void {
    execFileSync('umount', ['-l', this.path], { stdio: 'ignore' })
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** Why a small disk cannot be had here; undefined where it can. */
export const noSmallDisk = ((): string | undefined => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'mounting a small disk needs root on Linux'
  try {
    new SmallDisk(1).remove()
    return undefined
  } catch {
    return 'this system does not let a tmpfs be mounted'
  }
})()
