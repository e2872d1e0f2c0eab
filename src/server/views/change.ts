import type { CatalogChange } from '../../catalog/changes/catalog-change.ts'
import type { ChangeView } from '../api/change.ts'
import { stamp } from './stamp.ts'

export const changeViewOf = (change: CatalogChange): ChangeView => ({ ...change, time: stamp(change.time) })
