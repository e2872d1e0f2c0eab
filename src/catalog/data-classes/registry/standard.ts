import type { DataClassDefinition } from '../../data-class.ts'
import { dataClasses } from '../index.ts'
import { ClassRegistry } from './class-registry.ts'

/** The built-in classes, as they are where none are added. */
export const standardClasses = new ClassRegistry(dataClasses)

/** The built-in classes and others besides. */
export const classesWith = (more: readonly DataClassDefinition[]): ClassRegistry =>
  more.length === 0 ? standardClasses : new ClassRegistry([...dataClasses, ...more])
