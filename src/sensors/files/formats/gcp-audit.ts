import { gcpAuditDialect } from '../../cloud/gcp-audit.ts'
import { defineJsonFormat } from '../json-format.ts'

export const gcpAudit = defineJsonFormat(gcpAuditDialect)
