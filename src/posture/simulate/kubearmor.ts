import type { Attempt } from '../attempt.ts'
import type { ManifestDocument } from '../manifest.ts'
import type { Party } from '../party.ts'
import { fields, items, selects } from './selector.ts'
import type { Verdict } from './verdict.ts'

/** What a KubeArmorPolicy that allows says to an attempt: of each of programs, files and network that it lists, nothing else is allowed. */
export function kubearmorVerdict(document: ManifestDocument, attempt: Attempt): Verdict {
  const { selector, process, file, network, action } = fields(document.spec)
  if (action !== 'Allow') return 'silent'
  const chosen = (party: Party): boolean =>
    party.kind === 'workload' &&
    (document.metadata.namespace === undefined || party.namespace === document.metadata.namespace) &&
    selects(selector, party.labels ?? {})
  if (attempt.does === 'connect' || attempt.does === 'ask') {
    if (network === undefined || !(chosen(attempt.from) || chosen(attempt.to))) return 'silent'
    const transport = attempt.does === 'ask' ? 'tcp' : attempt.transport.toLowerCase()
    return items(fields(network).matchProtocols).some(one => fields(one).protocol === transport)
      ? 'allows'
      : 'denies'
  }
  if (attempt.does === 'exercise' || !chosen(attempt.by)) return 'silent'
  const section = attempt.does === 'run' ? process : file
  if (section === undefined) return 'silent'
  const { matchPaths, matchDirectories } = fields(section)
  const may = (entry: unknown): boolean => attempt.writes !== true || fields(entry).readOnly !== true
  return items(matchPaths).some(one => fields(one).path === attempt.path && may(one)) ||
    items(matchDirectories).some(one => {
      const { dir, recursive } = fields(one)
      if (typeof dir !== 'string' || !attempt.path.startsWith(dir) || !may(one)) return false
      return recursive === true || !attempt.path.slice(dir.length).includes('/')
    })
    ? 'allows'
    : 'denies'
}
