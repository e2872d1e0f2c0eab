import type { KubernetesObject } from '../../call/resource-event.ts'
import { labelsOf } from './fields.ts'

/**
 * The cloud identities that a service account's annotations let it take on, named as the clouds' audit logs name them: IAM roles for
 * service accounts (EKS), workload identity (GKE), Microsoft Entra workload identity (AKS).
 */
export function cloudIdentities(account: KubernetesObject): readonly string[] {
  const annotations = labelsOf(account.metadata.annotations)
  const found: string[] = []
  const arn = annotations['eks.amazonaws.com/role-arn']
  if (arn !== undefined && arn !== '') found.push(`role:${arn}`)
  const email = annotations['iam.gke.io/gcp-service-account']
  if (email !== undefined && email !== '') found.push(`service-account:${email}`)
  const client = annotations['azure.workload.identity/client-id']
  if (client !== undefined && client !== '') found.push(`application:${client}`)
  return found
}
