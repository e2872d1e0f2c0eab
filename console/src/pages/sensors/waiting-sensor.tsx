import { Check } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useSensors } from '../../api/overview.ts'
import { listed } from '../../format/number.ts'
import { couldNotStart, detailText, type Heard, heardSince, isOff } from '../../format/sensors.ts'
import { ago } from '../../format/time.ts'

/** Asked this often while somebody waits. */
const everyMs = 2_000

/**
 * Tells whether it worked: the first event that the sensor hears while this recipe is open, and from whom.
 * @param setting the key of the configuration that starts the sensor
 */
export function WaitingSensor({ id, setting }: { readonly id: string; readonly setting: string }) {
  const [first, setFirst] = useState<Heard | undefined>(undefined)
  const sensors = useSensors(first === undefined ? everyMs : undefined)
  const sensor = sensors.data?.items.find(one => one.id === id)
  // By the sensor's own clock, which may be another than the reader's: later than what it had heard when this was opened.
  const [known, setKnown] = useState<number | undefined>(undefined)
  const loaded = sensors.data !== undefined
  const newest = sensor?.lastEventAt
  useEffect(() => {
    if (loaded) setKnown(before => before ?? (newest === undefined ? 0 : Date.parse(newest)))
  }, [loaded, newest])
  const heard = known === undefined ? undefined : heardSince(sensor, known + 1)
  useEffect(() => {
    if (heard !== undefined) setFirst(before => before ?? heard)
  }, [heard])
  const [, tick] = useState(0)
  useEffect(() => {
    if (first === undefined) return undefined
    const timer = setInterval(() => tick(count => count + 1), 1000)
    return () => clearInterval(timer)
  }, [first])
  if (first !== undefined)
    return (
      <p className="waiting-first">
        <Check size={16} aria-hidden="true" />
        <span role="status">
          Heard the first event{first.from === undefined ? '' : ` from ${first.from}`}
        </span>
        <span className="dim">{ago(first.at)}</span>
      </p>
    )
  const before = (sensor?.sources ?? []).filter(source => !source.silent).map(({ name }) => name)
  return (
    <p className="waiting-first" role="status">
      <span className="dim">
        {sensor !== undefined && couldNotStart(sensor)
          ? `Its sensor could not start. ${detailText(sensor) ?? ''} Then start Sallyport again.`
          : sensor === undefined || isOff(sensor)
            ? `Waiting… its sensor does not run yet: ${setting} in the configuration starts it.`
            : before.length > 0
              ? `It hears ${listed(before, 4)} already. Waiting for the next event…`
              : 'Waiting for the first event…'}
      </span>
    </p>
  )
}
