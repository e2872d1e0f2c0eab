import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openDataDirectory } from './data-directory.ts'

const root = mkdtempSync(join(tmpdir(), 'sallyport-data-'))
afterAll(() => rmSync(root, { recursive: true }))

test('makes the directory and its key once, for this user alone', () => {
  const path = join(root, 'a', 'b')
  const first = openDataDirectory(path)
  expect(first.path).toBe(path)
  expect(first.key).toHaveLength(32)
  expect(statSync(path).mode & 0o777).toBe(0o700)
  for (const file of ['installation.key', 'lock.db', 'lock.pid'])
    expect(statSync(join(path, file)).mode & 0o777).toBe(0o600)
  first.close()
  first.close()
  const second = openDataDirectory(path)
  expect(Buffer.from(second.key).equals(Buffer.from(first.key))).toBe(true)
  second.close()
})

test('two directories have different keys', () => {
  const [a, b] = [openDataDirectory(join(root, 'k1')), openDataDirectory(join(root, 'k2'))]
  expect(Buffer.from(a.key).equals(Buffer.from(b.key))).toBe(false)
  a.close()
  b.close()
})

test('a second instance is refused and told who holds it, until that one is killed', async () => {
  const path = join(root, 'held')
  const script = `
    const { openDataDirectory } = await import(${JSON.stringify(new URL('./data-directory.ts', import.meta.url).href)})
    openDataDirectory(${JSON.stringify(path)})
    // Nothing but the process holds on to what was opened.
    await new Promise(setImmediate)
    globalThis.gc()
    await new Promise(setImmediate)
    process.stdout.write('held\\n')
    setInterval(() => {}, 1 << 30)`
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    await once(child.stdout, 'data')
    expect(() => openDataDirectory(path)).toThrow(
      expect.objectContaining({
        code: 'store/locked',
        message: expect.stringContaining(String(child.pid)),
        where: path,
      }),
    )
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  const next = openDataDirectory(path)
  expect(readFileSync(join(path, 'lock.pid'), 'utf8').trim()).toBe(String(process.pid))
  next.close()
})

test('a key of the wrong length is not replaced silently', () => {
  const path = join(root, 'short')
  openDataDirectory(path).close()
  writeFileSync(join(path, 'installation.key'), 'short')
  expect(() => openDataDirectory(path)).toThrow(expect.objectContaining({ code: 'store/corrupt' }))
  // The refusal let go of the lock.
  expect(() => openDataDirectory(path)).toThrow(expect.objectContaining({ code: 'store/corrupt' }))
})

test('a file in the place of the directory is named', () => {
  const path = join(root, 'file')
  writeFileSync(path, '')
  expect(() => openDataDirectory(path)).toThrow(
    expect.objectContaining({ code: 'store/unavailable', where: path }),
  )
})
