import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'

const script = fileURLToPath(new URL('score-scanners.ts', import.meta.url))
const run = (...args: readonly string[]) =>
  spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' })

it('says what is missing and exits 2', () => {
  expect(run()).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('Which logs?') })
  expect(run('/nowhere')).toMatchObject({ status: 2, stderr: 'There is no folder /nowhere.\n' })
})

it('scores two small scans of a small site', () => {
  const folder = mkdtempSync(join(tmpdir(), 'scanners-'))
  const write = (name: string, lines: readonly string[]): void =>
    writeFileSync(join(folder, name), gzipSync(`${lines.join('\n')}\n`))
  const line = (ip: string, minute: number, path: string, status: number): string =>
    `${ip} - - [02/Mar/2026:10:${String(minute % 60).padStart(2, '0')}:00 +0000] "GET ${path} HTTP/1.1" ${status} 512 "-" "Mozilla/5.0"`
  try {
    write(
      'apache_logs.gz',
      Array.from({ length: 100 }, (_, index) =>
        line(`198.51.100.${1 + (index % 9)}`, Math.floor(index / 2), `/page${index % 5}`, 200),
      ),
    )
    for (const name of ['acunetix.txt.gz', 'netsparker.txt.gz'])
      write(
        name,
        Array.from({ length: 30 }, (_, index) => line('192.0.2.4', 1, `/old${index}/none${index}`, 404)),
      )
    const { status, stdout } = run(folder, '--json')
    expect(status).toBe(0)
    const { background, scans } = JSON.parse(stdout) as {
      readonly background: { readonly clients: number; readonly alone: number }
      readonly scans: readonly { readonly found: boolean; readonly aloneUntil: number }[]
    }
    expect(background).toMatchObject({ calls: 40, clients: 9, alone: 0 })
    expect(scans).toHaveLength(6)
    for (const { found, aloneUntil } of scans) {
      expect(found).toBe(true)
      expect(aloneUntil).toBeLessThanOrEqual(20)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 60_000)
