/** What makes a grant more than what it says. */
export type GrantRisk = 'admin' | 'escalation' | 'secrets'

interface Risky {
  readonly risk: GrantRisk
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  /** Half a sentence: what it comes to. */
  readonly why: string
  /** Whoever may do it acts as service accounts in reach of the grant. */
  readonly becomes?: true
}

const changing = ['create', 'update', 'patch']

/** Grants by which a subject gets more than it was given: Kubernetes' own RBAC good practices, "privilege escalation risks". */
const risky: readonly Risky[] = [
  {
    risk: 'secrets',
    resources: ['secrets'],
    verbs: ['get', 'list', 'watch'],
    why: 'reads what every workload there signs in with',
  },
  {
    risk: 'escalation',
    resources: ['pods'],
    verbs: ['create'],
    why: 'runs pods as any service account there',
    becomes: true,
  },
  {
    risk: 'escalation',
    resources: [
      'deployments',
      'daemonsets',
      'statefulsets',
      'replicasets',
      'replicationcontrollers',
      'jobs',
      'cronjobs',
      'rollouts',
      'deploymentconfigs',
    ],
    verbs: changing,
    why: 'runs pods as any service account there',
    becomes: true,
  },
  {
    risk: 'escalation',
    resources: ['pods/exec', 'pods/attach'],
    verbs: ['create', 'get'],
    why: 'runs commands in pods there',
    becomes: true,
  },
  {
    risk: 'escalation',
    resources: ['pods/ephemeralcontainers'],
    verbs: ['update', 'patch'],
    why: 'puts containers into pods there',
    becomes: true,
  },
  {
    risk: 'escalation',
    resources: ['serviceaccounts/token'],
    verbs: ['create'],
    why: 'issues tokens of service accounts there',
    becomes: true,
  },
  {
    risk: 'escalation',
    resources: ['serviceaccounts'],
    verbs: ['impersonate'],
    why: 'acts as service accounts there',
    becomes: true,
  },
  {
    risk: 'escalation',
    resources: ['users', 'groups', 'userextras', 'uids'],
    verbs: ['impersonate'],
    why: 'acts as other users',
  },
  {
    risk: 'escalation',
    resources: ['roles', 'clusterroles'],
    verbs: ['escalate', 'bind'],
    why: 'gives itself rights that it does not have',
  },
  {
    risk: 'escalation',
    resources: ['rolebindings', 'clusterrolebindings'],
    verbs: changing,
    why: 'binds roles to whom it likes',
  },
  {
    risk: 'escalation',
    resources: ['nodes/proxy'],
    verbs: ['get', 'create', 'update', 'patch'],
    why: 'speaks to the kubelet past the API server',
  },
  {
    risk: 'escalation',
    resources: ['persistentvolumes'],
    verbs: ['create'],
    why: "reaches the nodes' file systems",
  },
  {
    risk: 'escalation',
    resources: ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'],
    verbs: changing,
    why: 'sees and changes objects as they are admitted',
  },
  {
    risk: 'escalation',
    resources: ['certificatesigningrequests/approval', 'signers'],
    verbs: ['update', 'patch', 'approve', 'sign'],
    why: 'issues client certificates',
  },
]

/** What a grant comes to; undefined where it is no more than it says. */
export function riskOf(
  resource: string,
  verbs: readonly string[],
): { readonly risk: GrantRisk; readonly why: string; readonly becomes: boolean } | undefined {
  const all = verbs.includes('*')
  if (resource === '*' && (all || changing.some(verb => verbs.includes(verb))))
    return { risk: 'admin', why: all ? 'does anything there' : 'changes anything there', becomes: true }
  for (const one of risky)
    if (
      (resource === '*' || one.resources.includes(resource)) &&
      (all || one.verbs.some(verb => verbs.includes(verb)))
    )
      return { risk: one.risk, why: one.why, becomes: one.becomes === true }
  return undefined
}
