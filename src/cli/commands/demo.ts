import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { System } from '../../engine/system.ts'
import { SallyportError } from '../../kit/error.ts'
import { defineCommand } from '../command.ts'
import { type Io, untilStopped } from '../io.ts'

interface Options {
  readonly dataDir?: string
  readonly port?: string
  readonly consolePort?: string
  readonly attackAfter: string
  readonly stories?: boolean
}

export default defineCommand({
  id: 'demo',
  summary: 'a sample shop with users and attackers behind the gateway, and the console on it',
  examples: ['sallyport demo', 'sallyport demo --stories', 'sallyport demo --console-port 4700 --port 8081'],
  define: (command, io) => {
    command
      .option(
        '--data-dir <folder>',
        'keep state and calls here (default: a temporary folder, removed at the end)',
      )
      .option('--port <port>', 'port of the gateway (default: 8080)')
      .option('--console-port <port>', 'port of the console and the REST API (default: 4600)')
      .option('--attack-after <seconds>', 'of plain use before the first attack', '15')
      .option(
        '--stories',
        'play three intrusions across the processes of the shop, once, in place of the attackers',
      )
      .action(
        async (options: Options) => await (options.stories === true ? runStories : runDemo)(options, io),
      )
  },
})

async function runDemo(options: Options, io: Io): Promise<void> {
  // Loaded here so that the other commands start without the server and the shop.
  const [{ loadConfig }, { startSallyport }, { startShop }, { startCrowd }] = await Promise.all([
    import('../../engine/config.ts'),
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
      ...environmentOf(options, io, temporary ?? options.dataDir, shop.url),
      SALLYPORT_SENSORS_OTLP_ENABLED: String(telemetry),
    })
    const running = await startSallyport(config, io, { demo: true })
    closing.push(() => running.close())
    const target = running.system.gatewayUrl()
    if (target === undefined) throw new Error('the demo has no gateway')
    if (telemetry) {
      const otlp = await addressOf(running.system, 'otlp')
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

/**
 * The shop as pods in production and staging with a cloud beside it. A recording of its daily work, moved back in time, is what is
 * normal; then it is broken into.
 * @throws SallyportError `usage/invalid-argument` without the OpenTelemetry SDK
 */
async function runStories(options: Options, io: Io): Promise<void> {
  if (!hasTelemetry())
    throw new SallyportError('usage/invalid-argument', 'The stories need the OpenTelemetry SDK.', {
      where: '--stories',
      mend: 'Install the development dependencies: npm install.',
    })
  const [
    { loadConfig },
    { startSallyport },
    { startEstate },
    { recordDay, writeHistory },
    { workADay },
    { stories },
    { storyTruths },
  ] = await Promise.all([
    import('../../engine/config.ts'),
    import('../running.ts'),
    import('../../../range/shop/stories/estate.ts'),
    import('../../../range/shop/stories/history.ts'),
    import('../../../range/shop/stories/daily-work.ts'),
    import('../../../range/shop/stories/stories.ts'),
    import('../../../range/shop/truth.ts'),
  ])
  const temporary = options.dataDir === undefined ? mkdtempSync(join(tmpdir(), 'sallyport-demo-')) : undefined
  const directory = options.dataDir ?? temporary ?? ''
  const closing: (() => unknown)[] = [
    () => (temporary === undefined ? undefined : rmSync(temporary, { recursive: true, force: true })),
  ]
  try {
    mkdirSync(directory, { recursive: true })
    const estate = await startEstate()
    closing.push(() => estate.close())
    const history = join(directory, 'history.jsonl')
    writeHistory(history, await recordDay(estate))
    const config = loadConfig(undefined, {
      ...environmentOf(options, io, directory, estate.url),
      SALLYPORT_SENSORS_OTLP_ENABLED: 'true',
      SALLYPORT_SENSORS_RUNTIME_PORT: '0',
      SALLYPORT_SENSORS_CLOUD_PORT: '0',
      SALLYPORT_ANALYSIS_LEARN: JSON.stringify([history]),
    })
    const running = await startSallyport(config, io, { demo: true })
    closing.push(() => running.close())
    const { system } = running
    const target = system.gatewayUrl()
    if (target === undefined) throw new Error('the demo has no gateway')
    const [otlp, runtime, cloud] = [
      await addressOf(system, 'otlp'),
      await addressOf(system, 'runtime'),
      await addressOf(system, 'cloud'),
    ]
    if (otlp === undefined || runtime === undefined || cloud === undefined)
      throw new Error('a sensor of the demo does not run')
    estate.reportTo({ otlp, runtime, cloud })
    io.say(
      `The shop runs in production and staging behind the gateway at ${target}, as it did for eight days.`,
    )
    io.say('Open this link: it signs you in, once.')
    io.out(`${running.signInLink()}\n`)
    io.say('Stop with Ctrl-C.')
    await workADay(estate, target)
    for (const { id, title } of storyTruths) {
      if (await stoppedWithin(Number(options.attackAfter) * 1000, io)) break
      await stories[id](estate, target)
      await estate.flush()
      io.say(`${id}: ${title}. Its incident comes within a minute.`)
    }
    await untilStopped(io)
    io.say('Stopping …')
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

/** True when the person stopped it while it waited. */
const stoppedWithin = (ms: number, { stopped }: Io): Promise<boolean> =>
  pause(ms, false, { signal: stopped }).catch(() => true)

/** What both demos say of where they listen and what they keep, as the environment's keys. */
const environmentOf = (
  options: Options,
  io: Io,
  directory: string | undefined,
  upstream: string,
): Readonly<Record<string, string | undefined>> => ({
  ...io.environment,
  ...(options.port === undefined ? {} : { SALLYPORT_GATEWAY_PORT: options.port }),
  ...(options.consolePort === undefined ? {} : { SALLYPORT_SERVER_PORT: options.consolePort }),
  SALLYPORT_GATEWAY_UPSTREAM: upstream,
  SALLYPORT_DATA_DIR: directory,
  // Its traffic is made up: telemetry comes from the shop alone, on ports that nobody else knows.
  SALLYPORT_SENSORS_OTLP_HTTP_PORT: '0',
  SALLYPORT_SENSORS_OTLP_GRPC_PORT: '0',
  // The crowd says in X-Forwarded-For where it pretends to be.
  SALLYPORT_GATEWAY_TRUSTED_PROXIES: '[127.0.0.1/32]',
})

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

/** Where a sensor listens, once it does; undefined where it cannot. */
async function addressOf(system: System, sensor: string): Promise<string | undefined> {
  for (let tries = 0; tries < addressTries; tries += 1) {
    const address = system.sensors().find(({ id }) => id === sensor)?.address
    // Of several HTTP comes first.
    if (address !== undefined && address !== '') return `http://${address.split(' ')[0]}`
    await pause(addressEveryMs)
  }
  return undefined
}
