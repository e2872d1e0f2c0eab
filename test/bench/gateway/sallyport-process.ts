import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { configSchema } from '../../../src/engine/config.ts'
import { System } from '../../../src/engine/system.ts'
import { systemClock } from '../../../src/kit/clock.ts'
import { injectionGuard } from '../../../src/policy/templates/injection-guard.ts'
import { ownerGuard } from '../../../src/policy/templates/owner-guard.ts'
import { Gateway } from '../../../src/sensors/gateway/gateway.ts'
import { openGuard } from './guards.ts'

/**
 * Sallyport in a process of its own: `--protect on|off --port N --upstream URL`. Says `listening` once it is.
 *
 * `off` is one gateway loop alone. `on` is everything that runs by default: gateway loop, analysis, calls store, state
 * store; with the injection guard and the owner guard enforced, so that every body is read in both directions.
 */
const { values } = parseArgs({
  options: { protect: { type: 'string' }, port: { type: 'string' }, upstream: { type: 'string' } },
})
if (
  (values.protect !== 'on' && values.protect !== 'off') ||
  values.port === undefined ||
  values.upstream === undefined
) {
  process.stderr.write('usage: sallyport-process.ts --protect on|off --port N --upstream URL\n')
  process.exit(2)
}
const address = { host: '127.0.0.1', port: Number(values.port) }

async function startGatewayAlone(upstream: string): Promise<() => Promise<void>> {
  const gateway = new Gateway({ ...address, upstream: new URL(upstream) }, openGuard(), systemClock)
  await gateway.listen()
  return () => gateway.close(0)
}

async function startEverything(upstream: string): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-on-'))
  const policies = join(folder, 'policies')
  mkdirSync(policies)
  for (const template of [injectionGuard, ownerGuard]) {
    writeFileSync(join(policies, `${template.id}.yaml`), template.render({ mode: 'enforce' }))
  }
  const system = await System.start({
    config: configSchema.parse({
      dataDir: join(folder, 'data'),
      policies,
      gateway: { ...address, upstream },
      decisionPoints: { envoy: { enabled: false }, forwardAuth: { enabled: false } },
      // Room for a whole round: nothing is dropped, so every request's analysis is in the figure. All of it is used while warming up.
      analysis: { ringBytes: 2 ** 27 },
    }),
    clock: systemClock,
    log: line => process.stderr.write(`${line}\n`),
  })
  return async () => {
    const dropped = system.stats().dropped
    if (dropped > 0)
      process.stderr.write(`${dropped} calls were dropped: the figures leave out their analysis\n`)
    await system.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const close = await (values.protect === 'on' ? startEverything : startGatewayAlone)(values.upstream)
process.stdout.write('listening\n')
process.on('SIGTERM', () => void close().then(() => process.exit(0)))
