import type { Connection, Evidence } from '../evidence.ts'
import type { Party } from '../party.ts'
import type { LearningOptions } from '../window.ts'
import { howOften } from '../words.ts'

/** `orders connects to payments (http): 1,204 times on 7 of 14 days, last yesterday`. */
export function connectionSentence(
  { seen, protocols }: Connection,
  from: Party,
  to: Party,
  options: LearningOptions,
): string {
  const spoken = protocols.length === 0 ? '' : ` (${protocols.join(', ')})`
  return `${shortName(from)} connects to ${shortName(to)}${spoken}: ${howOften(seen, options)}`
}

/** The name without cluster and namespace. */
export const shortName = ({ kind, name }: Party): string =>
  kind === 'workload' ? name.slice(name.lastIndexOf('/') + 1) : name

/** Connections by the end they share, in order; only those that are kept. */
export function keptByPeer(all: readonly Connection[]): readonly (readonly Connection[])[] {
  const groups = new Map<string, Connection[]>()
  for (const one of all) {
    if (one.seen.standing !== 'kept') continue
    const key = one.peer.node ?? one.peer.name
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [one])
    else group.push(one)
  }
  return [...groups.values()]
}

/** Ports of the connections, each once; empty where nobody told any: then every port is meant. */
export function portsOf(
  group: readonly Connection[],
  fallback: readonly number[],
): readonly { readonly port: number; readonly protocol: 'TCP' | 'UDP' }[] {
  const told = new Map<string, { port: number; protocol: 'TCP' | 'UDP' }>()
  for (const { port, transport } of group)
    if (port !== undefined) told.set(`${port}/${transport}`, { port, protocol: transport })
  if (told.size === 0) return fallback.map(port => ({ port, protocol: group[0]?.transport ?? 'TCP' }))
  return [...told.values()].sort((a, b) => a.port - b.port || (a.protocol < b.protocol ? -1 : 1))
}

/** It asked, and none of what it asked is to go on: no reason to let it connect where requests can be told apart. */
export const asksInVain = ({ asked }: Evidence, peer: Party): boolean => {
  const own = asked.filter(({ caller }) => caller.node === peer.node)
  return own.length > 0 && own.every(({ seen }) => seen.standing !== 'kept')
}

/** What has to be said where something nobody told was filled in. */
export function assumptions(party: Party, group: readonly Connection[], open: boolean): readonly string[] {
  return [
    ...(party.labelsAssumed === true
      ? [`labels of ${shortName(party)} are assumed: no source told them`]
      : []),
    ...(party.kind === 'workload' && party.namespace === undefined
      ? [`the namespace of ${shortName(party)} is not known: any is meant`]
      : []),
    ...(open ? ['no port was seen: every port is meant'] : []),
    ...(group.some(({ portAssumed }) => portAssumed === true)
      ? ['the port is the usual one: no source told it']
      : []),
  ]
}
