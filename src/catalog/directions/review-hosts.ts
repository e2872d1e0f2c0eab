import type { HostFamily } from '../hosts/host-families.ts'
import type { MergeReview } from './merge-review.ts'

const maxWords = 12

/** Hosts that were taken for one API, as a place to judge: `words` are hosts. A pin that names a host keeps it apart. */
export function reviewHosts({ pattern, hosts, evidence, nats }: HostFamily, calls: number): MergeReview {
  return {
    id: pattern,
    host: pattern,
    state: 'merged',
    template: '/',
    words: hosts.slice(0, maxWords),
    count: hosts.length,
    methods: [],
    calls,
    evidence,
    nats,
    threshold: 0,
  }
}
