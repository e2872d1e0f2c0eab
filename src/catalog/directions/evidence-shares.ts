import { keptWhole } from '../../kit/snapshot.ts'
import type { Context } from '../templates/context.ts'
import {
  type Candidate,
  Evidence,
  type EvidenceTerm,
  evidenceTerms,
  type HostFacts,
} from '../templates/evidence.ts'
import type { PathNode } from '../templates/path-node.ts'
import type { EvidenceShare } from './merged-words.ts'

const sentences: Readonly<Record<EvidenceTerm, readonly [pro: string, contra: string]>> = {
  count: ['there are many such words', 'there are few such words'],
  word: ['the words look like data', 'the words look like names of operations'],
  position: ['values are usual at this place', 'fixed words are usual at this place'],
  answers: ['the answers are alike', 'the answers differ'],
  contexts: ['the same operations follow each word', 'different operations follow each word'],
  exclusive: ['operations below take several of the words', 'operations below belong to one word each'],
  repetition: ['each word is called seldom', 'each word is called again and again'],
  rate: [
    'each word has fewer calls than an operation here',
    'each word has as many calls as an operation here',
  ],
  unseen: ['new words keep coming', 'no new words come'],
  collection: ['nothing below makes them collections', 'what is below makes them collections'],
  style: ['they are written as data is', 'they are written as names of operations are'],
  elsewhere: ['the words are values in other places', 'the words are not values in other places'],
}

/** Below this a term says nothing worth reading, in nats. */
const least = 0.05

/**
 * What each kind of evidence adds to a sum, by taking the sum with that kind alone. What is needed before anything speaks for a
 * parameter is told as `prior`. The shares add up to the sum.
 */
export class EvidenceShares {
  private readonly terms: readonly { readonly term: EvidenceTerm; readonly alone: Evidence }[]
  private readonly none = new Evidence(evidenceTerms)

  constructor(without: readonly EvidenceTerm[] = []) {
    this.terms = evidenceTerms
      .filter(term => !without.includes(term))
      .map(term => ({ term, alone: new Evidence(evidenceTerms.filter(other => other !== term)) }))
  }

  /** @param nats the whole sum */
  ofGroup(
    group: readonly Candidate[],
    node: PathNode,
    facts: HostFacts,
    nats: number,
  ): readonly EvidenceShare[] {
    return this.shares(evidence => evidence.ofGroup(group, node, facts), nats)
  }

  /** @param nats the whole sum */
  ofJoining(
    one: Candidate,
    param: PathNode,
    values: readonly Context[],
    facts: HostFacts,
    nats: number,
  ): readonly EvidenceShare[] {
    return this.shares(evidence => evidence.ofJoining(one, param, values, facts), nats)
  }

  private shares(sum: (evidence: Evidence) => number, nats: number): readonly EvidenceShare[] {
    const base = sum(this.none)
    const shares: EvidenceShare[] = []
    let told = 0
    for (const { term, alone } of this.terms) {
      const share = rounded(sum(alone) - base)
      if (Math.abs(share) < least) continue
      told += share
      shares.push({ term, nats: share, why: sentences[term][share > 0 ? 0 : 1] })
    }
    shares.sort((a, b) => Math.abs(b.nats) - Math.abs(a.nats) || (a.term < b.term ? -1 : 1))
    return [...shares, { term: 'prior', nats: rounded(nats - told), why: 'what is assumed before any call' }]
  }

  static {
    keptWhole(EvidenceShares, 'catalog/evidence-shares', 1)
  }
}

export const rounded = (nats: number): number => Math.round(nats * 100) / 100
