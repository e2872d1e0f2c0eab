import { useMediaQuery } from '@mantine/hooks'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import type { EndpointView } from '../../../../src/server/api/endpoint.ts'
import { endpointPath } from '../../format/paths.ts'
import { useShortcuts } from '../../hooks/shortcuts.ts'
import { EndpointRow } from './endpoint-row.tsx'

interface EndpointRowsProps {
  readonly endpoints: readonly EndpointView[]
  /** There are specifications to compare with; without, that column would say nothing. */
  readonly specified: boolean
}

/** Ten thousand rows, of which only those in view exist. `j`, `k` and `o` walk through them. */
export function EndpointRows({ endpoints, specified }: EndpointRowsProps) {
  const narrow = useMediaQuery('(max-width: 760px)') ?? false
  const navigate = useNavigate()
  const list = useRef<HTMLUListElement>(null)
  const [top, setTop] = useState(0)
  const [active, setActive] = useState(-1)
  useLayoutEffect(() => setTop((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY), [])
  const rows = useWindowVirtualizer({
    count: endpoints.length,
    estimateSize: () => (narrow ? 92 : 44),
    overscan: 10,
    scrollMargin: top,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: another row height.
  useEffect(() => rows.measure(), [narrow])
  const move = (by: number): void => {
    const next = Math.max(0, Math.min(endpoints.length - 1, active + by))
    setActive(next)
    rows.scrollToIndex(next)
  }
  const open = (): void => {
    const endpoint = endpoints[active]
    if (endpoint !== undefined) navigate(endpointPath(endpoint.id))
  }
  useShortcuts({ j: () => move(1), k: () => move(-1), o: open })
  return (
    <div>
      <div className="api-row api-head" data-specified={specified} aria-hidden="true">
        <span>Endpoint</span>
        {specified && <span className="api-kind">Specification</span>}
        <span className="api-auth">Authentication</span>
        <span className="api-data">Data</span>
        <span className="num">Calls</span>
        <span className="num">Risk</span>
      </div>
      <ul ref={list} aria-label="Endpoints" style={{ position: 'relative', height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(row => {
          const endpoint = endpoints[row.index]
          if (endpoint === undefined) return null
          return (
            <li
              key={endpoint.id}
              className="api-slot"
              style={{
                height: row.size,
                transform: `translateY(${row.start - rows.options.scrollMargin}px)`,
              }}
            >
              <EndpointRow endpoint={endpoint} active={row.index === active} specified={specified} />
            </li>
          )
        })}
      </ul>
    </div>
  )
}
