import { compileGlob } from '../../kit/glob.ts'
import { hostValues, parseHostPattern } from '../hosts/host-pattern.ts'

/** A host with stars, or a pattern of hosts: `*.shop.example`, `{tenant}.shop.example`. */
export function compileHost(text: string): (host: string) => boolean {
  const pattern = text.includes('{') ? parseHostPattern(text) : undefined
  if (pattern === undefined) return compileGlob(text)
  // Hosts that are one API go by their pattern themselves.
  return host => host === pattern.text || hostValues(pattern, host) !== undefined
}
