import { randomBytes } from 'node:crypto'
import { chmodSync, closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { SallyportError } from '../kit/error.ts'
import { makePrivate, writePrivate } from './private-file.ts'
import { fromSqlite, sqliteCode } from './sqlite/error.ts'

const keyBytes = 32
/** Whoever opens a directory and drops what it was given still holds it: the collector must not let go of the lock. */
const locks = new Set<DatabaseSync>()

export interface DataDirectory {
  /** Absolute. */
  readonly path: string
  /** 32 random bytes made at the first start: what fingerprints of this installation are keyed with. */
  readonly key: Uint8Array
  /** Lets another instance in. */
  close(): void
}

/**
 * Creates the directory (mode 0700) and its key (mode 0600) when absent, and holds it until closed or the process ends,
 * however it ends. A second instance is refused with `store/locked` and told the pid of the first.
 */
export function openDataDirectory(path: string): DataDirectory {
  const directory = resolve(path)
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    chmodSync(directory, 0o700)
  } catch (cause) {
    throw unusable(directory, cause)
  }
  const release = lock(directory)
  try {
    return { path: directory, key: installationKey(directory), close: release }
  } catch (thrown) {
    release()
    throw thrown instanceof SallyportError ? thrown : unusable(directory, thrown)
  }
}

const unusable = (where: string, cause: unknown): SallyportError =>
  new SallyportError('store/unavailable', 'The data directory cannot be used.', {
    where,
    mend: 'Check that it is a directory this user owns on a writable disk with space, or name another with dataDir.',
    cause,
  })

/**
 * An exclusive SQLite transaction that is never committed: its lock is the kernel's, which drops it when the process
 * dies, so a stale lock cannot exist. The pid file beside it only serves the message.
 */
function lock(directory: string): () => void {
  const file = join(directory, 'lock.db')
  const pidFile = join(directory, 'lock.pid')
  let database: DatabaseSync | undefined
  try {
    closeSync(openSync(file, 'a', 0o600))
    database = new DatabaseSync(file, { timeout: 0 })
    database.exec('begin exclusive')
  } catch (thrown) {
    if (database?.isOpen === true) database.close()
    if (sqliteCode(thrown) !== 5)
      throw sqliteCode(thrown) === undefined ? unusable(directory, thrown) : fromSqlite(thrown, file)
    const holder = readHolder(pidFile)
    throw new SallyportError(
      'store/locked',
      `Another Sallyport${holder === undefined ? '' : `, process ${holder},`} is using this data directory.`,
      { where: directory, mend: 'Stop it first, or name another directory with dataDir.', cause: thrown },
    )
  }
  const held = database
  locks.add(held)
  try {
    writePrivate(pidFile, `${process.pid}\n`)
  } catch {
    // A full disk must not keep an instance from starting to say so; the lock itself needs no space.
  }
  return () => {
    locks.delete(held)
    if (!held.isOpen) return
    held.exec('rollback')
    held.close()
  }
}

function readHolder(pidFile: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10)
    return Number.isInteger(pid) && pid > 0 ? pid : undefined
  } catch {
    return undefined
  }
}

function installationKey(directory: string): Uint8Array {
  const file = join(directory, 'installation.key')
  const found = readKey(file)
  if (found !== undefined) return found
  const key = randomBytes(keyBytes)
  makePrivate(file, key)
  return key
}

function readKey(file: string): Uint8Array | undefined {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw thrown
  }
  if (bytes.length === keyBytes) return new Uint8Array(bytes)
  throw new SallyportError(
    'store/corrupt',
    `The installation key has ${bytes.length} bytes instead of ${keyBytes}.`,
    {
      where: file,
      mend: 'Restore it from a backup. Without it, fingerprints in older records match nothing new; removing it makes a new one.',
    },
  )
}
