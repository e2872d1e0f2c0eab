import type { Rule } from './grants.ts'

const rule = (verbs: readonly string[], ...resources: readonly string[]): Rule => ({
  resources,
  verbs,
  names: [],
})

const readVerbs = ['get', 'list', 'watch']
const writeVerbs = ['create', 'delete', 'deletecollection', 'patch', 'update']

const running = [
  'pods',
  'replicationcontrollers',
  'deployments',
  'daemonsets',
  'replicasets',
  'statefulsets',
  'jobs',
  'cronjobs',
]
const around = [
  'configmaps',
  'endpoints',
  'persistentvolumeclaims',
  'services',
  'serviceaccounts',
  'horizontalpodautoscalers',
  'poddisruptionbudgets',
  'ingresses',
  'networkpolicies',
]

const view: readonly Rule[] = [rule(readVerbs, ...running, ...around, 'events', 'namespaces', 'pods/log')]
const edit: readonly Rule[] = [
  ...view,
  rule([...readVerbs, ...writeVerbs], 'secrets'),
  rule(writeVerbs, ...running, ...around),
  rule([...readVerbs, 'create'], 'pods/exec', 'pods/attach', 'pods/portforward', 'pods/proxy'),
  rule(['impersonate'], 'serviceaccounts'),
  rule(['create'], 'serviceaccounts/token'),
]

/** What the user-facing roles that every cluster is born with come to, for bindings in manifests: the roles themselves are not there. */
export const builtInRoles: Readonly<Record<string, readonly Rule[]>> = {
  'cluster-admin': [rule(['*'], '*')],
  admin: [...edit, rule([...readVerbs, ...writeVerbs], 'roles', 'rolebindings')],
  edit,
  view,
}
