/** RFC 3339 in UTC. Times come from recordings too: one that no date can say becomes the epoch. */
export const stamp = (time: number): string =>
  new Date(Number.isFinite(time) && Math.abs(time) <= 8.64e15 ? time : 0).toISOString()
