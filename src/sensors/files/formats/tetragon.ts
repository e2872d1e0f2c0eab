import { tetragonDialect } from '../../runtime/tetragon.ts'
import { defineJsonFormat } from '../json-format.ts'

export const tetragon = defineJsonFormat(tetragonDialect)
