import { Button } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import type { IncidentView } from '../../../../src/server/api/incident.ts'
import { incidentSentence } from '../../format/incident-title.ts'
import { count, plural } from '../../format/number.ts'
import { incidentPath } from '../../format/paths.ts'
import { plainNames } from '../../format/plain-names.ts'
import { useEscape } from '../../hooks/escape.ts'
import { useMayAct } from '../../hooks/may-act.ts'
import { useShortcuts } from '../../hooks/shortcuts.ts'
import { useSteady } from '../../hooks/steady.ts'
import { DismissDialog } from '../../parts/dismiss-dialog.tsx'
import { IncidentRow } from '../../parts/incident-row.tsx'
import { StopDialog } from '../../parts/stop-dialog.tsx'
import { WaitingRows } from '../../parts/waiting-rows.tsx'

interface QueueProps {
  readonly incidents: readonly IncidentView[]
  /** Another filter is another list. */
  readonly scope: string
}

/** The ranked list: `j` and `k` walk, `o` opens, `x` selects, `d` dismisses what is selected, `s` stops who is behind it. */
export function Queue({ incidents, scope }: QueueProps) {
  const navigate = useNavigate()
  const mayAct = useMayAct()
  const narrow = useMediaQuery('(max-width: 760px)') ?? false
  const { shown, waiting, settle } = useSteady(incidents, scope)
  const [active, setActive] = useState(-1)
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [dialog, setDialog] = useState<'dismiss' | 'stop' | undefined>(undefined)
  const list = useRef<HTMLOListElement>(null)
  const [top, setTop] = useState(0)
  useLayoutEffect(() => setTop((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY), [])
  const rows = useWindowVirtualizer({
    count: shown.length,
    estimateSize: () => (narrow ? 140 : 76),
    getItemKey: index => shown[index]?.id ?? index,
    overscan: 8,
    scrollMargin: top,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: another row height.
  useEffect(() => rows.measure(), [narrow])
  const current = shown[active]
  const chosen = shown.filter(({ id }) => selected.has(id))
  const target = chosen.length > 0 ? chosen : current === undefined ? [] : [current]
  const [first] = current?.actions ?? []
  const move = (by: number): void => {
    const next = Math.max(0, Math.min(shown.length - 1, active + by))
    setActive(next)
    rows.scrollToIndex(next)
  }
  const toggle = (id: string): void => {
    const next = new Set(selected)
    if (!next.delete(id)) next.add(id)
    setSelected(next)
  }
  const open = (): void => {
    if (current !== undefined) navigate(incidentPath(current.id))
  }
  useShortcuts({
    j: () => move(1),
    k: () => move(-1),
    o: open,
    x: () => current !== undefined && mayAct && toggle(current.id),
    d: () => target.length > 0 && mayAct && setDialog('dismiss'),
    s: () => current !== undefined && first !== undefined && mayAct && setDialog('stop'),
  })
  useEscape(() => setSelected(new Set()))
  return (
    <div>
      <div className="queue-bar spread no-print" data-selecting={chosen.length > 0}>
        {chosen.length === 0 ? (
          <p className="dim queue-keys">
            <kbd>j</kbd> <kbd>k</kbd> move, <kbd>o</kbd> opens
            {mayAct && (
              <>
                , <kbd>x</kbd> selects, <kbd>d</kbd> dismisses, <kbd>s</kbd> stops
              </>
            )}
          </p>
        ) : (
          <p role="status">
            <b>{plural(chosen.length, 'incident')} selected</b>
          </p>
        )}
        {mayAct && (
          <p className="row">
            {chosen.length > 0 && (
              <>
                <Button size="xs" onClick={() => setDialog('dismiss')}>
                  Dismiss…
                </Button>
                <Button size="xs" variant="default" onClick={() => setSelected(new Set())}>
                  Clear
                </Button>
              </>
            )}
            {chosen.length < shown.length && (
              <Button
                size="xs"
                variant="default"
                onClick={() => setSelected(new Set(shown.map(({ id }) => id)))}
              >
                Select all {count(shown.length)}
              </Button>
            )}
          </p>
        )}
      </div>
      <WaitingRows count={waiting} what="incident" onShow={settle} />
      <ol
        ref={list}
        className="incident-list incident-window"
        aria-label="Incidents"
        style={{ height: rows.getTotalSize() }}
      >
        {rows.getVirtualItems().map(row => {
          const incident = shown[row.index]
          if (incident === undefined) return null
          const { changedSinceVisit } = incident
          return (
            <IncidentRow
              key={incident.id}
              incident={incident}
              index={row.index}
              active={row.index === active}
              {...(changedSinceVisit === undefined ? {} : { change: changedSinceVisit })}
              placed={{
                measure: rows.measureElement,
                style: { transform: `translateY(${row.start - rows.options.scrollMargin}px)` },
              }}
              {...(mayAct
                ? {
                    lead: (
                      <label className="incident-select no-print">
                        <input
                          type="checkbox"
                          aria-label={`Select: ${incidentSentence(incident.title, incident.principals)}`}
                          checked={selected.has(incident.id)}
                          onChange={() => toggle(incident.id)}
                        />
                      </label>
                    ),
                  }
                : {})}
            />
          )
        })}
      </ol>
      {dialog === 'dismiss' && target.length > 0 && (
        <DismissDialog
          incidents={target}
          onClose={() => setDialog(undefined)}
          onDone={({ failed }) => setSelected(new Set(failed))}
        />
      )}
      {dialog === 'stop' && current !== undefined && first !== undefined && (
        <StopDialog
          incident={current.id}
          action={{ ...first, title: plainNames(first.title, current.principals) }}
          onClose={() => setDialog(undefined)}
        />
      )}
    </div>
  )
}
