import type { EndpointId, PrincipalId } from '../kit/id.ts'

/**
 * What is known of one principal. Where the answer is `undefined` nobody can say: the principal was forgotten for room and came back, so
 * compare with `=== false` before calling something new.
 */
export interface Profile {
  readonly principal: PrincipalId
  /** Index of its columns; stable while it is remembered. */
  readonly slot: number
  /** Of all times, also before it was forgotten. */
  readonly firstSeen: number
  /** Of the calls before the one being judged. */
  readonly lastSeen: number
  /** Calls remembered; 0 of a principal that was forgotten and is back. */
  readonly calls: number
  /** UTC days with calls, remembered. */
  readonly activeDays: number
  /** It was here before what is remembered: what is not remembered may be nothing new. */
  readonly forgotten: boolean
  /** Different ones remembered. */
  readonly endpoints: number
  readonly devices: number
  readonly agents: number
  readonly networks: number
  /** Whether it was answered with success there before. */
  hasUsed(endpoint: EndpointId): boolean | undefined
  /** `Identity.device` */
  hasDevice(device: string): boolean | undefined
  /** The user agent's family, see `familyOf`. */
  hasAgent(family: string): boolean | undefined
  /** The address's prefix, see `prefixOf`. */
  hasNetwork(prefix: string): boolean | undefined
}
