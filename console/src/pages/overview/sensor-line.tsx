import { Link } from 'react-router'
import type { SensorView } from '../../../../src/server/api/sensor.ts'
import { coverageSentence } from '../../format/sensors.ts'

export function SensorLine({ sensors }: { readonly sensors: readonly SensorView[] }) {
  return (
    <>
      {coverageSentence(sensors)} <Link to="/sensors">Sensors</Link>
    </>
  )
}
