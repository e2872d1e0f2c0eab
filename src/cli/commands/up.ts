import type { Config } from '../../engine/config.ts'
import { SallyportError } from '../../kit/error.ts'
import { defineCommand } from '../command.ts'
import { untilStopped } from '../io.ts'

interface Options {
  readonly upstream?: string
  readonly config?: string
  readonly dataDir?: string
  readonly port?: string
  readonly consolePort?: string
  readonly learn?: readonly string[]
}

export default defineCommand({
  id: 'up',
  summary: 'protect an API: gateway, analysis, stores, REST API and console',
  examples: [
    'sallyport up --upstream http://127.0.0.1:3000',
    'sallyport up --config sallyport.yaml',
    'sallyport up --upstream http://127.0.0.1:3000 --learn last-week.jsonl.gz',
    'SALLYPORT_GATEWAY_PORT=9000 sallyport up --upstream http://127.0.0.1:3000',
  ],
  define: (command, io) => {
    command
      .option('--upstream <url>', 'the API to protect; the gateway passes everything on to it')
      .option('--config <file>', 'configuration; ./sallyport.yaml when it exists')
      .option('--data-dir <folder>', 'where state and calls live (default: ./.sallyport)')
      .option('--port <port>', 'port of the gateway (default: 8080)')
      .option('--console-port <port>', 'port of the console and the REST API (default: 4600)')
      .option(
        '--learn <files...>',
        'recordings that say what is normal, read at a start that has nothing learned yet',
      )
      .action(async (options: Options) => {
        // Loaded here so that the other commands start without the server.
        const { loadConfig } = await import('../../engine/config.ts')
        const read = (): Config => loadConfig(options.config, { ...io.environment, ...overridesOf(options) })
        const config = read()
        if (config.gateway.upstream === undefined) {
          io.say('No upstream is given: the console runs, the gateway does not.')
          io.say('  → protect an API of yours: sallyport up --upstream http://127.0.0.1:3000')
        }
        const { startSallyport } = await import('../running.ts')
        const running = await startSallyport(config, io, { demo: false })
        const gateway = running.system.gatewayUrl()
        if (gateway !== undefined) io.say(`Gateway:  ${gateway}  →  ${config.gateway.upstream}`)
        io.say('Console (this link signs you in, once):')
        io.out(`${running.signInLink()}\n`)
        io.say('Stop with Ctrl-C.')
        const reload = (): void => {
          try {
            running.system.reloadGateway(read().gateway)
          } catch (thrown) {
            io.say(`The configuration stays as before: ${SallyportError.from(thrown).toDisplayString()}`)
          }
        }
        // In a terminal it says that the terminal is gone.
        if (process.stderr.isTTY !== true) process.on('SIGHUP', reload)
        await untilStopped(io)
        process.off('SIGHUP', reload)
        io.say('Stopping: finishing the calls under way …')
        await running.close()
      })
  },
})

/** The flags as the environment's keys: one precedence, one validation. */
function overridesOf(options: Options): Record<string, string> {
  if (options.upstream !== undefined && !URL.canParse(options.upstream)) {
    throw new SallyportError('usage/invalid-argument', `"${options.upstream}" is not a URL.`, {
      where: '--upstream',
      mend: 'Give it with scheme and port, e.g. http://127.0.0.1:3000.',
    })
  }
  const named = {
    SALLYPORT_GATEWAY_UPSTREAM: options.upstream,
    SALLYPORT_DATA_DIR: options.dataDir,
    SALLYPORT_GATEWAY_PORT: options.port,
    SALLYPORT_SERVER_PORT: options.consolePort,
    SALLYPORT_ANALYSIS_LEARN: options.learn === undefined ? undefined : JSON.stringify(options.learn),
  }
  return Object.fromEntries(
    Object.entries(named).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
