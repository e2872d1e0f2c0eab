import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { DetectorView } from '../../../../src/server/api/detector.ts'
import { useBacktest, useChangeDetector } from '../../api/detectors.ts'
import { optionsToSend, readOptions } from '../../format/detectors.ts'
import { capital, fullStop, words } from '../../format/names.ts'
import { plural } from '../../format/number.ts'
import { useMayAct } from '../../hooks/may-act.ts'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { Section } from '../../parts/section.tsx'
import { BacktestResult } from './backtest-result.tsx'

const spans = [
  { value: '1', label: 'the last day' },
  { value: '7', label: 'the last 7 days' },
  { value: '30', label: 'the last 30 days' },
]

/** Its options with the reasons for their defaults. A change is tested on recorded calls before it can be applied. */
export function OptionsSection({ detector }: { readonly detector: DetectorView }) {
  const mayAct = useMayAct()
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({})
  const [days, setDays] = useState('7')
  const [tested, setTested] = useState('')
  const test = useBacktest(detector.id)
  const change = useChangeDetector(detector.id)
  const { changed, wrong } = readOptions(detector.options, typed)
  const wanted = JSON.stringify(changed)
  const some = Object.keys(changed).length > 0
  const isTested = some && tested === wanted && !test.isPending
  const runTest = (): void => {
    setTested(wanted)
    const since = new Date(Date.now() - Number(days) * 86_400_000).toISOString()
    test.mutate({ since, options: changed })
  }
  const apply = (): void =>
    change.mutate(
      { options: optionsToSend(detector.options, changed) },
      {
        onSuccess: () => {
          setTyped({})
          setTested('')
          test.reset()
        },
      },
    )
  return (
    <Section
      title="Options"
      note={detector.options.length === 0 ? undefined : plural(detector.options.length, 'option')}
    >
      {detector.options.length === 0 ? (
        <p className="dim">It has none: what it finds is certain.</p>
      ) : (
        <form
          className="stack"
          onSubmit={event => {
            event.preventDefault()
            if (some && wrong.length === 0) runTest()
          }}
        >
          <ul className="options">
            {detector.options.map(option => (
              <li key={option.name}>
                <TextInput
                  size="xs"
                  inputMode="decimal"
                  label={capital(words(option.name))}
                  disabled={!mayAct}
                  value={typed[option.name] ?? String(option.value)}
                  error={wrong.includes(option.name) ? 'a number of 0 or more' : undefined}
                  onChange={event => setTyped({ ...typed, [option.name]: event.currentTarget.value })}
                />
                <p>
                  {fullStop(option.reason)}{' '}
                  {option.value !== option.default && (
                    <>
                      <span className="chip" data-tone="warn">
                        changed
                      </span>{' '}
                    </>
                  )}
                  {(typed[option.name] ?? String(option.value)) !== String(option.default) && mayAct ? (
                    <button
                      type="button"
                      className="plain-button link"
                      onClick={() => setTyped({ ...typed, [option.name]: String(option.default) })}
                    >
                      back to {option.default}
                    </button>
                  ) : (
                    <span className="dim">Its default.</span>
                  )}
                </p>
              </li>
            ))}
          </ul>
          {mayAct && (
            <div className="row no-print">
              <NativeSelect
                size="xs"
                aria-label="Recorded calls to test on"
                data={spans}
                value={days}
                onChange={event => setDays(event.currentTarget.value)}
              />
              <Button
                type="submit"
                size="xs"
                variant={isTested ? 'default' : 'filled'}
                disabled={!some || wrong.length > 0}
                loading={test.isPending}
              >
                Test the change
              </Button>
              <Button
                size="xs"
                variant={isTested ? 'filled' : 'default'}
                disabled={!isTested || wrong.length > 0}
                loading={change.isPending}
                onClick={apply}
              >
                Apply it
              </Button>
              <span className="dim">
                {!some
                  ? 'Change a value, test it on recorded calls, then apply it.'
                  : isTested
                    ? 'Takes effect at once, without a restart.'
                    : 'It can be applied once it was tested.'}
              </span>
            </div>
          )}
          {change.error !== null && <ProblemNote doing="Changing the options" error={change.error} />}
          {test.error !== null && (
            <ProblemNote doing="Testing the change" error={test.error} onRetry={runTest} />
          )}
          {test.data !== undefined && tested !== '' && !test.isPending && (
            <BacktestResult test={test.data} stale={!isTested} />
          )}
        </form>
      )}
    </Section>
  )
}
