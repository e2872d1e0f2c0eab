import type { AskAttempt, Attempt, ConnectAttempt } from '../attempt.ts'
import type { ManifestDocument } from '../manifest.ts'
import type { Party } from '../party.ts'
import { inCidr, someOutsideAddress } from './cidr.ts'
import { type Fields, fields, items, selects, texts } from './selector.ts'
import type { Verdict } from './verdict.ts'

/** What an AuthorizationPolicy that allows says to an attempt: whoever is asked and selected by it answers nobody else. */
export function istioVerdict(document: ManifestDocument, attempt: Attempt): Verdict {
  if (attempt.does !== 'connect' && attempt.does !== 'ask') return 'silent'
  const { selector, rules, action } = fields(document.spec)
  const { namespace } = document.metadata
  const { to } = attempt
  if (action !== 'ALLOW' || to.kind !== 'workload') return 'silent'
  if ((namespace !== undefined && to.namespace !== namespace) || !selects(selector, to.labels ?? {}))
    return 'silent'
  return items(rules).some(rule => {
    const { from, to: operations } = fields(rule)
    return (
      (from === undefined || items(from).some(one => isSource(fields(fields(one).source), attempt.from))) &&
      (operations === undefined ||
        items(operations).some(one => isOperation(fields(fields(one).operation), attempt)))
    )
  })
    ? 'allows'
    : 'denies'
}

function isSource({ principals, namespaces, ipBlocks }: Fields, party: Party): boolean {
  if (principals !== undefined) {
    // The trust domain is the mesh's own.
    const account = `/ns/${party.namespace}/sa/${party.serviceAccount}`
    return (
      party.serviceAccount !== undefined &&
      texts(principals).some(one => one.slice(one.indexOf('/ns/')) === account)
    )
  }
  if (namespaces !== undefined)
    return party.namespace !== undefined && texts(namespaces).includes(party.namespace)
  if (ipBlocks !== undefined) {
    const addresses = party.kind === 'outside' ? [someOutsideAddress] : (party.addresses ?? [])
    return texts(ipBlocks).some(block =>
      addresses.some(address => (block.includes('/') ? inCidr(address, block) : block === address)),
    )
  }
  return true
}

function isOperation({ methods, paths, ports }: Fields, attempt: AskAttempt | ConnectAttempt): boolean {
  if (ports !== undefined && attempt.port !== undefined && !texts(ports).includes(String(attempt.port)))
    return false
  // A connection is let through where something can be asked over it; what is asked is judged for itself.
  if (attempt.does === 'connect') return true
  return (
    (methods === undefined || texts(methods).includes(attempt.method)) &&
    (paths === undefined || texts(paths).some(path => isPath(path, attempt.path)))
  )
}

/** Istio's forms: exact, `*` at one end, and templates with `{*}` for one segment and `{**}` for what is left. */
function isPath(pattern: string, path: string): boolean {
  if (pattern.includes('{*}') || pattern.includes('{**}')) {
    const wanted = pattern.split('/')
    const given = path.split('/')
    for (const [index, segment] of wanted.entries()) {
      if (segment === '{**}') return true
      const value = given[index]
      if (value === undefined || (segment === '{*}' ? value === '' : segment !== value)) return false
    }
    return wanted.length === given.length
  }
  if (pattern === '*') return true
  if (pattern.endsWith('*')) return path.startsWith(pattern.slice(0, -1))
  if (pattern.startsWith('*')) return path.endsWith(pattern.slice(1))
  return pattern === path
}
