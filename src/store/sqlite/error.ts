import { SallyportError } from '../../kit/error.ts'

// Primary result codes, https://www.sqlite.org/rescode.html; extended codes carry them in their low byte.
const busy = 5
const locked = 6
const ioError = 10
const corrupt = 11
const full = 13
const cannotOpen = 14
const notADatabase = 26

/** SQLite's primary result code of what `node:sqlite` threw, or undefined when it is not an SQLite error. */
export function sqliteCode(thrown: unknown): number | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('errcode' in thrown)) return undefined
  return typeof thrown.errcode === 'number' ? thrown.errcode & 0xff : undefined
}

/** What `node:sqlite` threw, as the error the outside sees. `file` is shown as where it happened. */
export function fromSqlite(thrown: unknown, file: string): SallyportError {
  if (thrown instanceof SallyportError) return thrown
  const detail = { where: file, cause: thrown }
  switch (sqliteCode(thrown)) {
    case full:
      return new SallyportError('store/full', 'The disk that holds the state store is full.', {
        ...detail,
        mend: 'Free space on that disk; the change was not made and can be tried again.',
      })
    case corrupt:
    case notADatabase:
      return new SallyportError('store/corrupt', 'The state store cannot be read: its file is damaged.', {
        ...detail,
        mend: 'Stop Sallyport, move the file and its -wal and -shm companions away, and put a backup in their place.',
      })
    case busy:
    case locked:
      return new SallyportError('store/locked', 'The state store is in use by another process.', {
        ...detail,
        mend: 'Stop the other process, or give this one its own data directory.',
      })
    case ioError:
    case cannotOpen:
      return new SallyportError('store/unavailable', 'The state store cannot be opened or written.', {
        ...detail,
        mend: 'Check that the directory exists, is writable by this user, and that its disk is healthy and has space.',
      })
    default:
      return SallyportError.from(thrown)
  }
}
