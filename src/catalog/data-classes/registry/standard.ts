import { dataClasses } from '../index.ts'
import { ClassRegistry } from './class-registry.ts'

/** The built-in classes, as they are where none are added. */
export const standardClasses = new ClassRegistry(dataClasses)
