import type { SpecFormatDefinition } from '../format.ts'
import { openapi } from './openapi.ts'
import { postman } from './postman.ts'
import { swagger } from './swagger.ts'

/** Every format of specification. Adding one is a file here and a line below. */
export const formats: readonly SpecFormatDefinition[] = [openapi, postman, swagger]
