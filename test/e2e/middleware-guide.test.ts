import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePort } from '../support/started-process.ts'
import { consoleOf, run, type Started, start, temporaryFolder } from './started.ts'

/** The guide's own example, as it stands there, against a Sallyport of which nothing is configured but ports. */

const root = resolve(import.meta.dirname, '../..')
const guide = readFileSync(join(root, 'docs/guide/middleware.md'), 'utf8')
const folder = temporaryFolder()
const dataDir = join(folder.path, 'data')
const tokenFile = join(dataDir, 'decision-token')
const admin = 'a-token-of-the-test-that-is-long-enough'

let port = 0
let up: Started
let api = ''

/** The block of the guide that begins with a comment naming the file. */
const block = (file: string): string => {
  const found = new RegExp(`\`\`\`\\w+\\n((?://|#) ${file}\\n[\\s\\S]*?)\`\`\``).exec(guide)
  if (found?.[1] === undefined) throw new Error(`the guide has no ${file}`)
  return found[1]
}

const settings = () => ({
  SALLYPORT_CALLS_DRIVER: 'memory',
  SALLYPORT_SERVER_PORT: '0',
  SALLYPORT_GATEWAY_PORT: '0',
  SALLYPORT_SENSORS_OTLP_ENABLED: 'false',
  SALLYPORT_DECISION_POINTS_ENVOY_ENABLED: 'false',
  SALLYPORT_DECISION_POINTS_FORWARD_AUTH_PORT: String(port),
  SALLYPORT_DATA_DIR: dataDir,
  SALLYPORT_TOKEN: admin,
})

async function startUp(): Promise<void> {
  up = start(['up'], settings())
  api = await consoleOf(up)
}

const doctor = async (): Promise<string> => (await run(['doctor'], settings())).stdout

beforeAll(async () => {
  port = await freePort()
  // What `npm install ./sallyport/middleware express` leaves there.
  mkdirSync(join(folder.path, 'node_modules/@sallyport'), { recursive: true })
  symlinkSync(join(root, 'middleware'), join(folder.path, 'node_modules/@sallyport/middleware'))
  symlinkSync(join(root, 'node_modules/express'), join(folder.path, 'node_modules/express'))
  for (const file of ['app.mjs', 'no-admin.yaml']) writeFileSync(join(folder.path, file), block(file))
})

afterAll(async () => {
  await up?.stop()
  folder.remove()
})

it('goes from a clone to a refused request as the guide says', async () => {
  expect(await doctor()).toContain(`the first start makes its token, ${tokenFile}`)
  await startUp()
  const token = readFileSync(tokenFile, 'utf8').trim()
  expect([token.length, statSync(tokenFile).mode & 0o777]).toEqual([32, 0o600])
  expect(up.stdout() + up.stderr()).toContain(tokenFile)
  expect(up.stdout() + up.stderr()).not.toContain(token)
  expect(await doctor()).toMatch(
    new RegExp(`ok {4}decision API {6}127\\.0\\.0\\.1:${port} answers; its token is ${tokenFile}`),
  )

  const app = spawn(process.execPath, ['app.mjs'], {
    cwd: folder.path,
    env: {
      ...process.env,
      PORT: '0',
      SALLYPORT_DECISION_TOKEN: token,
      SALLYPORT_DECISION_URL: `http://127.0.0.1:${port}`,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [said] = (await once(app.stdout, 'data')) as [Buffer]
    const at = said.toString().trim()
    const get = async (path: string): Promise<number> => {
      const answer = await fetch(at + path)
      await answer.body?.cancel()
      return answer.status
    }
    expect([await get('/orders'), await get('/admin/users')]).toEqual([200, 200])
    const apply = ['policy', 'apply', join(folder.path, 'no-admin.yaml'), '--override', 'It is an example.']
    const applied = await run(apply, { SALLYPORT_URL: api, SALLYPORT_TOKEN: admin })
    expect([applied.code, applied.stderr]).toEqual([0, expect.any(String)])
    expect([await get('/orders'), await get('/admin/users')]).toEqual([200, 403])
  } finally {
    app.kill()
  }

  // The next start finds the token; one that is configured comes before it.
  await up.stop()
  const configured = 'a-token-that-is-configured'
  const ask = async (with_: string): Promise<number> => {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/observe`, {
      method: 'POST',
      headers: { authorization: `Bearer ${with_}` },
      body: '[]',
    })
    return answer.status
  }
  await startUp()
  expect(readFileSync(tokenFile, 'utf8').trim()).toBe(token)
  expect(await ask(token)).toBe(202)
  await up.stop()
  up = start(['up'], { ...settings(), SALLYPORT_DECISION_POINTS_FORWARD_AUTH_TOKEN: configured })
  await up.printed(/(http:\S+)\/sign-in/)
  expect([await ask(token), await ask(configured)]).toEqual([401, 202])
}, 120_000)

it('decides in the same process as the guide says', async () => {
  const policies = join(folder.path, 'policies')
  mkdirSync(policies)
  for (const file of ['inside.mjs', 'policies/no-admin.yaml'])
    writeFileSync(join(folder.path, file), block(basename(file)))
  symlinkSync(root, join(folder.path, 'sallyport'))
  const app = spawn(process.execPath, ['inside.mjs'], {
    cwd: folder.path,
    env: { ...process.env, PORT: '0', SALLYPORT_CALLS_DRIVER: 'memory' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(app, 'exit')
  const [said] = (await once(app.stdout, 'data')) as [Buffer]
  const get = async (path: string): Promise<number> => {
    const answer = await fetch(said.toString().trim() + path)
    await answer.body?.cancel()
    return answer.status
  }
  expect([await get('/orders'), await get('/admin/users')]).toEqual([200, 403])
  app.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
}, 120_000)

it('does not start without a token', async () => {
  const app = spawn(process.execPath, ['app.mjs'], {
    cwd: folder.path,
    env: { ...process.env, PORT: '0', SALLYPORT_DECISION_TOKEN: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const closed = once(app, 'close')
  let said = ''
  app.stderr.on('data', (text: Buffer) => {
    said += text.toString()
  })
  expect([(await closed)[0], said]).toEqual([1, expect.stringContaining('set SALLYPORT_DECISION_TOKEN')])
})
