import type { FoundEvent, RecentEvent } from '../../engine/recent-events.ts'
import { isWrite, storeName } from '../../graph/graph-builder.ts'
import { readNodeId } from '../../graph/node.ts'
import type { EventView } from '../api/event.ts'
import { present } from './present.ts'
import { stamp } from './stamp.ts'

/** @param incidents Ids of those that rest on it. */
export function eventViewOf({ event, workload }: FoundEvent, incidents: readonly string[]): EventView {
  return {
    id: event.id,
    time: stamp(event.time),
    type: event.type,
    workload: readNodeId(workload)?.name ?? workload,
    what: whatOf(event),
    ...present({
      outcome: 'outcome' in event ? event.outcome : undefined,
      source: event.type === 'access' ? event.sensor : event.source,
      rule: event.type === 'runtime' ? event.policy : undefined,
    }),
    incidents,
  }
}

const verbs: Readonly<Record<string, string>> = {
  process: 'ran',
  file: 'opened',
  network: 'had a connection with',
}

function whatOf(event: RecentEvent): string {
  switch (event.type) {
    case 'runtime':
      return event.object === undefined
        ? event.action
        : `${verbs[event.action] ?? event.action} ${event.object}`
    case 'access': {
      const rows = event.rows === undefined ? '' : `, ${event.rows} ${event.rows === 1 ? 'row' : 'rows'}`
      return `${isWrite(event.operation) ? 'wrote' : 'read'} ${storeName(event.store)}${rows}`
    }
    case 'flow': {
      const { workload, host, ip } = event.peer
      const peer = workload?.name ?? host ?? ip ?? 'an unknown end'
      return event.direction === 'egress' ? `connected to ${peer}` : `was connected to by ${peer}`
    }
    case 'identity':
      return identityWords(event.identity, event.action, event.target)
  }
}

function identityWords(identity: string, action: string, target: string | undefined): string {
  if (action === 'assume') return `${identity} took on ${target ?? 'another identity'}`
  if (action === 'login') return `${identity} logged in`
  if (action === 'issue') return `${identity} gave out ${target ?? 'a credential'}`
  return `${identity}: ${action}${target === undefined ? '' : ` ${target}`}`
}
