import { cloudtrailDialect } from '../../cloud/cloudtrail.ts'
import { defineJsonFormat } from '../json-format.ts'

export const cloudtrail = defineJsonFormat(cloudtrailDialect)
