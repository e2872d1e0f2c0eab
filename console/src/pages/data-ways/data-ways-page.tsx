import { useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { useDataWays, useGraphNodes } from '../../api/graph.ts'
import { byEndpoint, dataSentence } from '../../format/data-ways.ts'
import { momentOf, questionFrom } from '../../format/graph-question.ts'
import { byGravity } from '../../format/grave-classes.ts'
import { capital, dataClassName } from '../../format/names.ts'
import { graphPath } from '../../format/paths.ts'
import { Choice } from '../../parts/choice.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Page } from '../../parts/page.tsx'
import { Lines } from '../../parts/skeletons.tsx'
import { MomentTools } from '../graph/moment-tools.tsx'
import { EndpointWaysSection } from './endpoint-ways.tsx'
import '../graph/graph.css'

/** Ways asked for at most. */
const mostWays = 100

/** For one class of data: every shortest way from the internet, by the endpoint it enters through. */
export default function DataWaysPage() {
  const [search, setSearch] = useSearchParams()
  const [now] = useState(Date.now)
  const question = questionFrom(search)
  const nodes = useGraphNodes('', 'data')
  const classes = byGravity((nodes.data?.items ?? []).map(({ name }) => name))
  const dataClass = search.get('class') ?? classes[0] ?? ''
  const { asOf, days, declared } = question
  const moment = { asOf: momentOf(asOf), days, declared }
  const ways = useDataWays(dataClass, moment, mostWays)
  const groups = byEndpoint(ways.data?.paths ?? [])
  const change = (params: Readonly<Record<string, string>>): void => {
    const next = new URLSearchParams(search)
    for (const [key, value] of Object.entries(params)) {
      if (value === '') next.delete(key)
      else next.set(key, value)
    }
    setSearch(next, { replace: true })
  }
  return (
    <Page
      title="Ways to data"
      kind={
        <>
          <Link to="/graph">Graph</Link>
          <span>What leads to this data?</span>
        </>
      }
      lead={
        dataClass === '' || ways.data === undefined
          ? 'Which data can be reached from the internet, and how.'
          : dataSentence(dataClass, groups)
      }
      sub="By each endpoint the shortest way that happened, else the shortest that is granted."
    >
      <Loaded query={nodes} doing="Loading the classes of data" skeleton={<Lines count={8} height={28} />}>
        {() =>
          dataClass === '' ? (
            <Empty title="No class of data is known yet.">
              <p>
                Classes are recognised in the bodies of calls: card numbers, names, secrets and others. Send
                calls through the <Link to="/sensors">gateway or another sensor</Link> that sees bodies.
              </p>
            </Empty>
          ) : (
            <>
              <div className="stack" style={{ gap: 12 }}>
                <Choice
                  label="Class of data"
                  options={[...new Set([...classes, dataClass])].map(value => ({
                    value,
                    label: capital(dataClassName(value)),
                  }))}
                  value={dataClass}
                  onChange={value => change({ class: value })}
                />
                <MomentTools question={question} change={change} now={now} />
              </div>
              <Loaded query={ways} doing="Looking for ways" skeleton={<Lines count={6} height={28} />}>
                {() =>
                  groups.length === 0 ? (
                    <Empty title={`No way leads from the internet to ${dataClassName(dataClass)} data.`}>
                      <p>
                        Neither calls nor grants lead there.{' '}
                        <Link to={graphPath({ focus: `data:${dataClass}` })}>What lies around it</Link> tells
                        who holds it.
                      </p>
                    </Empty>
                  ) : (
                    groups.map(group => <EndpointWaysSection key={group.endpoint ?? ''} group={group} />)
                  )
                }
              </Loaded>
              {(ways.data?.paths.length ?? 0) >= mostWays && (
                <p className="dim">The first {mostWays} endpoints are told; there may be more.</p>
              )}
            </>
          )
        }
      </Loaded>
    </Page>
  )
}
