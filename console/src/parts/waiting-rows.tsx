import { ArrowUp } from 'lucide-react'
import { plural } from '../format/number.ts'

interface WaitingRowsProps {
  readonly count: number
  readonly what: string
  readonly onShow: () => void
}

/** What came in while the list was being read waits here. Lies over the list: no row moves when it comes. */
export function WaitingRows({ count, what, onShow }: WaitingRowsProps) {
  if (count === 0) return null
  return (
    <div className="waiting-slot no-print">
      <button type="button" className="waiting-rows" onClick={onShow} aria-live="polite">
        <ArrowUp size={14} aria-hidden="true" />
        {plural(count, `new ${what}`)}: show
      </button>
    </div>
  )
}
