import { ArrowUp } from 'lucide-react'
import { plural } from '../format/number.ts'

interface WaitingRowsProps {
  readonly count: number
  readonly what: string
  readonly onShow: () => void
}

/** What came in while the list was being read waits here. Takes no room until there is something. */
export function WaitingRows({ count, what, onShow }: WaitingRowsProps) {
  if (count === 0) return null
  return (
    <button type="button" className="waiting-rows no-print" onClick={onShow} aria-live="polite">
      <ArrowUp size={14} aria-hidden="true" />
      {plural(count, `new ${what}`)}: show
    </button>
  )
}
