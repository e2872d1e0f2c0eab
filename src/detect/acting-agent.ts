import type { Observation } from '../baseline/observation.ts'
import { whoIs } from './words.ts'

/** Who acts in a call: the nearest actor that the token names beside its subject (RFC 8693 `act`), the principal where it names none. */
export const actorOf = ({ identity }: Observation): string =>
  identity.actors?.[0] === undefined ? identity.principal : `actor:${identity.actors[0]}`

/** How a sentence names who acts: `helper for user:alice`. */
export const whoActs = ({ identity }: Observation): string =>
  identity.actors?.[0] === undefined ? whoIs(identity) : `${identity.actors[0]} for ${whoIs(identity)}`
