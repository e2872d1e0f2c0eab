import { useSensors } from '../../api/overview.ts'
import { coverageSentence } from '../../format/sensors.ts'
import { Empty } from '../../parts/empty.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Page } from '../../parts/page.tsx'
import { Section } from '../../parts/section.tsx'
import { RecipeTabs } from './recipe-tabs.tsx'
import { SensorTable } from './sensor-table.tsx'
import './sensors.css'

export default function SensorsPage() {
  const sensors = useSensors()
  return (
    <Page
      title="Sensors"
      kind="Do we see everything?"
      lead={
        sensors.data === undefined
          ? 'Where calls and context come from.'
          : coverageSentence(sensors.data.items)
      }
    >
      <Loaded query={sensors} doing="Loading the sensors">
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No sensor is connected.">
              <p>A sensor is where calls come from. Connect one below: it takes less than five lines.</p>
            </Empty>
          ) : (
            <SensorTable sensors={items} />
          )
        }
      </Loaded>
      <Section title="Connect the next one">
        <RecipeTabs sensors={sensors.data?.items ?? []} />
      </Section>
    </Page>
  )
}
