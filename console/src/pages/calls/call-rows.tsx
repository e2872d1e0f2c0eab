import { useMediaQuery } from '@mantine/hooks'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { CallView } from '../../../../src/server/api/call.ts'
import type { CallFilter } from '../../format/call-filter.ts'
import { useShortcuts } from '../../hooks/shortcuts.ts'
import { WaitingRows } from '../../parts/waiting-rows.tsx'
import { CallRow } from './call-row.tsx'

interface CallRowsProps {
  readonly calls: readonly CallView[]
  readonly filter: CallFilter
  readonly selected: string | undefined
  readonly onSelect: (id: string | undefined) => void
  readonly onFilter: (filter: CallFilter) => void
  readonly waiting: number
  readonly onShowWaiting: () => void
  readonly more: boolean
  readonly onMore: () => void
}

/** Only the rows in view exist; the next page is fetched before its end is reached. */
export function CallRows(props: CallRowsProps) {
  const { calls, selected, onSelect, more, onMore } = props
  const narrow = useMediaQuery('(max-width: 760px)') ?? false
  const list = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  useLayoutEffect(() => setTop(list.current?.offsetTop ?? 0), [])
  const rows = useWindowVirtualizer({
    count: calls.length,
    estimateSize: () => (narrow ? 64 : 34),
    overscan: 12,
    scrollMargin: top,
    getItemKey: index => calls[index]?.id ?? index,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: another row height.
  useEffect(() => rows.measure(), [narrow])
  const visible = rows.getVirtualItems()
  const last = visible.at(-1)?.index ?? 0
  useEffect(() => {
    if (more && last >= calls.length - 40) onMore()
  }, [more, last, calls.length, onMore])

  const move = (by: number): void => {
    const at = calls.findIndex(call => call.id === selected)
    const next = Math.max(0, Math.min(calls.length - 1, at + by))
    onSelect(calls[next]?.id)
    rows.scrollToIndex(next)
  }
  useShortcuts({ j: () => move(1), k: () => move(-1) })

  return (
    <div className="call-list" data-panel={selected !== undefined}>
      <WaitingRows count={props.waiting} what="call" onShow={props.onShowWaiting} />
      <div className="call-row call-head" aria-hidden="true">
        <span>Time</span>
        <span>Status</span>
        <span>Call</span>
        <span>Principal</span>
        <span className="num">Took</span>
        <span className="num">Answer</span>
      </div>
      <div ref={list} className="call-window" style={{ height: rows.getTotalSize() }}>
        {visible.map(row => {
          const call = calls[row.index]
          if (call === undefined) return null
          return (
            <div
              key={row.key}
              className="call-slot"
              style={{
                height: row.size,
                transform: `translateY(${row.start - rows.options.scrollMargin}px)`,
              }}
            >
              <CallRow
                call={call}
                active={call.id === selected}
                filter={props.filter}
                onFilter={props.onFilter}
                onOpen={() => onSelect(call.id === selected ? undefined : call.id)}
              />
            </div>
          )
        })}
      </div>
      <p className="dim call-end">{more ? 'Loading older calls…' : 'These are all.'}</p>
    </div>
  )
}
