import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { SallyportError } from '../../kit/error.ts'
import { chdbAvailability } from './availability.ts'
import type { ChdbOrder, ChdbWord } from './chdb-main.ts'

export { type ChdbAvailability, chdbAvailability } from './availability.ts'

export interface ChdbOptions {
  /** Where the engine keeps its data; created (mode 0700) when absent. One process per directory. */
  readonly directory: string
  /** One line, without a line feed. */
  readonly log: (line: string) => void
  /** Wait before the first restart and the longest wait, ms: 250 and 30,000 when absent. Each restart doubles it. */
  readonly backOff?: { readonly first: number; readonly longest: number }
  /** How long the engine may take to start, ms; 60,000 when absent. */
  readonly startTimeoutMs?: number
}

export interface ChdbExit {
  readonly pid: number
  readonly code: number | null
  readonly signal: string | null
  /** Absent when it was asked to end. */
  readonly restartInMs?: number
}

export interface Chdb {
  /** The same over restarts, like the credential. */
  readonly url: string
  readonly username: string
  readonly password: string
  /** Of the running child, or of the last one while it is down. */
  readonly pid: number
  /** True while the child is up and serving. */
  readonly running: boolean
  close(): Promise<void>
  /** Called each time the child ends. */
  onExit(listener: (exit: ChdbExit) => void): void
}

/** A child that has stayed up for this long has recovered: the next crash starts with the first wait again. */
const recoveredAfterMs = 60_000
/** Whatever is acknowledged is on disk: a child that closes slower than this is killed, and nothing is lost. */
const closeTimeoutMs = 10_000
const entry = fileURLToPath(new URL('./chdb-main.ts', import.meta.url))

/**
 * Starts the embedded ClickHouse in a child process behind a loopback address with a random credential, and starts it
 * again when it crashes; until it is back, its callers find nobody listening (`store/unavailable`). The child ends
 * itself when this process dies. Rejects with `store/unavailable`, `store/locked` or `store/full` when the first start
 * fails.
 */
export async function startChdb(options: ChdbOptions): Promise<Chdb> {
  const { available, reason } = chdbAvailability()
  if (!available) throw new SallyportError('store/unavailable', `${reason ?? 'chdb cannot run here'}.`)
  try {
    mkdirSync(options.directory, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw startError(options.directory, cause instanceof Error ? cause.message : '', cause)
  }
  const supervisor = new Supervisor(options)
  await supervisor.start()
  return supervisor
}

class Supervisor implements Chdb {
  readonly username = 'sallyport'
  readonly password = randomBytes(32).toString('base64url')
  readonly #options: ChdbOptions
  readonly #backOff: { readonly first: number; readonly longest: number }
  readonly #listeners: ((exit: ChdbExit) => void)[] = []
  #child: ChildProcess | undefined
  #port = 0
  #pid = 0
  #running = false
  #closing = false
  #wait: number
  #restart: NodeJS.Timeout | undefined

  constructor(options: ChdbOptions) {
    this.#options = options
    this.#backOff = options.backOff ?? { first: 250, longest: 30_000 }
    this.#wait = this.#backOff.first
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get pid(): number {
    return this.#pid
  }

  get running(): boolean {
    return this.#running
  }

  onExit(listener: (exit: ChdbExit) => void): void {
    this.#listeners.push(listener)
  }

  /** Resolves when the child serves; rejects when it ends before that. */
  async start(): Promise<void> {
    const { directory, log } = this.#options
    const child = fork(entry, [], {
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'json',
    })
    this.#child = child
    this.#pid = child.pid ?? 0
    let said = ''
    const hear = (line: string): void => {
      said = `${said}${line}\n`.slice(-4_000)
      log(line)
    }
    for (const output of [child.stdout, child.stderr]) if (output !== null) logLines(output, hear)
    const order: ChdbOrder = { directory, port: this.#port, username: this.username, password: this.password }
    let startedAt = 0
    let ready = false
    await new Promise<void>((resolve, reject) => {
      let failure = ''
      const timer = setTimeout(() => {
        failure = 'It took too long to start.'
        child.kill('SIGKILL')
      }, this.#options.startTimeoutMs ?? 60_000)
      child.on('message', received => {
        const word = received as ChdbWord
        if (word.type === 'failed') failure = word.message
        else {
          clearTimeout(timer)
          ready = true
          startedAt = performance.now()
          this.#port = word.port
          this.#running = true
          resolve()
        }
      })
      const ended = (code: number | null, signal: string | null): void => {
        clearTimeout(timer)
        this.#running = false
        if (ready && performance.now() - startedAt >= recoveredAfterMs) this.#wait = this.#backOff.first
        const first = !ready && this.#port === 0
        this.#ended(child.pid ?? 0, code, signal, !first)
        reject(
          startError(
            directory,
            `${failure}\n${said}`,
            new Error(failure || `It ended with ${signal ?? code}.`),
          ),
        )
      }
      // Not `close`: a parent that has disconnected the channel never sees that one. A start that failed says why on
      // its error output, so that is read to its end.
      child.once('exit', (code, signal) => {
        const { stderr } = child
        if (ready || stderr === null || stderr.closed) ended(code, signal)
        else stderr.once('close', () => ended(code, signal))
      })
      child.once('error', error => {
        failure = error.message
        // A child that could not be started at all has no exit.
        if (child.pid === undefined) ended(null, null)
      })
      child.send(order, () => {
        // A child that is gone already is reported by `close`.
      })
    })
  }

  #ended(pid: number, code: number | null, signal: string | null, again: boolean): void {
    const restart = again && !this.#closing
    const wait = this.#wait
    if (restart) {
      this.#wait = Math.min(this.#wait * 2, this.#backOff.longest)
      this.#options.log(`chdb ended with ${signal ?? code}; starting again in ${wait} ms`)
      this.#restart = setTimeout(() => {
        // A failed start ends in `close` like a crash, which plans the next one.
        this.start().catch(() => {})
      }, wait)
    }
    for (const listener of this.#listeners)
      listener({ pid, code, signal, ...(restart ? { restartInMs: wait } : {}) })
  }

  async close(): Promise<void> {
    this.#closing = true
    clearTimeout(this.#restart)
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
    if (child.connected) child.disconnect()
    // The engine closes in native code, where the child cannot watch its own time.
    const timer = setTimeout(() => child.kill('SIGKILL'), closeTimeoutMs)
    await ended
    clearTimeout(timer)
  }
}

function startError(where: string, message: string, cause: unknown): SallyportError {
  if (/No space left on device|NOT_ENOUGH_SPACE/.test(message)) {
    return new SallyportError('store/full', 'The disk that holds the calls is full.', {
      where,
      mend: 'Free space on that disk and start again.',
      cause,
    })
  }
  if (message.includes('Cannot lock file')) {
    return new SallyportError('store/locked', 'The call store is in use by another process.', {
      where,
      mend: 'Stop the other process, or give this one its own data directory.',
      cause,
    })
  }
  return new SallyportError('store/unavailable', 'The embedded ClickHouse did not start.', {
    where,
    mend: 'The log has its own words. Check the disk and the rights of the directory.',
    cause,
  })
}

/** The child's output line by line, each cut at 2,000 characters. */
function logLines(output: Readable, log: (line: string) => void): void {
  createInterface({ input: output }).on('line', line => log(`chdb: ${line.slice(0, 2_000)}`))
}
