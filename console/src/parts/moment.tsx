import { ago, exactTime, shortTime } from '../format/time.ts'

interface MomentProps {
  readonly at: string
  readonly seconds?: boolean
  /** Adds how long ago, beside the time. */
  readonly withAgo?: boolean
}

/** A time in the reader's zone; the exact one is on hover. */
export function Moment({ at, seconds = false, withAgo = false }: MomentProps) {
  return (
    <time dateTime={at} title={exactTime(at)} className="nowrap">
      {shortTime(at, new Date(), seconds)}
      {withAgo && <span className="dim"> ({ago(at)})</span>}
    </time>
  )
}
