import { NativeSelect, Switch } from '@mantine/core'
import { dayBack, daysBack, type GraphQuestion, spansOfDays } from '../../format/graph-question.ts'
import { plural } from '../../format/number.ts'
import { useTyped } from '../../hooks/typed.ts'

/** Days that the graph remembers. */
const mostDays = 63

interface MomentToolsProps {
  readonly question: GraphQuestion
  readonly change: (params: Partial<Record<keyof GraphQuestion, string>>) => void
  readonly now: number
}

/** When it is looked at: as of which day, seen in how many days before, and whether grants count. */
export function MomentTools({ question, change, now }: MomentToolsProps) {
  const [back, setBack] = useTyped(String(daysBack(question.asOf, now)), text =>
    change({ asOf: dayBack(Number(text), now) }),
  )
  const days = Math.min(mostDays, Number(back))
  const day = dayBack(days, now)
  return (
    <div className="graph-moment no-print">
      <label className="graph-back">
        <input
          type="range"
          min={0}
          max={mostDays}
          step={1}
          // The right end is now.
          value={mostDays - days}
          aria-valuetext={day === '' ? 'now' : `${dayText(day)}, ${plural(days, 'day')} back`}
          onChange={event => setBack(String(mostDays - Number(event.currentTarget.value)))}
        />
        <span>
          As of <b>{day === '' ? 'now' : dayText(day)}</b>
          {day !== '' && <span className="dim"> ({plural(days, 'day')} back)</span>}
        </span>
      </label>
      <NativeSelect
        size="xs"
        aria-label="Seen within"
        data={[
          { value: '', label: 'seen at any time before' },
          ...spansOfDays.map(one => ({
            value: String(one),
            label: one === 1 ? 'seen on that day' : `seen in the ${one} days before`,
          })),
        ]}
        value={question.days === undefined ? '' : String(question.days)}
        onChange={event => change({ days: event.currentTarget.value })}
      />
      <Switch
        size="xs"
        label="What is granted counts"
        checked={question.declared}
        onChange={event => change({ declared: event.currentTarget.checked ? '' : 'no' })}
      />
    </div>
  )
}

const dayText = (day: string): string =>
  new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  }).format(new Date(day))
