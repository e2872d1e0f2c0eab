import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { storeAvailability } from '../engine/call-stores.ts'
import { type Config, loadConfig } from '../engine/config.ts'
import { decisionTokenFileName, readDecisionToken } from '../engine/decision-token.ts'
import { budgetsAddress, sharedBudgetsAnswer } from '../engine/shared-budgets.ts'
import { systemClock } from '../kit/clock.ts'
import { SallyportError } from '../kit/error.ts'
import { consoleDirectory } from './console-directory.ts'

/** What was looked at, and the mend where something is amiss. */
export interface Check {
  readonly what: string
  readonly state: 'ok' | 'warn' | 'fail'
  readonly detail: string
  readonly mend?: string
}

const roomWanted = 2 ** 30
/** A decision takes a millisecond: who has not answered in this time does not. */
const answerMs = 2_000

/** Whether this machine and the configuration in `file`, or the one that is found, can run Sallyport. */
export async function examine(
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
    ...(await sharedBudgets(config)),
    existsSync(consoleDirectory)
      ? { what: 'console', state: 'ok', detail: 'built' }
      : { what: 'console', state: 'warn', detail: 'not built', mend: 'npm run build -w console' },
    await freePort('gateway port', config.gateway.host, config.gateway.port),
    await freePort('console port', config.server.host, config.server.port),
    await decisionApi(config),
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

/** Only where they are shared. What cannot be reached stops nothing: gateways count alone then. */
async function sharedBudgets({ budgets }: Config): Promise<readonly Check[]> {
  if (budgets.url === undefined) return []
  const address = budgetsAddress(budgets.url)
  const what = 'shared budgets'
  return (await sharedBudgetsAnswer(budgets, systemClock))
    ? [{ what, state: 'ok', detail: `${address} answers` }]
    : [
        {
          what,
          state: 'warn',
          detail: `${address} does not answer`,
          mend: 'Check budgets.url, its name and password, and that scripts may be run: each process counts alone until then.',
        },
      ]
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

/** Where its token is, and whether a Sallyport that runs answers to it. */
async function decisionApi({ dataDir, decisionPoints }: Config): Promise<Check> {
  const what = 'decision API'
  const { enabled, host, port, token: configured } = decisionPoints.forwardAuth
  if (enabled === false)
    return { what, state: 'ok', detail: 'turned off: decisionPoints.forwardAuth.enabled' }
  const file = join(dataDir, decisionTokenFileName)
  let token: string | undefined
  try {
    token = configured ?? readDecisionToken(dataDir)
  } catch (thrown) {
    const { message, mend } = SallyportError.from(thrown)
    return { what, state: 'fail', detail: `${file}: ${message}`, ...(mend === undefined ? {} : { mend }) }
  }
  if (token === undefined) return { what, state: 'ok', detail: `the first start makes its token, ${file}` }
  const where = configured === undefined ? `its token is ${file}` : 'its token is the configured one'
  if (port === 0) return { what, state: 'ok', detail: `port 0: a start finds one; ${where}` }
  const at = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const status = await postNothing(`http://${at}/v1/observe`, token)
  if (status === 202) return { what, state: 'ok', detail: `${at} answers; ${where}` }
  if (status === undefined)
    return { what, state: 'ok', detail: `${at} does not answer: not started; ${where}` }
  return {
    what,
    state: 'warn',
    detail: `${at} answers with status ${status}; ${where}`,
    mend:
      status === 401
        ? 'Another Sallyport listens there, with a token of its own: name its data folder, or set another port.'
        : 'Stop what listens there, or set decisionPoints.forwardAuth.port.',
  }
}

/** Hands on no calls: the status says whether it would take some. Undefined where nobody answers. */
async function postNothing(url: string, token: string): Promise<number | undefined> {
  try {
    const { status } = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '[]',
      signal: AbortSignal.timeout(answerMs),
    })
    return status
  } catch {
    return undefined
  }
}
