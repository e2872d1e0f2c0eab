import { expect, it } from 'vitest'
import { CounterSet } from '../kit/counters.ts'
import { CounterReports } from './counter-reports.ts'

it('sums counts of all who count and tells the highest of gauges', () => {
  const counters = new CounterSet()
  counters.add('a_total', 1)
  const reports = new CounterReports([{ counters }, {}])
  reports.own.add('a_total', 2)
  reports.own.add('a_total{kind="x"}', 5)
  reports.own.set('entries', 7)
  reports.take('one', { a_total: 10, entries: 3 })
  reports.take('two', { a_total: 100, entries: 9 })
  expect(reports.all()).toEqual({ a_total: 113, 'a_total{kind="x"}': 5, entries: 9 })
  reports.take('two', { entries: 4 })
  expect(reports.all()).toEqual({ a_total: 13, 'a_total{kind="x"}': 5, entries: 7 })
  expect([reports.of('one', 'entries'), reports.of('one', 'none'), reports.of('none', 'entries')]).toEqual([
    3, 0, 0,
  ])
})

it('adds up calls that were dropped, wherever and for whatever reason', () => {
  const reports = new CounterReports([])
  expect(reports.dropped()).toBe(0)
  reports.own.add('sallyport_ingest_dropped_total{reason="analysis_stopped"}', 2)
  reports.take('one', { 'sallyport_ingest_dropped_total{reason="ring_full"}': 3, other_total: 8 })
  reports.take('two', { 'sallyport_ingest_dropped_total{reason="ring_full"}': 4 })
  expect(reports.dropped()).toBe(9)
})
