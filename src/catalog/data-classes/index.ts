import type { DataClassDefinition, DataClassGroup } from '../data-class.ts'
import { email } from './email.ts'
import { jwt } from './jwt.ts'
import { secret } from './secret.ts'

/** Every data class. Adding one is a file here and a line below. */
export const dataClasses: readonly DataClassDefinition[] = [email, jwt, secret]

const byId = new Map(dataClasses.map(definition => [definition.id, definition]))

export const dataClassOf = (id: string): DataClassDefinition | undefined => byId.get(id)
export const groupOf = (id: string): DataClassGroup | undefined => byId.get(id)?.group
