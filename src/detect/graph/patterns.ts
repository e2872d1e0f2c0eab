import type { Severity } from '../../kit/severity.ts'
import type { HappeningKind } from './happening.ts'

/** What one step of a sequence must be. */
export interface PatternStep {
  readonly kinds: readonly HappeningKind[]
  /** Whoever did it never reached that before, and no rollout explains it. */
  readonly first?: true
  /** Behind what was reached is data whose loss is grave. */
  readonly grave?: true
  /** It went outside: a host that is nobody's workload. */
  readonly outside?: true
  /** It was done with an identity that an earlier step took on, or for the first time. */
  readonly taken?: true
  /** May be missing; what comes in its place is told. */
  readonly optional?: true
  /** It is no habit of the workload. */
  readonly unusual?: true
}

/**
 * Steps of one workload, identity or trace, one after the other, all within `within` milliseconds. What an identity that was taken on does
 * belongs to whoever took it on.
 */
export interface SequencePattern {
  readonly id: string
  /** The sentence; `{who}`, `{steps}`, `{identity}`, `{target}`, `{reached}` (what it had never come to) and `{took}` are filled in. */
  readonly message: string
  readonly within: number
  readonly severity: Severity
  readonly confidence: number
  readonly attack: readonly string[]
  readonly steps: readonly PatternStep[]
}

const hour = 3_600_000
const intrusion: readonly HappeningKind[] = ['shell', 'remote-shell', 'package-manager', 'network-tool']

export const patterns: readonly SequencePattern[] = [
  {
    id: 'metadata-to-data',
    message:
      "{who} turned to the cloud's metadata service, {identity} was taken on, and within {took} {target} was read with it.",
    within: hour,
    severity: 'critical',
    confidence: 0.9,
    attack: ['T1530', 'T1552.005'],
    steps: [
      { kinds: ['metadata'], unusual: true },
      { kinds: ['assumed'] },
      { kinds: ['read'], grave: true, taken: true },
    ],
  },
  {
    id: 'identity-to-data',
    message:
      '{who} took on {identity}, called something it had never called, and within {took} read {target}.',
    within: hour,
    severity: 'high',
    confidence: 0.85,
    attack: ['T1530', 'T1078.004'],
    steps: [
      { kinds: ['assumed'], first: true },
      { kinds: ['egress'], first: true },
      { kinds: ['read'], first: true, grave: true },
    ],
  },
  {
    id: 'shell-to-outside',
    message: '{who} ran {program}, and within {took} connected to {target}, which it had never done.',
    within: hour / 4,
    severity: 'high',
    confidence: 0.85,
    attack: ['T1071', 'T1059'],
    steps: [
      { kinds: intrusion, unusual: true },
      { kinds: ['egress'], first: true, outside: true },
    ],
  },
  {
    id: 'shell-to-data',
    message: '{who} ran {program}, and within {took} read {target}, which it had never done.',
    within: hour,
    severity: 'critical',
    confidence: 0.9,
    attack: ['T1530', 'T1059'],
    steps: [
      { kinds: intrusion, unusual: true },
      { kinds: ['token-read', 'secret-read'], optional: true },
      { kinds: ['assumed'], first: true, optional: true },
      { kinds: ['egress'], first: true, optional: true },
      { kinds: ['read'], first: true, grave: true },
    ],
  },
  {
    id: 'shell-to-service',
    message: '{who} ran {program}, read credentials, and within {took} came to {reached} for the first time.',
    within: hour,
    severity: 'high',
    confidence: 0.85,
    attack: ['T1210', 'T1552'],
    steps: [
      { kinds: intrusion, unusual: true },
      { kinds: ['token-read', 'secret-read'] },
      { kinds: ['assumed'], first: true, optional: true },
      { kinds: ['egress'], first: true },
      { kinds: ['read'], grave: true, optional: true },
    ],
  },
  {
    id: 'token-to-data',
    message:
      '{who} read its token, took on {identity}, and within {took} read {target}, which it had never done.',
    within: hour,
    severity: 'high',
    confidence: 0.8,
    attack: ['T1530', 'T1552'],
    steps: [
      { kinds: ['token-read', 'secret-read'], unusual: true },
      { kinds: ['assumed'], first: true },
      { kinds: ['read'], first: true },
    ],
  },
]
