import type { Backend } from './backend.ts'

const sample = /^[a-zA-Z_:][a-zA-Z0-9_:]{0,199}(\{[^{}\n]{0,500}\})?$/

/**
 * Prometheus text (exposition format 0.0.4), sorted. Names ending in `_total` are counters, all others gauges. A name that
 * is not a Prometheus name is left out: one bad line would make the whole page unreadable.
 */
export function prometheusText(samples: Readonly<Record<string, number>>): string {
  const families = new Map<string, string[]>()
  for (const [name, value] of Object.entries(samples)) {
    if (!sample.test(name)) continue
    const family = name.split('{', 1)[0] ?? name
    const lines = families.get(family) ?? []
    lines.push(`${name} ${Number.isFinite(value) ? value : 'NaN'}`)
    families.set(family, lines)
  }
  let text = ''
  for (const [family, lines] of [...families].sort(([a], [b]) => (a < b ? -1 : 1))) {
    text += `# TYPE ${family} ${family.endsWith('_total') ? 'counter' : 'gauge'}\n${lines.sort().join('\n')}\n`
  }
  return text
}

const label = (value: string): string =>
  value
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll(/[\n{}]/g, ' ')

/** What the server itself knows; the backend's own counters win where both name one. */
export function backendSamples(
  backend: Backend,
  open: ReadonlyMap<string, number>,
): Readonly<Record<string, number>> {
  const samples: Record<string, number> = {
    sallyport_up_seconds: Math.max(0, (backend.clock.now() - backend.startedAt) / 1_000),
    sallyport_bypass: backend.bypass() ? 1 : 0,
    sallyport_calls_per_second: backend.stats().callsPerSecond,
    sallyport_principals: backend.stats().principals,
  }
  for (const endpoint of backend.endpoints()) {
    const name = `sallyport_endpoints{state="${label(endpoint.inventory)}"}`
    samples[name] = (samples[name] ?? 0) + 1
  }
  for (const [severity, count] of open)
    samples[`sallyport_incidents_open{severity="${label(severity)}"}`] = count
  for (const sensor of backend.sensors()) {
    samples[`sallyport_requests_observed_total{source="${label(sensor.id)}"}`] = sensor.events
    samples[`sallyport_ingest_dropped_total{reason="full",source="${label(sensor.id)}"}`] = sensor.dropped
    samples[`sallyport_ingest_dropped_total{reason="unreadable",source="${label(sensor.id)}"}`] =
      sensor.rejected
  }
  return { ...samples, ...backend.counters() }
}
