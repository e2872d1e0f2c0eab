import type { Try } from './login-book.ts'

const hour = 3_600_000
const hoursOfDay = 24
const keptTries = 400
const keptFactors = 256
/** CUSUM on hourly failures: reference value in standard deviations, and where it stops growing. */
const slack = 0.5
const ceiling = 24
/** How many hours the global mean weighs in an hour of the week. */
const shrinkage = 20

/** How common a factor is among logins, counts that halve when they are many. */
interface Commonness {
  readonly counts: Map<string, number>
  total: number
}

/**
 * Failures of one application that nothing closer explains, hour by hour against what is usual at that hour, weekdays and weekends
 * apart. Plain data: see the functions.
 */
export interface Campaign {
  /** Start of the hour at hand. */
  hour: number
  /** Failures of this hour that count. */
  count: number
  /** Mean failures by hour of weekdays and of weekends, and how many hours each rests on. */
  readonly means: Float64Array
  readonly hours: Float64Array
  mean: number
  seen: number
  cusum: number
  /** Since the sum began to rise. */
  recent: Try[]
  successes: Try[]
  readonly common: Commonness
  /** Those that were found and go on, the latest last. What belongs to them counts no more for what is usual. */
  waves: Wave[]
}

/** Failures that belong together: by their tool, or as strangers where they have none in common. */
export interface Wave {
  readonly from: number
  last: number
  readonly factor: string | undefined
  /** Ordinary logins hardly ever have the factor. */
  readonly rare: boolean
  /** Failures in the hour it was found in, and as many as are usual then. */
  readonly perHour: number
  readonly usual: number
  failures: number
  readonly sources: Set<string>
  readonly accounts: Set<string>
}

const quiet = 12 * hour
const mostWaves = 8

export const newCampaign = (time: number): Campaign => ({
  hour: Math.floor(time / hour),
  count: 0,
  means: new Float64Array(2 * hoursOfDay),
  hours: new Float64Array(2 * hoursOfDay),
  mean: 0,
  seen: 0,
  cusum: 0,
  recent: [],
  successes: [],
  common: { counts: new Map(), total: 0 },
  waves: [],
})

/** Weekday hours 0 to 23, weekend hours 24 to 47, UTC. The first day of the epoch was a Thursday. */
function slotOf(hourIndex: number): number {
  const weekday = (Math.floor(hourIndex / hoursOfDay) + 4) % 7
  return (hourIndex % hoursOfDay) + (weekday === 0 || weekday === 6 ? hoursOfDay : 0)
}

/** Failures that are usual in the hour at hand: of this hour of the week, shrunk towards all hours. */
function usualIn(campaign: Campaign): number {
  const slot = slotOf(campaign.hour)
  const hours = campaign.hours[slot] ?? 0
  return (hours * (campaign.means[slot] ?? 0) + shrinkage * campaign.mean) / (hours + shrinkage)
}

/** Standard deviations by which this hour exceeds the usual; Poisson with room for bad days. */
function excessOf(campaign: Campaign): number {
  const usual = usualIn(campaign)
  return (campaign.count - usual) / Math.sqrt(1.5 * usual + 1) - slack
}

/** Ends the hours that have passed, of which the usual is learned, and the waves that have been quiet. */
export function closeHours(campaign: Campaign, time: number): void {
  const now = Math.floor(time / hour)
  if (now - campaign.hour > 14 * hoursOfDay) {
    campaign.hour = now
    campaign.count = 0
    campaign.cusum = 0
  }
  while (campaign.hour < now) {
    campaign.cusum = Math.min(ceiling, Math.max(0, campaign.cusum + excessOf(campaign)))
    learnHour(campaign)
    if (campaign.cusum === 0) campaign.recent = []
    campaign.count = 0
    campaign.hour += 1
  }
  if (campaign.waves.some(({ last }) => time - last > quiet))
    campaign.waves = campaign.waves.filter(({ last }) => time - last <= quiet)
  campaign.successes = campaign.successes.filter(one => time - one.time <= 24 * hour)
}

function learnHour(campaign: Campaign): void {
  const slot = slotOf(campaign.hour)
  // An hour far above the usual may be the beginning of a campaign: it teaches as much as an unusual hour may.
  const usual = usualIn(campaign)
  const count = campaign.seen < hoursOfDay ? campaign.count : Math.min(campaign.count, 2 * usual + 3)
  const hours = Math.min(8, (campaign.hours[slot] ?? 0) + 1)
  campaign.hours[slot] = hours
  campaign.means[slot] = (campaign.means[slot] ?? 0) + (count - (campaign.means[slot] ?? 0)) / hours
  campaign.seen += 1
  campaign.mean += (count - campaign.mean) / Math.min(campaign.seen, 168)
}

/** The sum as it would be if the hour ended now. */
export const sumNow = (campaign: Campaign): number => Math.max(0, campaign.cusum + excessOf(campaign))

export function noteFailure(campaign: Campaign, one: Try): void {
  campaign.count += 1
  campaign.recent.push(one)
  if (campaign.recent.length > keptTries) campaign.recent.shift()
}

/**
 * What rose above the usual is one more wave: with the failures that share its factor, or all of them where there is none. The others
 * begin to add up anew.
 */
export function beginWave(
  campaign: Campaign,
  time: number,
  factor: CommonFactor | undefined,
): { readonly wave: Wave; readonly tries: readonly Try[] } {
  const belongs = ({ factors }: Try): boolean => factor === undefined || factors.includes(factor.factor)
  const tries = campaign.recent.filter(belongs)
  const wave: Wave = {
    from: time,
    last: time,
    factor: factor?.factor,
    rare: factor !== undefined && factor.usual <= 0.005 && campaign.common.total >= 300,
    perHour: campaign.count,
    usual: usualIn(campaign),
    failures: 0,
    sources: new Set(),
    accounts: new Set(),
  }
  campaign.waves.push(wave)
  if (campaign.waves.length > mostWaves) campaign.waves.shift()
  campaign.recent = campaign.recent.filter(one => !belongs(one))
  campaign.cusum = 0
  campaign.count = campaign.recent.filter(one => Math.floor(one.time / hour) === campaign.hour).length
  return { wave, tries }
}

/** A success from where the account failed just before: its owner, who had mistyped. */
export function forgive(campaign: Campaign, success: Try): void {
  const before = campaign.recent.length
  campaign.recent = campaign.recent.filter(
    ({ account, source, device }) =>
      account !== success.account || (source !== success.source && device !== success.device),
  )
  campaign.count = Math.max(0, campaign.count - (before - campaign.recent.length))
}

/** Every login teaches how common its tool is, but those of a wave. */
export function noteFactors({ common, waves }: Campaign, { factors }: Try): void {
  if (waves.some(({ factor }) => factor === undefined || factors.includes(factor))) return
  common.total += 1
  for (const factor of factors) {
    const count = common.counts.get(factor)
    if (count !== undefined || common.counts.size < keptFactors) common.counts.set(factor, (count ?? 0) + 1)
  }
  if (common.total < 4_000) return
  common.total /= 2
  for (const [factor, count] of common.counts) {
    if (count < 1) common.counts.delete(factor)
    else common.counts.set(factor, count / 2)
  }
}

export interface CommonFactor {
  readonly factor: string
  readonly lift: number
  /** Of the failures, and of ordinary logins, 0 to 1. */
  readonly share: number
  readonly usual: number
}

/**
 * What most sets the failures apart from ordinary logins: the factor with the highest lift, `P(factor | these failures) / P(factor |
 * logins)`, of those that at least 30 % of them share.
 */
export function commonFactor({ recent, common }: Campaign, leastLift: number): CommonFactor | undefined {
  const counts = new Map<string, number>()
  for (const { factors } of recent)
    for (const factor of factors) counts.set(factor, (counts.get(factor) ?? 0) + 1)
  let best: CommonFactor | undefined
  for (const [factor, count] of counts) {
    const share = count / recent.length
    if (share < 0.3 || count < 8) continue
    // What failed lately was counted among the logins too.
    const usual = Math.max(0, (common.counts.get(factor) ?? 0) - count)
    const ordinary = (usual + 1) / (Math.max(0, common.total - recent.length) + 20)
    const lift = share / ordinary
    if (
      lift >= leastLift &&
      (best === undefined || share * Math.log(lift) > best.share * Math.log(best.lift))
    )
      best = { factor, lift, share, usual: ordinary }
  }
  return best
}
