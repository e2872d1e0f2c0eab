import { BoundedMap } from '../../kit/bounded-map.ts'
import { keptWhole } from '../../kit/snapshot.ts'

/** Whose an address is, or was: a pod that is there, or the workload of one that is gone. */
export type Holder =
  | { readonly namespace: string; readonly pod: string }
  | { readonly namespace: string; readonly workload: string }

interface Tenant {
  readonly namespace: string
  readonly pod: string
  readonly since: number
}

interface Past {
  readonly namespace: string
  readonly workload: string
  readonly since: number
  readonly until: number
}

/** What clocks of two machines may differ by, ms. */
const slackMs = 1_000
/** Addresses that are remembered after their pod went, and pods of each. */
const pastAddresses = 50_000
const pastOfEach = 4

/**
 * Which pod has an address, and which workload had it before: an address is given to another pod soon after one is gone, and calls are told
 * later than they happen. Addresses of pods that are there are as many as those; of gone ones the last 50,000 are remembered, four
 * holders of each.
 */
export class AddressBook {
  private readonly current = new Map<string, Tenant>()
  private readonly past = new BoundedMap<string, Past[]>(pastAddresses)

  /** @param since Ms since the epoch; 0 where it is not known. @param workloadOf What a pod that had it belongs to. */
  take(
    ip: string,
    { namespace, pod, since }: Tenant,
    workloadOf: (namespace: string, pod: string) => string | undefined,
  ): void {
    const known = this.current.get(ip)
    if (known !== undefined && known.namespace === namespace && known.pod === pod) return
    if (known !== undefined) this.close(ip, known, since, workloadOf(known.namespace, known.pod))
    const before = this.past.peek(ip)?.at(-1)
    // It was made before the other was gone, and had no address until then.
    this.current.set(ip, { namespace, pod, since: Math.max(since, before?.until ?? 0) })
  }

  /** @param until Ms since the epoch. @param workload What the pod belonged to; it is forgotten where that is not known. */
  leave(
    ip: string,
    { namespace, pod }: Omit<Tenant, 'since'>,
    until: number,
    workload: string | undefined,
  ): void {
    const known = this.current.get(ip)
    // An address may be somebody else's by now.
    if (known === undefined || known.namespace !== namespace || known.pod !== pod) return
    this.current.delete(ip)
    this.close(ip, known, until, workload)
  }

  private close(ip: string, { namespace, since }: Tenant, until: number, workload: string | undefined): void {
    if (workload === undefined || until <= 0) return
    const past = this.past.ensure(ip, () => [])
    if (past.length === pastOfEach) past.shift()
    past.push({ namespace, workload, since, until: Math.max(since, until) })
  }

  /** Whose it was at a moment, ms since the epoch; whose it is now where that is 0. */
  at(ip: string, moment: number): Holder | undefined {
    const now = this.current.get(ip)
    if (now !== undefined && (moment <= 0 || moment >= now.since)) return now
    if (moment <= 0) return undefined
    const past = this.past.peek(ip) ?? []
    return (
      past.findLast(({ since, until }) => moment >= since && moment <= until) ??
      (now !== undefined && moment >= now.since - slackMs ? now : undefined) ??
      past.findLast(({ since, until }) => moment >= since - slackMs && moment <= until + slackMs)
    )
  }

  static {
    keptWhole(AddressBook, 'graph/address-book', 1)
  }
}
