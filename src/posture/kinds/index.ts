import { api } from './api.ts'
import { cilium } from './cilium.ts'
import { istio } from './istio.ts'
import { kubearmor } from './kubearmor.ts'
import { networkPolicy } from './network-policy.ts'
import type { PolicyKind } from './policy-kind.ts'
import { role } from './role.ts'

/** Every kind of policy that can be recommended, in the order that help lists them. */
export const policyKinds: readonly PolicyKind[] = [api, networkPolicy, cilium, istio, kubearmor, role]
