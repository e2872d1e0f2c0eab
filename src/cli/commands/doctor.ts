import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, resolve } from 'node:path'
import { storeAvailability } from '../../engine/call-stores.ts'
import { type Config, loadConfig } from '../../engine/config.ts'
import { SallyportError } from '../../kit/error.ts'
import { defineCommand, ExitWith } from '../command.ts'
import { consoleDirectory } from '../console-directory.ts'

interface Check {
  readonly what: string
  readonly state: 'ok' | 'warn' | 'fail'
  readonly detail: string
  readonly mend?: string
}

const roomWanted = 2 ** 30

export default defineCommand({
  id: 'doctor',
  summary: 'check that this machine and configuration can run Sallyport',
  examples: ['sallyport doctor', 'sallyport doctor --config sallyport.yaml'],
  define: (command, io) => {
    command
      .option('--config <file>', 'configuration to check')
      .action(async (options: { readonly config?: string }) => {
        const checks = await examine(options.config, io.environment)
        for (const { state, what, detail, mend } of checks) {
          io.out(`${state.padEnd(4)}  ${what.padEnd(16)}  ${detail}\n`)
          if (mend !== undefined) io.out(`${' '.repeat(24)}→ ${mend}\n`)
        }
        if (checks.some(check => check.state === 'fail')) throw new ExitWith(3)
      })
  },
})

async function examine(
  file: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<readonly Check[]> {
  let config: Config
  try {
    config = loadConfig(file, environment)
  } catch (thrown) {
    const error = SallyportError.from(thrown)
    const where = error.where === undefined ? '' : ` (${error.where})`
    return [
      runtime(),
      {
        what: 'configuration',
        state: 'fail',
        detail: `${error.message}${where}`,
        ...(error.mend === undefined ? {} : { mend: error.mend }),
      },
    ]
  }
  return [
    runtime(),
    {
      what: 'configuration',
      state: 'ok',
      detail: file ?? (existsSync('sallyport.yaml') ? 'sallyport.yaml' : 'defaults'),
    },
    dataDirectory(config.dataDir),
    callStore(config),
    existsSync(consoleDirectory)
      ? { what: 'console', state: 'ok', detail: 'built' }
      : { what: 'console', state: 'warn', detail: 'not built', mend: 'npm run build -w console' },
    await freePort('gateway port', config.gateway.host, config.gateway.port),
    await freePort('console port', config.server.host, config.server.port),
  ]
}

function runtime(): Check {
  const major = Number(process.versions.node.split('.')[0])
  return major >= 24
    ? { what: 'runtime', state: 'ok', detail: `Node ${process.versions.node}` }
    : {
        what: 'runtime',
        state: 'fail',
        detail: `Node ${process.versions.node}`,
        mend: 'npm ci brings Node 24; start with bin/sallyport.',
      }
}

function dataDirectory(path: string): Check {
  let place = resolve(path)
  while (!existsSync(place)) place = dirname(place)
  try {
    accessSync(place, constants.W_OK)
  } catch {
    return {
      what: 'data directory',
      state: 'fail',
      detail: `${path} cannot be written`,
      mend: 'Set dataDir to a folder you may write.',
    }
  }
  const { bavail, bsize } = statfsSync(place)
  const free = bavail * bsize
  const detail = `${path}, ${(free / 2 ** 30).toFixed(1)} GiB free`
  return free < roomWanted
    ? {
        what: 'data directory',
        state: 'warn',
        detail,
        mend: 'Make room: calls are kept for calls.retentionDays.',
      }
    : { what: 'data directory', state: 'ok', detail }
}

function callStore(config: Config): Check {
  const { driver, reason } = storeAvailability(config.calls)
  return reason === undefined
    ? { what: 'calls store', state: 'ok', detail: driver }
    : {
        what: 'calls store',
        state: 'warn',
        detail: `${driver}: ${reason}`,
        mend: 'Calls will not survive a restart.',
      }
}

async function freePort(what: string, host: string, port: number): Promise<Check> {
  const listening = createServer()
  const fault = await new Promise<NodeJS.ErrnoException | undefined>(done => {
    listening.once('error', done)
    listening.listen(port, host, () => done(undefined))
  })
  if (fault !== undefined) {
    return {
      what,
      state: 'fail',
      detail: `${host}:${port} ${fault.code === 'EADDRINUSE' ? 'is in use' : (fault.code ?? 'fails')}`,
      mend: 'Stop what listens there, or set another port.',
    }
  }
  await new Promise<void>(done => listening.close(() => done()))
  return { what, state: 'ok', detail: `${host}:${port} is free` }
}
