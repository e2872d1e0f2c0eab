import { memo } from 'react'
import type { Layout } from '../../format/graph-layout.ts'
import {
  type Box,
  boxHeight,
  type Line,
  lineWidth,
  type Picture,
  shortened,
} from '../../format/graph-picture.ts'
import { KindIcon } from '../../parts/kind-icon.tsx'

interface SceneProps {
  readonly picture: Picture
  readonly layout: Layout
  /** Ids of the line and the box that are chosen. */
  readonly line: string | undefined
  readonly box: string | undefined
}

/** Lines under boxes. Moving and zooming do not draw them again; what was clicked is told by `data-line` and `data-box`. */
export const Scene = memo(function Scene({ picture, layout, line, box }: SceneProps) {
  return (
    <>
      {picture.lines.map(one => {
        const drawn = layout.lines.get(one.id)
        return (
          drawn !== undefined && (
            <DrawnLine
              key={one.id}
              line={one}
              d={drawn.d}
              x={drawn.middle.x}
              y={drawn.middle.y}
              chosen={one.id === line}
              marked={one.id === line || one.from === box || one.to === box}
            />
          )
        )
      })}
      {picture.boxes.map(one => {
        const place = layout.boxes.get(one.id)
        return (
          place !== undefined && (
            <DrawnBox key={one.id} box={one} x={place.x} y={place.y} chosen={one.id === box} />
          )
        )
      })}
    </>
  )
})

interface DrawnLineProps {
  readonly line: Line
  readonly d: string
  readonly x: number
  readonly y: number
  readonly chosen: boolean
  readonly marked: boolean
}

/** Drawn again only where it changes: of a hundred lines, choosing one changes a few. */
const DrawnLine = memo(function DrawnLine({ line, d, x, y, chosen, marked }: DrawnLineProps) {
  return (
    <g
      className="drawing-line"
      data-line={line.id}
      data-did={line.did}
      data-chosen={chosen}
      data-marked={marked}
    >
      <path className="drawing-target" d={d} />
      <path
        className="drawing-stroke"
        d={d}
        strokeWidth={lineWidth(line.count)}
        markerEnd={`url(#arrow-${marked ? 'chosen' : 'plain'})`}
      />
      {line.fresh && <Fresh x={x} y={y} />}
    </g>
  )
})

interface DrawnBoxProps {
  readonly box: Box
  readonly x: number
  readonly y: number
  readonly chosen: boolean
}

const DrawnBox = memo(function DrawnBox({ box, x, y, chosen }: DrawnBoxProps) {
  const { width, members, fresh } = box
  return (
    <g
      className="drawing-box"
      data-box={box.id}
      data-kind={box.kind}
      data-chosen={chosen}
      data-focus={box.focus}
      transform={`translate(${x - width / 2} ${y - boxHeight / 2})`}
    >
      <title>
        {`${box.title} (${box.place})${fresh ? ', new' : ''}${members > 0 ? ': click to unfold' : ''}`}
      </title>
      {members > 0 && <rect x="4" y="4" width={width} height={boxHeight} rx="6" />}
      <rect width={width} height={boxHeight} rx="6" />
      <KindIcon kind={box.kind} x={10} y={14} />
      <text x="31" y="18" className="drawing-title">
        {shortened(box.title)}
      </text>
      <text x="31" y="33" className="drawing-place">
        {shortened(box.place)}
      </text>
      {fresh && <Fresh x={width - 14} y={-2} />}
    </g>
  )
})

/** The mark of what began in the last week. */
function Fresh({ x, y }: { readonly x: number; readonly y: number }) {
  return (
    <g className="drawing-fresh" transform={`translate(${x} ${y})`}>
      <rect className="drawing-pill" x="-15" y="-8" width="30" height="16" rx="8" />
      <text textAnchor="middle" y="3.5">
        new
      </text>
    </g>
  )
}
