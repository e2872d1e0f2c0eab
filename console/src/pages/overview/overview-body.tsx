import { Link } from 'react-router'
import type { OverviewView } from '../../../../src/server/api/overview.ts'
import { evenBuckets } from '../../format/buckets.ts'
import { Bars } from '../../parts/bars.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Page } from '../../parts/page.tsx'
import { Section } from '../../parts/section.tsx'
import { EndpointList } from './endpoint-list.tsx'
import { Figures } from './figures.tsx'
import { NeedsYou } from './needs-you.tsx'
import { SensorLine } from './sensor-line.tsx'
import { Stopped } from './stopped.tsx'

export function OverviewBody({ view }: { readonly view: OverviewView }) {
  const quiet = view.totals.calls === 0
  return (
    <Page
      title="Overview"
      kind="What needs me?"
      lead={view.headline}
      sub={<SensorLine sensors={view.sensors} />}
    >
      {quiet ? (
        <Empty title="No traffic has been seen yet.">
          <p>
            As soon as a first call passes a sensor, the APIs, their data and who uses them appear here by
            themselves. <Link to="/sensors">Connect traffic in five lines</Link>.
          </p>
          {view.gateway !== undefined && (
            <p>
              The gateway listens at <code>{view.gateway}</code>: send a request through it and watch this
              page.
            </p>
          )}
        </Empty>
      ) : (
        <>
          <NeedsYou incidents={view.incidents} open={view.openIncidents} />
          <Stopped entries={view.quarantine} />
          <div className="columns">
            <Section title="New in the last 24 hours" note={<Link to="/apis?sort=new">all APIs by age</Link>}>
              <EndpointList
                endpoints={view.newEndpoints}
                show="age"
                empty="No endpoint was seen for the first time in the last 24 hours."
              />
            </Section>
            <Section title="Endpoints at most risk" note={<Link to="/apis?sort=risk">all APIs by risk</Link>}>
              <EndpointList
                endpoints={view.riskiest}
                show="risk"
                empty="No endpoint carries a risk worth naming."
              />
            </Section>
          </div>
          <Section title="Traffic" note={<Link to="/calls">look into the calls</Link>}>
            <Figures totals={view.totals} />
            <Bars buckets={evenBuckets(view.traffic, { least: 30 })} height={88} />
          </Section>
        </>
      )}
    </Page>
  )
}
