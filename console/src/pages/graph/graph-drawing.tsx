import { ActionIcon } from '@mantine/core'
import { Maximize, Minus, Plus } from 'lucide-react'
import {
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { type Layout, layoutOf } from '../../format/graph-layout.ts'
import type { Picture } from '../../format/graph-picture.ts'
import { Scene } from './scene.tsx'
import './drawing.css'

interface GraphDrawingProps {
  readonly picture: Picture
  /** What it is a drawing of. */
  readonly label: string
  readonly line?: string | undefined
  readonly box?: string | undefined
  readonly onLine?: (id: string) => void
  readonly onBox?: (id: string) => void
}

interface View {
  readonly x: number
  readonly y: number
  readonly zoom: number
}

const margin = 16
const leastZoom = 0.1
const leastLegible = 0.7
const mostZoom = 2.5
const leastHeight = 160
const mostHeight = 520

const zooms: Readonly<Record<string, number>> = { '+': 1.25, '=': 1.25, '-': 0.8 }
const moves: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [48, 0],
  ArrowRight: [-48, 0],
  ArrowUp: [0, 48],
  ArrowDown: [0, -48],
}

/** Boxes and lines, left to right by the flow of access. Whoever cannot see it has the table, which tells the same. */
export default function GraphDrawing({ picture, label, line, box, onLine, onBox }: GraphDrawingProps) {
  const layout = useMemo(() => layoutOf(picture), [picture])
  const frame = useRef<HTMLDivElement>(null)
  const [room, setRoom] = useState(0)
  useEffect(() => {
    const element = frame.current
    if (element === null) return undefined
    const watcher = new ResizeObserver(([entry]) => setRoom(entry?.contentRect.width ?? 0))
    watcher.observe(element)
    return () => watcher.disconnect()
  }, [])
  const wholeZoom = room === 0 ? 1 : Math.min(1, (room - 2 * margin) / layout.width)
  const legible = Math.max(wholeZoom, leastLegible)
  const height = Math.min(mostHeight, Math.max(leastHeight, layout.height * legible + 2 * margin))
  const tallZoom = (height - 2 * margin) / layout.height
  const whole = centred(Math.min(wholeZoom, tallZoom), room, height, layout)
  // Whole where that stays legible; else as much as can be read, with the node in the middle in view.
  const fit = useMemo((): View => {
    const zoom = Math.max(leastLegible, Math.min(legible, tallZoom))
    const focus = picture.boxes.find(one => one.focus)
    const middle = (focus === undefined ? undefined : layout.boxes.get(focus.id)) ?? { x: 0, y: 0 }
    const all = centred(zoom, room, height, layout)
    return {
      zoom,
      x: layout.width * zoom > room ? within(room / 2 - middle.x * zoom, room, layout.width * zoom) : all.x,
      y:
        layout.height * zoom > height
          ? within(height / 2 - middle.y * zoom, height, layout.height * zoom)
          : all.y,
    }
  }, [legible, tallZoom, height, layout, picture, room])
  const [moved, setMoved] = useState<View | undefined>(undefined)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another drawing is seen whole first.
  useEffect(() => setMoved(undefined), [layout])
  const view = moved ?? fit
  const zoomBy = (factor: number): void => {
    const zoom = Math.max(leastZoom, Math.min(mostZoom, view.zoom * factor))
    const grown = zoom / view.zoom
    setMoved({
      zoom,
      x: room / 2 - (room / 2 - view.x) * grown,
      y: height / 2 - (height / 2 - view.y) * grown,
    })
  }
  const moveBy = (x: number, y: number): void => setMoved({ ...view, x: view.x + x, y: view.y + y })
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const factor = zooms[event.key]
    const way = moves[event.key]
    if (factor !== undefined) zoomBy(factor)
    else if (way !== undefined) moveBy(...way)
    else if (event.key === '0') setMoved(whole)
    else return
    event.preventDefault()
  }
  const drag = useRef<{ x: number; y: number; view: View } | undefined>(undefined)
  const onDown = (event: PointerEvent): void => {
    if (event.button !== 0 || (event.target as Element).closest('[data-line], [data-box]') !== null) return
    drag.current = { x: event.clientX, y: event.clientY, view }
    event.currentTarget.setPointerCapture(event.pointerId)
  }
  const onClick = (event: MouseEvent): void => {
    const picked = (event.target as Element).closest<SVGGElement>('[data-line], [data-box]')
    const { line: pickedLine, box: pickedBox } = picked?.dataset ?? {}
    if (pickedLine !== undefined) onLine?.(pickedLine)
    if (pickedBox !== undefined) onBox?.(pickedBox)
  }
  const onMove = (event: PointerEvent): void => {
    const from = drag.current
    if (from === undefined) return
    setMoved({
      ...from.view,
      x: from.view.x + event.clientX - from.x,
      y: from.view.y + event.clientY - from.y,
    })
  }
  return (
    <div className="drawing" ref={frame}>
      <svg
        className="drawing-canvas"
        role="img"
        aria-label={`${label}. The table tells the same. Arrow keys move the drawing, + and - zoom, 0 shows all.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keys move and zoom it.
        tabIndex={0}
        width="100%"
        height={height}
        onKeyDown={onKey}
        onClick={onClick}
        onPointerDown={onDown}
        onPointerMove={onMove}
        onPointerUp={() => {
          drag.current = undefined
        }}
      >
        <defs>
          {(['plain', 'chosen'] as const).map(tone => (
            <marker
              key={tone}
              id={`arrow-${tone}`}
              className="drawing-arrow"
              data-tone={tone}
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="8"
              markerHeight="8"
              markerUnits="userSpaceOnUse"
              orient="auto"
            >
              <path d="M0,0 L8,4 L0,8 Z" />
            </marker>
          ))}
        </defs>
        <g transform={`translate(${view.x} ${view.y}) scale(${view.zoom})`}>
          <Scene picture={picture} layout={layout} line={line} box={box} />
        </g>
      </svg>
      <div className="drawing-foot">
        <Key picture={picture} />
        <div className="drawing-tools no-print">
          <ActionIcon variant="default" aria-label="Zoom in" onClick={() => zoomBy(1.25)}>
            <Plus size={14} />
          </ActionIcon>
          <ActionIcon variant="default" aria-label="Zoom out" onClick={() => zoomBy(0.8)}>
            <Minus size={14} />
          </ActionIcon>
          <ActionIcon variant="default" aria-label="Show all" onClick={() => setMoved(whole)}>
            <Maximize size={14} />
          </ActionIcon>
        </div>
      </div>
    </div>
  )
}

/** What the looks of lines mean, as far as they occur. */
function Key({ picture }: { readonly picture: Picture }) {
  const { boxes, lines } = picture
  return (
    <p className="drawing-key">
      {lines.some(line => line.did) && (
        <span>
          <i /> happened, the wider the more often
        </span>
      )}
      {lines.some(line => !line.did) && (
        <span>
          <i data-of="may" /> granted, never happened
        </span>
      )}
      {(boxes.some(one => one.fresh) || lines.some(line => line.fresh)) && (
        <span>
          <b className="drawing-new">new</b> began in the last 7 days
        </span>
      )}
    </p>
  )
}

const centred = (zoom: number, room: number, height: number, layout: Layout): View => ({
  zoom,
  x: (room - layout.width * zoom) / 2,
  y: (height - layout.height * zoom) / 2,
})

const within = (at: number, room: number, length: number): number =>
  Math.min(margin, Math.max(room - length - margin, at))
