import { closeSync, fsyncSync, linkSync, openSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Writes a file (mode 0600) and waits until the disk has it. */
export function writePrivate(file: string, content: string | Uint8Array): void {
  const descriptor = openSync(file, 'w', 0o600)
  try {
    writeSync(descriptor, typeof content === 'string' ? Buffer.from(content) : content)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/**
 * Makes a file (mode 0600) whole or not at all: a crash half way must not leave a key that differs from what was made with it later.
 * Throws where there is one already, which stays.
 */
export function makePrivate(file: string, content: string | Uint8Array): void {
  const draft = `${file}.${process.pid}`
  try {
    writePrivate(draft, content)
    linkSync(draft, file)
  } finally {
    rmSync(draft, { force: true })
  }
  syncDirectory(dirname(file))
}

function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
