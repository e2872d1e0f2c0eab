import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endedProcess, freePort, startedProcess } from './started-process.ts'

const program = ['/usr/sbin/nats-server', '/usr/local/bin/nats-server', '/usr/bin/nats-server'].find(
  existsSync,
)

/** Why tests against a NATS server cannot run here; undefined where they can. */
export const noNats =
  program === undefined ? 'nats-server is not installed (Debian: apt-get install nats-server)' : undefined

/** A NATS server with JetStream that can be stopped and started again with what it holds. */
export class NatsServer {
  readonly port: number
  readonly #args: readonly string[]
  readonly #store: string
  #child: ChildProcess | undefined

  private constructor(port: number, store: string, args: readonly string[]) {
    this.port = port
    this.#store = store
    this.#args = args
  }

  static async start(args: readonly string[] = []): Promise<NatsServer> {
    const store = mkdtempSync(join(tmpdir(), 'sallyport-nats-'))
    const server = new NatsServer(await freePort(), store, args)
    await server.begin()
    return server
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`
  }

  async begin(): Promise<void> {
    const args = ['-js', '-sd', this.#store, '-a', '127.0.0.1', '-p', String(this.port), ...this.#args]
    this.#child = await startedProcess(program ?? 'nats-server', args, this.port)
  }

  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.#child !== undefined) await endedProcess(this.#child, signal)
  }

  async close(): Promise<void> {
    await this.end()
    rmSync(this.#store, { recursive: true, force: true })
  }
}
