import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { CloudOrder } from './cloud-process.ts'

export const account = '123456789012'
export const region = 'eu-central-1'
/** Where the shop keeps its receipts. */
export const receiptsBucket = 'shop-receipts'
export const receiptsHost = `${receiptsBucket}.s3.${region}.amazonaws.com`
/** What the payments service works as. */
export const receiptsRole = 'shop-payments'
/** What the machine under every pod works as; it backs the receipts up, and may do too much. */
export const nodeRole = 'shop-node'
export type Role = typeof receiptsRole | typeof nodeRole

export interface Cloud {
  /** Hosts that the cloud answers for → its port on loopback. */
  readonly standIns: Readonly<Record<string, number>>
  readonly keys: CloudOrder['keys']
  /** From now on audit records are posted to this address, `http://host:port`. */
  auditTo(address: string): void
  /** Resolves when every record so far was taken. */
  flush(): Promise<void>
  close(): Promise<void>
}

const entry = fileURLToPath(new URL('./cloud-process.ts', import.meta.url))
const accessKey = (): string => `AKIA${randomBytes(8).toString('hex').toUpperCase()}`

/** Starts the cloud's stand-in in a process of its own. It ends with `close` and with this process. */
export async function startCloud(): Promise<Cloud> {
  const child = fork(entry, [], { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const keys = { [receiptsRole]: accessKey(), [nodeRole]: accessKey() }
  child.send({ keys, secret: randomBytes(24).toString('base64url') } satisfies CloudOrder)
  const { port } = await next<{ readonly port: number }>(child)
  return {
    standIns: {
      '169.254.169.254': port,
      [receiptsHost]: port,
      'kubernetes.default.svc': port,
      '*.supplier.example': port,
    },
    keys,
    auditTo: address => {
      child.send({ auditTo: address })
    },
    flush: async () => {
      const flushed = next(child)
      child.send({ flush: true })
      await flushed
    },
    close: async () => {
      if (child.exitCode !== null) return
      const ended = new Promise<void>(done => child.once('exit', () => done()))
      child.disconnect()
      await ended
    },
  }
}

const next = <Message>(child: ChildProcess): Promise<Message> =>
  new Promise((resolve, reject) => {
    child.once('message', message => resolve(message as Message))
    child.once('exit', code => reject(new Error(`The cloud's stand-in ended with ${code}.`)))
  })
