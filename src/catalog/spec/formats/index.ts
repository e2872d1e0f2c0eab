import type { SpecFormatDefinition, TextFormatDefinition } from '../format.ts'
import { graphql } from './graphql.ts'
import { openapi } from './openapi.ts'
import { postman } from './postman.ts'
import { protobuf } from './protobuf.ts'
import { swagger } from './swagger.ts'

/** Every format of specification that is JSON or YAML. Adding one is a file here and a line below. */
export const formats: readonly SpecFormatDefinition[] = [openapi, postman, swagger]

/** Those that are neither JSON nor YAML. */
export const textFormats: readonly TextFormatDefinition[] = [graphql, protobuf]
