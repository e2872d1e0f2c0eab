import { byGravity } from './grave-classes.ts'
import { dataClassName } from './names.ts'

export interface Preset {
  readonly title: string
  readonly from: string
  readonly to: string
}

/** Questions worth asking first: the gravest data there is, then what is worth having besides. */
export const presetsOf = (classes: readonly string[]): readonly Preset[] => [
  ...byGravity(classes)
    .slice(0, 3)
    .map(dataClass => ({
      title: `internet → ${dataClassName(dataClass)}`,
      from: 'internet',
      to: `data:${dataClass}`,
    })),
  { title: 'internet → any store', from: 'internet', to: 'store:*' },
  { title: 'internet → any identity', from: 'internet', to: 'identity:*' },
  { title: 'any workload → outside hosts', from: 'workload:*', to: 'host:*' },
]
