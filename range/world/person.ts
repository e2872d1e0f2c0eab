import type { Account } from './accounts.ts'
import type { Device } from './device.ts'
import type { Network } from './network.ts'
import type { Stream } from './stream.ts'

/** Somebody who uses the application. */
export interface Person {
  /** Stable in one world: `customer-17`. */
  readonly id: string
  readonly role: string
  readonly email: string
  readonly name: string
  password: string
  readonly account: Account
  readonly devices: readonly Device[]
  readonly home: Network
  readonly office: Network | undefined
  readonly carrier: Network
  readonly stream: Stream
  /** Visits on an ordinary day. */
  readonly visits: number
  readonly rhythm: 'leisure' | 'office'
}
