import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { loadConfig } from '../../engine/config.ts'
import type { System } from '../../engine/system.ts'
import { defineCommand } from '../command.ts'
import { type Io, untilStopped } from '../io.ts'

interface Options {
  readonly dataDir?: string
  readonly port?: string
  readonly consolePort?: string
  readonly attackAfter: string
}

export default defineCommand({
  id: 'demo',
  summary: 'a sample shop with users and attackers behind the gateway, and the console on it',
  examples: ['sallyport demo', 'sallyport demo --console-port 4700 --port 8081'],
  define: (command, io) => {
    command
      .option(
        '--data-dir <folder>',
        'keep state and calls here (default: a temporary folder, removed at the end)',
      )
      .option('--port <port>', 'port of the gateway (default: 8080)')
      .option('--console-port <port>', 'port of the console and the REST API (default: 4600)')
      .option('--attack-after <seconds>', 'of plain use before the first attack', '15')
      .action(async (options: Options) => await runDemo(options, io))
  },
})

async function runDemo(options: Options, io: Io): Promise<void> {
  // Loaded here so that the offline commands start without the server and the shop.
  const [{ startSallyport }, { startShop }, { startCrowd }] = await Promise.all([
    import('../running.ts'),
    import('../../../range/shop/start.ts'),
    import('../../../range/shop/crowd.ts'),
  ])
  const temporary = options.dataDir === undefined ? mkdtempSync(join(tmpdir(), 'sallyport-demo-')) : undefined
  const seed = 1
  const closing: (() => unknown)[] = [
    () => (temporary === undefined ? undefined : rmSync(temporary, { recursive: true, force: true })),
  ]
  try {
    const telemetry = hasTelemetry()
    const shop = await startShop({ seed, telemetry })
    closing.push(() => shop.close())
    const config = loadConfig(undefined, {
      ...io.environment,
      ...(options.port === undefined ? {} : { SALLYPORT_GATEWAY_PORT: options.port }),
      ...(options.consolePort === undefined ? {} : { SALLYPORT_SERVER_PORT: options.consolePort }),
      SALLYPORT_GATEWAY_UPSTREAM: shop.url,
      // Its traffic is made up: spans come from the shop alone, on a port that nobody else knows.
      SALLYPORT_SENSORS_OTLP_ENABLED: String(telemetry),
      SALLYPORT_SENSORS_OTLP_HTTP_PORT: '0',
      SALLYPORT_SENSORS_OTLP_GRPC_PORT: '0',
      SALLYPORT_DATA_DIR: temporary ?? options.dataDir,
      // The crowd says in X-Forwarded-For where it pretends to be.
      SALLYPORT_GATEWAY_TRUSTED_PROXIES: '[127.0.0.1/32]',
    })
    const running = await startSallyport(config, io, { demo: true })
    closing.push(() => running.close())
    const target = running.system.gatewayUrl()
    if (target === undefined) throw new Error('the demo has no gateway')
    if (telemetry) {
      const otlp = await otlpAddress(running.system)
      if (otlp !== undefined) shop.reportTo(otlp)
    }
    const crowd = startCrowd({
      target,
      users: shop.users,
      seed,
      attackDelayMs: Number(options.attackAfter) * 1000,
    })
    closing.push(() => crowd.close())
    io.say(
      `A sample shop runs behind the gateway at ${target}. Its people are at work; its attackers begin in ${options.attackAfter} s.`,
    )
    io.say('Open this link: it signs you in, once.')
    io.out(`${running.signInLink()}\n`)
    io.say('Then protect an API of your own:  npm start -- --upstream http://127.0.0.1:3000')
    io.say('Stop with Ctrl-C.')
    await untilStopped(io)
    io.say('Stopping …')
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

/** The shop's services run under the OpenTelemetry SDK where it is installed: it is no part of the product. */
function hasTelemetry(): boolean {
  try {
    import.meta.resolve('@opentelemetry/sdk-trace')
    return true
  } catch {
    return false
  }
}

const addressTries = 50
const addressEveryMs = 200

/** Where the sensor for spans listens, once it does; undefined where it cannot. */
async function otlpAddress(system: System): Promise<string | undefined> {
  for (let tries = 0; tries < addressTries; tries += 1) {
    const address = system.sensors().find(({ id }) => id === 'otlp')?.address
    // HTTP comes first.
    if (address !== undefined && address !== '') return `http://${address.split(' ')[0]}`
    await pause(addressEveryMs)
  }
  return undefined
}
