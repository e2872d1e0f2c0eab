import type { Attempt } from './attempt.ts'
import type { Manifest, ManifestDocument } from './manifest.ts'
import { apiVerdict } from './simulate/api.ts'
import { ciliumVerdict } from './simulate/cilium.ts'
import { istioVerdict } from './simulate/istio.ts'
import { kubearmorVerdict } from './simulate/kubearmor.ts'
import { networkPolicyVerdict } from './simulate/network-policy.ts'
import { roleBindingVerdict } from './simulate/role.ts'
import type { Verdict } from './simulate/verdict.ts'

type Simulator = (document: ManifestDocument, attempt: Attempt, all: readonly Manifest[]) => Verdict

const simulators: Readonly<Record<string, Simulator>> = {
  NetworkPolicy: networkPolicyVerdict,
  CiliumNetworkPolicy: ciliumVerdict,
  AuthorizationPolicy: istioVerdict,
  KubeArmorPolicy: kubearmorVerdict,
  ApiPolicy: apiVerdict,
  RoleBinding: (document, attempt, all) =>
    roleBindingVerdict(
      document,
      attempt,
      all.map(one => one.document),
    ),
}

/**
 * What the documents together say to an attempt, as if they were in force and nothing else was: each speaks for one workload, and
 * what any of them denies does not pass.
 * @returns `silent` where none of them has a say: then it passes.
 */
export function verdictOf(manifests: readonly Manifest[], attempt: Attempt): Verdict {
  let allowed = false
  for (const { document } of manifests) {
    const verdict = simulators[document.kind]?.(document, attempt, manifests) ?? 'silent'
    if (verdict === 'denies') return 'denies'
    if (verdict === 'allows') allowed = true
  }
  return allowed ? 'allows' : 'silent'
}

/** Whether an attempt would pass. */
export const wouldAllow = (
  { manifests }: { readonly manifests: readonly Manifest[] },
  attempt: Attempt,
): boolean => verdictOf(manifests, attempt) !== 'denies'
