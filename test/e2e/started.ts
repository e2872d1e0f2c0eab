import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')
export const bin = join(root, 'bin/sallyport')

/** A fresh folder that is removed again. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'sallyport-e2e-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) }
}

/** A command line that goes on running, with what it said so far. */
export interface Started {
  readonly child: ChildProcess
  readonly stdout: () => string
  readonly stderr: () => string
  /** Resolves with the first match of `pattern` in what it printed; rejects when it ends before. */
  printed(pattern: RegExp, withinMs?: number): Promise<RegExpExecArray>
  /** Asks it to stop and waits for the exit code. */
  stop(): Promise<number | null>
}

export function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Started {
  const child = spawn(bin, args, {
    cwd: tmpdir(),
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  const looking = new Set<() => void>()
  const heard = (): void => {
    for (const look of looking) look()
  }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    heard()
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    heard()
  })
  const ended = new Promise<number | null>(done => child.once('exit', code => done(code)))
  void ended.then(heard)
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    printed: (pattern, withinMs = 60_000) =>
      new Promise((found, failed) => {
        const stopLooking = (): void => {
          looking.delete(look)
          clearTimeout(patience)
        }
        const look = (): void => {
          const match = pattern.exec(stdout) ?? pattern.exec(stderr)
          if (match !== null) {
            stopLooking()
            found(match)
          } else if (child.exitCode !== null) {
            stopLooking()
            failed(new Error(`ended with ${child.exitCode} before printing ${pattern}\n${stdout}\n${stderr}`))
          }
        }
        const patience = setTimeout(() => {
          stopLooking()
          failed(new Error(`did not print ${pattern} in ${withinMs} ms\n${stdout}\n${stderr}`))
        }, withinMs)
        looking.add(look)
        look()
      }),
    stop: async () => {
      if (child.exitCode === null) child.kill('SIGTERM')
      return await ended
    },
  }
}

/** Where a product that is starting lets requests through. */
export const gatewayOf = async (started: Started): Promise<string> =>
  (await started.printed(/[Gg]ateway(?::| at)\s+(http:\S+?)\.?\s/))[1] as string

/** What signs in to its console, once. */
export const signInLink = async (started: Started): Promise<string> =>
  (await started.printed(/(http:\S+\/sign-in\?code=\S+)/))[1] as string

/** Where its API and console are. */
export const consoleOf = async (started: Started): Promise<string> =>
  new URL(await signInLink(started)).origin

/** Runs a command line to its end. */
export async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const started = start(args, env)
  const code = await new Promise<number | null>(done => started.child.once('close', done))
  return { code, stdout: started.stdout(), stderr: started.stderr() }
}
