import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { endedProcess, freePort, startedProcess } from './started-process.ts'

const program = ['/usr/bin/redis-server', '/usr/local/bin/redis-server', '/usr/bin/valkey-server'].find(
  existsSync,
)

/** Why tests against Redis cannot run here; undefined where they can. */
export const noRedis =
  program === undefined ? 'redis-server is not installed (Debian: apt-get install redis-server)' : undefined

/** A Redis server in memory that can be held still, stopped and started again, empty. */
export class RedisServer {
  readonly port: number
  #child: ChildProcess | undefined

  private constructor(port: number) {
    this.port = port
  }

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await freePort())
    await server.begin()
    return server
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  async begin(): Promise<void> {
    const args = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
    this.#child = await startedProcess(program ?? 'redis-server', args, this.port)
  }

  /** Alive but silent, as a machine that swaps. */
  hold(): void {
    this.#child?.kill('SIGSTOP')
  }

  release(): void {
    this.#child?.kill('SIGCONT')
  }

  async end(): Promise<void> {
    if (this.#child !== undefined) await endedProcess(this.#child, 'SIGKILL')
    this.#child = undefined
  }
}
