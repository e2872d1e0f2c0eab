import { useMemo, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { type GraphMoment, useGraph, useGraphNodes, useGraphPaths } from '../../api/graph.ts'
import { nodeName } from '../../format/graph-names.ts'
import { type GraphQuestion, momentOf, questionFrom } from '../../format/graph-question.ts'
import { byGravity } from '../../format/grave-classes.ts'
import { answerSentence } from '../../format/path-words.ts'
import { dataPath } from '../../format/paths.ts'
import { useSteadyCall } from '../../hooks/steady-call.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { Page } from '../../parts/page.tsx'
import { Section } from '../../parts/section.tsx'
import { Lines } from '../../parts/skeletons.tsx'
import { Answer } from './answer-section.tsx'
import { Around, FocusTools } from './focus-section.tsx'
import { MomentTools } from './moment-tools.tsx'
import { NoGraph } from './no-graph.tsx'
import { Ask } from './question-section.tsx'
import './graph.css'

/** Ways asked for. */
const mostWays = 10

export default function GraphPage() {
  const [search, setSearch] = useSearchParams()
  const [now] = useState(Date.now)
  const question = questionFrom(search)
  const nodes = useGraphNodes('')
  const data = useGraphNodes('', 'data')
  const classes = useMemo(() => byGravity((data.data?.items ?? []).map(({ name }) => name)), [data.data])
  const { asOf, days, declared } = question
  const moment = useMemo(
    (): GraphMoment => ({ asOf: momentOf(asOf), days, declared }),
    [asOf, days, declared],
  )
  // Looking back, what was new then is new.
  const then = asOf === '' ? now : Math.min(now, Date.parse(momentOf(asOf) ?? ''))
  // Both are asked again where one failed.
  const known = {
    data: nodes.data !== undefined && data.data !== undefined ? nodes.data : undefined,
    error: nodes.error ?? data.error,
    isPending: nodes.isPending || data.isPending,
    refetch: () => Promise.all([nodes.refetch(), data.refetch()]),
  }
  const empty = nodes.data !== undefined && nodes.data.items.length === 0
  // Nothing asked: the question that matters most to whoever has such data.
  const from = question.from || 'internet'
  const to =
    question.to ||
    (data.data === undefined ? '' : classes[0] === undefined ? 'store:*' : `data:${classes[0]}`)
  const focus = question.focus || 'internet'
  const ways = useGraphPaths(empty ? '' : from, to, moment, mostWays)
  const around = useGraph(empty ? '' : focus, question.depth, moment)
  const change = useSteadyCall((params: Partial<Record<keyof GraphQuestion, string | readonly string[]>>) => {
    const next = new URLSearchParams(search)
    for (const [key, value] of Object.entries(params)) {
      next.delete(key)
      for (const one of typeof value === 'string' ? [value] : value) if (one !== '') next.append(key, one)
    }
    setSearch(next, { replace: true })
  })
  return (
    <Page
      title="Graph"
      kind="What can reach this?"
      lead={
        empty
          ? 'Nothing is known yet of what can reach what.'
          : ways.data === undefined
            ? 'What can reach what, and whether it ever did.'
            : answerSentence(from, to, ways.data.paths, mostWays)
      }
      sub={
        <>
          From calls, traces and grants.{' '}
          {classes.length > 0 && <Link to={dataPath(classes[0])}>All ways to data, by endpoint</Link>}
        </>
      }
    >
      <Loaded query={known} doing="Loading the graph" skeleton={<Lines count={10} height={28} />}>
        {() =>
          empty ? (
            <NoGraph />
          ) : (
            <>
              <div className="stack" style={{ gap: 16 }}>
                <Ask from={from} to={to} classes={classes} change={change} />
                <MomentTools question={question} change={change} now={now} />
              </div>
              <Section title={`From ${nodeName(from)} to ${to === '' ? '…' : nodeName(to)}`}>
                <Loaded query={ways} doing="Looking for ways" skeleton={<Lines count={4} height={24} />}>
                  {({ paths }) => <Answer from={from} to={to} ways={paths} declared={declared} now={then} />}
                </Loaded>
              </Section>
              <Section title={`Around ${nodeName(focus)}`} id="around">
                <FocusTools focus={focus} depth={question.depth} change={change} />
                <Loaded
                  query={around}
                  doing="Loading what lies around it"
                  skeleton={<Lines count={8} height={32} />}
                >
                  {graph => (
                    <Around graph={graph} question={question} focus={focus} change={change} now={then} />
                  )}
                </Loaded>
              </Section>
            </>
          )
        }
      </Loaded>
    </Page>
  )
}
