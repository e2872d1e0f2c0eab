import type { DayHabits } from '../../baseline/day-book.ts'
import type { Link, PrincipalTies } from '../../identity/links.ts'
import type { QuarantineEntry } from '../../store/ports/state-store.ts'
import type { HabitsView } from '../api/habits.ts'
import type { PrincipalView } from '../api/principal.ts'
import type { LinkView, TiesView } from '../api/ties.ts'
import type { PrincipalFacts } from '../backend.ts'
import { optional } from './optional.ts'
import { quarantineViewOf } from './quarantine.ts'
import { stamp } from './stamp.ts'

const linkOf = ({ name, calls, firstSeen, lastSeen }: Link): LinkView => ({
  name,
  calls,
  firstSeen: stamp(firstSeen),
  lastSeen: stamp(lastSeen),
})

function tiesOf({ tokens, devices, addresses, shared, linked }: PrincipalTies): TiesView {
  return {
    tokens: tokens.map(linkOf),
    devices: devices.map(linkOf),
    addresses: addresses.map(link => ({ ...linkOf(link), shared: shared.includes(link.name) })),
    linked: linked.map(({ principal, by, name, strength }) => ({ principal, by, name, strength })),
  }
}

const habitsOf = ({ objects, ...habits }: DayHabits): HabitsView => ({
  ...habits,
  objects: objects.map(({ time, ...touched }) => ({ ...touched, time: stamp(time) })),
})

/** @param ties Like `habits`, where one principal is told by itself. */
export function principalViewOf(
  principal: PrincipalFacts,
  quarantine: QuarantineEntry | undefined,
  ties?: PrincipalTies,
  habits?: DayHabits,
): PrincipalView {
  return {
    id: principal.id,
    kind: principal.kind,
    ...optional('tenant', principal.tenant),
    roles: principal.roles,
    calls: principal.calls,
    risk: principal.risk,
    firstSeen: stamp(principal.firstSeen),
    lastSeen: stamp(principal.lastSeen),
    addresses: principal.addresses,
    devices: principal.devices,
    endpoints: principal.endpoints.map(({ endpoint, calls }) => ({ endpoint, calls })),
    ...optional('quarantine', quarantine === undefined ? undefined : quarantineViewOf(quarantine)),
    ...optional('ties', ties === undefined ? undefined : tiesOf(ties)),
    ...optional('habits', habits === undefined ? undefined : habitsOf(habits)),
  }
}
