import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { CrowdOrder } from './crowd-process.ts'

const entry = fileURLToPath(new URL('./crowd-process.ts', import.meta.url))

/** Starts users and attackers against `order.target`. They end with `close` and with this process. */
export function startCrowd(order: CrowdOrder): { readonly pid: number; close(): Promise<void> } {
  const child = fork(entry, [], { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  child.send(order)
  const ended = new Promise<void>(done => child.once('exit', () => done()))
  return {
    pid: child.pid ?? 0,
    close: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}
