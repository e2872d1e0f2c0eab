import type { AttackDefinition } from '../world/attack.ts'
import bolaEnumeration from './bola-enumeration.ts'
import bolaRead from './bola-read.ts'
import credentialStuffing from './credential-stuffing.ts'
import passwordSpraying from './password-spraying.ts'
import scanner from './scanner.ts'
import tokenReplayLogout from './token-replay-logout.ts'

/** Every kind of attack, one file each. */
export const attacks: readonly AttackDefinition[] = [
  bolaRead,
  bolaEnumeration,
  credentialStuffing,
  passwordSpraying,
  tokenReplayLogout,
  scanner,
]
