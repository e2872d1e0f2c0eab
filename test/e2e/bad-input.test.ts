import { once } from 'node:events'
import { createWriteStream, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip, gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { run, start, temporaryFolder } from './started.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())
const at = (name: string): string => join(folder.path, name)

const line = (id: number): string =>
  JSON.stringify({
    id: `c${id}`,
    time: 1_760_000_000_000 + id,
    destination: { host: 'api.example' },
    request: { method: 'GET', target: `/orders/${id}`, headers: [] },
    response: { status: 200, headers: [] },
  })

const written = (name: string, content: string | Uint8Array): string => {
  writeFileSync(at(name), content)
  return at(name)
}

const readCounts = (stdout: string): { read: number; rejected: number } =>
  (JSON.parse(stdout) as { calls: { read: number; rejected: number } }).calls

const analyze = (...files: string[]) => run(['analyze', ...files, '--format', 'json'])

describe('analyze on input that is not what it should be', () => {
  it('counts what it cannot read, says where, and reads the rest', async () => {
    const rows: {
      name: string
      content: string | Uint8Array
      read: number
      rejected: number
      says: RegExp
    }[] = [
      {
        name: 'truncated.jsonl',
        content: `${line(1)}\n${line(2)}\n${line(3).slice(0, 40)}`,
        read: 2,
        rejected: 1,
        says: /truncated\.jsonl:3: /,
      },
      {
        name: 'wrong-types.jsonl',
        content: `${line(1)}\n{"request":5}\n[]\n"text"\nnull\n`,
        read: 1,
        rejected: 4,
        says: /wrong-types\.jsonl:2: /,
      },
      {
        name: 'cut.jsonl.gz',
        content: gzipSync(`${line(1)}\n`.repeat(2000)).subarray(0, 400),
        read: 0,
        rejected: 1,
        says: /cut\.jsonl\.gz:\d+: /,
      },
    ]
    for (const row of rows) {
      const { code, stdout, stderr } = await analyze(written(row.name, row.content))
      expect(code, `${row.name}: ${stderr}`).toBe(0)
      const counts = readCounts(stdout)
      expect(counts.read, row.name).toBeGreaterThanOrEqual(row.read)
      expect(counts.rejected, row.name).toBe(row.rejected)
      expect(stderr, row.name).toMatch(row.says)
    }
    expect(rows).toHaveLength(3)
  })

  it('takes invalid UTF-8 for what it is: data of an attacker', async () => {
    const bad = Buffer.from(line(1).replace('orders', 'or\u00ff\u00fe'), 'latin1')
    const { code, stdout } = await analyze(
      written('utf8.jsonl', Buffer.concat([bad, Buffer.from(`\n${line(2)}\n`)])),
    )
    expect(code).toBe(0)
    const { read, rejected } = readCounts(stdout)
    expect(read + rejected).toBe(2)
    expect(read).toBeGreaterThanOrEqual(1)
  })

  it('names the fault of a broken HAR', async () => {
    const { stdout, stderr, code } = await analyze(
      written('broken.har', '{"log":{"version":"1.2","entries":[{"request":{}},{'),
    )
    if (code === 0) expect(readCounts(stdout).rejected).toBeGreaterThan(0)
    else expect(code).toBe(2)
    expect(stderr).toContain('broken.har')
  })

  it('never holds a line of a gigabyte', async () => {
    const file = createWriteStream(at('long.jsonl'))
    const chunk = 'x'.repeat(1 << 20)
    file.write('{"request":"')
    for (let written = 0; written < 1024; written += 1) if (!file.write(chunk)) await once(file, 'drain')
    file.end(`"}\n${line(1)}\n`)
    await once(file, 'finish')
    const { code, stdout, stderr } = await run(['analyze', at('long.jsonl'), '--format', 'json'], {
      NODE_OPTIONS: '--max-old-space-size=256',
    })
    expect(code, stderr).toBe(0)
    expect(readCounts(stdout)).toMatchObject({ read: 1, rejected: 1 })
    expect(stderr).toMatch(/long\.jsonl:1: /)
  })

  it('stops a gzip bomb at its bound', async () => {
    const zeros = Buffer.alloc(1 << 20)
    await pipeline(
      Readable.from(Array.from({ length: 1536 }, () => zeros)),
      createGzip({ level: 9 }),
      createWriteStream(at('bomb.jsonl.gz')),
    )
    const { code, stdout, stderr } = await run(['analyze', at('bomb.jsonl.gz'), '--format', 'json'], {
      NODE_OPTIONS: '--max-old-space-size=256',
    })
    expect(stderr).toContain('bomb.jsonl.gz')
    if (code === 0) expect(readCounts(stdout).rejected).toBeGreaterThan(0)
    else expect(code).toBe(2)
  })

  it('refuses what it cannot take, with the mend and the exit code of the contract', async () => {
    const rows: [string[], number, RegExp][] = [
      [['analyze', at('missing.jsonl')], 2, /missing\.jsonl/],
      [['analyze', await mkdtemp(at('empty-'))], 2, /holds no file[\s\S]*→/],
      [['analyze', written('noise.bin', Buffer.from([0, 1, 2, 3, 255, 254]))], 2, /noise\.bin/],
      [['analyze'], 2, /missing required argument/],
      [['analyse', 'x'], 2, /Did you mean analyze/],
      [['analyze', '--fromat', 'json', 'x'], 2, /--format/],
      [['up', '--config', written('typo.yaml', 'gatway:\n  port: 1\n')], 2, /typo\.yaml:1:1[\s\S]*"gateway"/],
      [['up', '--upstream', 'nonsense'], 2, /--upstream/],
      [['apis', 'list', '--url', 'http://127.0.0.1:9', '--token', 'x'], 3, /sallyport up/],
      [['apis', 'list', '--url', 'http://127.0.0.1:9'], 3, /SALLYPORT_TOKEN/],
    ]
    for (const [args, exit, says] of rows) {
      const { code, stderr } = await run(args, { SALLYPORT_TOKEN: '' })
      expect(stderr, args.join(' ')).toMatch(says)
      expect(code, args.join(' ')).toBe(exit)
    }
    expect(rows).toHaveLength(10)
  })
})

describe('up where something is in the way', () => {
  const quiet = { SALLYPORT_CALLS_DRIVER: 'memory', SALLYPORT_GATEWAY_PORT: '0', SALLYPORT_SERVER_PORT: '0' }

  it('names the port that is in use and leaves nothing running', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const args = ['up', '--upstream', 'http://127.0.0.1:9', '--data-dir', at('taken')]
    const { code, stderr } = await run([...args, '--port', String(port)], quiet)
    other.close()
    expect(stderr).toMatch(new RegExp(`${port}[\\s\\S]*→`))
    expect(code).toBe(3)
  })

  it('answers 502 problem+json while the upstream is down, and 401 to a wrong token', async () => {
    const up = start(['up', '--upstream', 'http://127.0.0.1:9', '--data-dir', at('down')], quiet)
    try {
      const [, gateway] = await up.printed(/Gateway:\s+(http:\S+)/)
      const answer = await fetch(`${gateway}/orders/1`)
      expect(answer.status).toBe(502)
      expect(answer.headers.get('content-type')).toContain('application/problem+json')
      expect(await answer.json()).toMatchObject({ status: 502 })
      const [, api] = await up.printed(/(http:\S+)\/sign-in/)
      const refused = await run(['incidents', 'list', '--url', api as string, '--token', 'wrong'])
      expect(refused.code).toBe(3)
      expect(refused.stderr).toMatch(/token/i)
    } finally {
      expect(await up.stop()).toBe(0)
    }
  })
})
