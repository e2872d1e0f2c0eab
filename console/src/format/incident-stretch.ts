const minute = 60_000

/**
 * The time around an incident that is worth showing, in ms: from a quarter of its length before it opened to its last
 * movement, at least ten minutes, on whole minutes so that it does not change with every call.
 */
export function incidentStretch(incident: { readonly opened: string; readonly updated: string }): {
  readonly since: number
  readonly until: number
} {
  const opened = Date.parse(incident.opened)
  const updated = Math.max(opened, Date.parse(incident.updated))
  const before = Math.max(5 * minute, (updated - opened) / 4)
  const since = Math.floor((opened - before) / minute) * minute
  const until = Math.max(Math.floor(updated / minute) * minute + minute, since + 10 * minute)
  return { since, until }
}
