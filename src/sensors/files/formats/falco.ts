import { falcoDialect } from '../../runtime/falco.ts'
import { defineJsonFormat } from '../json-format.ts'

export const falco = defineJsonFormat(falcoDialect)
