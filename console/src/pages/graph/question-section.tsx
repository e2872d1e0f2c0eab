import { ActionIcon, Button } from '@mantine/core'
import { ArrowLeftRight } from 'lucide-react'
import { memo } from 'react'
import { presetsOf } from '../../format/graph-presets.ts'
import type { GraphQuestion } from '../../format/graph-question.ts'
import { NodePicker } from './node-picker.tsx'

interface AskProps {
  readonly from: string
  readonly to: string
  /** Classes of data that the graph knows. */
  readonly classes: readonly string[]
  readonly change: (params: Partial<Record<keyof GraphQuestion, string>>) => void
}

/** From where, to what; and questions that are worth asking first. */
export const Ask = memo(function Ask({ from, to, classes, change }: AskProps) {
  return (
    <div className="stack" style={{ gap: 12 }}>
      <div className="graph-ask">
        <NodePicker
          label="What can be reached from"
          value={from}
          any={['workload', 'identity', 'principal', 'endpoint']}
          onChange={id => change({ from: id, to })}
        />
        <ActionIcon
          variant="default"
          size={36}
          aria-label="Swap from and to"
          onClick={() => change({ from: to, to: from })}
        >
          <ArrowLeftRight size={16} />
        </ActionIcon>
        <NodePicker
          label="To"
          value={to}
          any={['data', 'store', 'identity', 'workload', 'endpoint', 'host']}
          onChange={id => change({ from, to: id })}
        />
      </div>
      <ul className="row no-print" aria-label="Questions worth asking">
        {presetsOf(classes).map(preset => (
          <li key={preset.title}>
            <Button
              size="compact-sm"
              variant="default"
              aria-pressed={preset.from === from && preset.to === to}
              onClick={() => change({ from: preset.from, to: preset.to })}
            >
              {preset.title}
            </Button>
          </li>
        ))}
      </ul>
    </div>
  )
})
