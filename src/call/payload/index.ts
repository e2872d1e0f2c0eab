import { Automaton } from '../../kit/automaton.ts'
import { commandInjection } from './command.ts'
import { cookieSetting } from './cookie-setting.ts'
import { crlfInjection } from './crlf.ts'
import { deserialisation } from './deserialisation.ts'
import { fuzzing } from './fuzz.ts'
import type { PayloadGrammar, PayloadHit } from './grammar.ts'
import { graphqlIntrospection } from './graphql.ts'
import { fileInclusion } from './inclusion.ts'
import { javaInjection } from './java.ts'
import { jndiLookup } from './jndi.ts'
import { inspectOperatorKey } from './keys.ts'
import { ldapInjection } from './ldap.ts'
import { mailInjection } from './mail.ts'
import { nodeInjection } from './node.ts'
import { nosqlInjection } from './nosql.ts'
import { pathTraversal } from './path.ts'
import { phpInjection } from './php.ts'
import { prototypePollution } from './prototype.ts'
import { sqlInjection } from './sql.ts'
import { serverSideInclude } from './ssi.ts'
import { serverSideRequest } from './ssrf.ts'
import { templateInjection } from './template.ts'
import { xpathInjection } from './xpath.ts'
import { crossSiteScripting } from './xss.ts'
import { xmlExternalEntity } from './xxe.ts'

export type { PayloadHit, PayloadKind } from './grammar.ts'
export { payloadKinds } from './grammar.ts'

/** Most specific first: of equally sure hits the earlier one is reported. */
export const grammars: readonly PayloadGrammar[] = [
  jndiLookup,
  xmlExternalEntity,
  deserialisation,
  prototypePollution,
  javaInjection,
  templateInjection,
  serverSideInclude,
  crlfInjection,
  mailInjection,
  nosqlInjection,
  ldapInjection,
  xpathInjection,
  cookieSetting,
  crossSiteScripting,
  sqlInjection,
  fileInclusion,
  pathTraversal,
  phpInjection,
  nodeInjection,
  commandInjection,
  serverSideRequest,
  graphqlIntrospection,
  fuzzing,
]

/** Bits beside those of the grammars: something to undo before reading, or a character beyond ASCII; a secret's mask. */
export const codedBit = 1 << grammars.length
export const maskBit = codedBit << 1
const grammarBits = codedBit - 1

const automaton = new Automaton(
  [
    ...grammars.flatMap(({ triggers }, index) => triggers.map(text => ({ text, mask: 1 << index }))),
    ...['%', '\\', '&', '/*'].map(text => ({ text, mask: codedBit })),
    { text: '[redacted:', mask: maskBit },
  ],
  codedBit,
)

/** Bits of the grammars that read every long value, and from which length on. */
const longBits = grammars.reduce(
  (bits, { longFrom }, index) => (longFrom === undefined ? bits : bits | (1 << index)),
  0,
)
const longFrom = Math.min(...grammars.map(grammar => grammar.longFrom ?? Number.POSITIVE_INFINITY))

/** Values longer than this are read in pieces of this size. */
export const pieceLength = 4096
/** How far one piece reaches into the next, so that no construct is cut in two. */
export const pieceOverlap = 512

/**
 * What attack language one value speaks, if any: the surest hit, or `undefined`. The value must be unwrapped already
 * (percent, HTML entity, base64 … undone). A value without any trigger literal costs one pass of the automaton; only
 * grammars whose trigger occurs are run. Linear in the value's length; the caller bounds that.
 */
export function inspectText(value: string): PayloadHit | undefined {
  if (value.length <= pieceLength) return inspectScanned(value, automaton.scan(value))
  let best: PayloadHit | undefined
  for (let start = 0; start < value.length; start += pieceLength - pieceOverlap) {
    const end = Math.min(value.length, start + pieceLength)
    const triggered = (automaton.scan(value, start, end) & grammarBits) | longBits
    if (triggered !== 0) {
      const hit = inspectPiece(value.slice(start, end), triggered)
      if (hit !== undefined && (best === undefined || hit.confidence > best.confidence)) best = hit
    }
    if (end === value.length) break
  }
  return best
}

/** What stands in a value of at most `pieceLength` characters: bits of grammars, `codedBit`, `maskBit`. */
export const scan = (value: string): number => automaton.scan(value)

/** `inspectText` of a value of at most `pieceLength` characters that was scanned before. */
export function inspectScanned(value: string, scanned: number): PayloadHit | undefined {
  const triggered = (scanned & grammarBits) | (value.length >= longFrom ? longBits : 0)
  return triggered === 0 ? undefined : inspectPiece(value, triggered)
}

function inspectPiece(value: string, triggered: number): PayloadHit | undefined {
  const lower = value.toLowerCase()
  let best: PayloadHit | undefined
  for (let index = 0; index < grammars.length; index += 1) {
    if ((triggered & (1 << index)) === 0) continue
    const hit = grammars[index]!.inspect(value, lower)
    if (hit !== undefined && (best === undefined || hit.confidence > best.confidence)) best = hit
  }
  return best
}

/** The same for the key of an object, form or query: operators (`$ne`, `__proto__`) and anything a value could carry. */
export function inspectKey(key: string): PayloadHit | undefined {
  return inspectOperatorKey(key) ?? inspectText(key)
}
