/**
 * The processor time of this process that `run` takes, in milliseconds: unlike the time on the wall it does not grow when other programs
 * have the machine. Collections of garbage and compilations that fall into it are counted.
 */
export function cpuMs(run: () => unknown): number {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}
