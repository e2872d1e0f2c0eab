import { kubernetesAuditDialect } from '../../cloud/kubernetes-audit.ts'
import { defineJsonFormat } from '../json-format.ts'

export const kubernetesAudit = defineJsonFormat(kubernetesAuditDialect)
