import { kubearmorDialect } from '../../runtime/kubearmor.ts'
import { defineJsonFormat } from '../json-format.ts'

export const kubearmor = defineJsonFormat(kubearmorDialect)
