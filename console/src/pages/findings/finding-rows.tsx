import { useMediaQuery } from '@mantine/hooks'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { memo, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { FindingView } from '../../../../src/server/api/finding.ts'
import { firstSentence } from '../../format/findings.ts'
import { endpointParts } from '../../format/names.ts'
import { useShortcuts } from '../../hooks/shortcuts.ts'
import { Template } from '../../parts/endpoint-link.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Prose } from '../../parts/prose.tsx'
import { SeverityMark } from '../../parts/severity-mark.tsx'

interface FindingRowsProps {
  readonly findings: readonly FindingView[]
  readonly chosen: string | undefined
  readonly onOpen: (id: string | undefined) => void
}

/** The queue. `j` and `k` walk, `o` opens; with one open, walking opens the next. */
export function FindingRows({ findings, chosen, onOpen }: FindingRowsProps) {
  const narrow = useMediaQuery('(max-width: 760px)') ?? false
  const list = useRef<HTMLUListElement>(null)
  const [top, setTop] = useState(0)
  const [active, setActive] = useState(-1)
  useLayoutEffect(() => setTop((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY), [])
  const rows = useWindowVirtualizer({
    count: findings.length,
    estimateSize: () => (narrow ? 104 : 52),
    overscan: 10,
    scrollMargin: top,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: another row height.
  useEffect(() => rows.measure(), [narrow])
  const move = (by: number): void => {
    const at = chosen === undefined ? active : findings.findIndex(({ id }) => id === chosen)
    const next = Math.max(0, Math.min(findings.length - 1, at + by))
    setActive(next)
    rows.scrollToIndex(next)
    if (chosen !== undefined) onOpen(findings[next]?.id)
  }
  const open = (): void => {
    const finding = findings[active]
    if (finding !== undefined) onOpen(finding.id)
  }
  useShortcuts({ j: () => move(1), k: () => move(-1), o: open })
  return (
    <ul ref={list} className="finding-list" aria-label="Findings" style={{ height: rows.getTotalSize() }}>
      {rows.getVirtualItems().map(row => {
        const finding = findings[row.index]
        if (finding === undefined) return null
        return (
          <li
            key={finding.id}
            className="finding-slot"
            style={{
              height: row.size,
              transform: `translateY(${row.start - rows.options.scrollMargin}px)`,
            }}
          >
            <FindingRow
              finding={finding}
              active={chosen === undefined ? row.index === active : finding.id === chosen}
              onOpen={onOpen}
            />
          </li>
        )
      })}
    </ul>
  )
}

interface FindingRowProps {
  readonly finding: FindingView
  readonly active: boolean
  readonly onOpen: (id: string | undefined) => void
}

const FindingRow = memo(function FindingRow({ finding, active, onOpen }: FindingRowProps) {
  const { method, host, template } = endpointParts(finding.endpoint)
  return (
    <button
      type="button"
      className="finding-row"
      data-active={active}
      aria-expanded={active}
      onClick={() => onOpen(finding.id)}
    >
      <SeverityMark severity={finding.severity} />
      <span className="finding-text">
        <span className="finding-title">{finding.title}</span>
        <span className="finding-endpoint">
          <span className="method">{method}</span>{' '}
          <span className="mono">
            <Template template={template} />
          </span>{' '}
          <span className="dim">{host}</span>
        </span>
      </span>
      <span className="dim finding-why">
        <Prose text={firstSentence(finding.why)} />
      </span>
      <span className="dim finding-since">
        since <Moment at={finding.firstSeen} />
      </span>
    </button>
  )
})
