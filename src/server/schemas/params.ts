import { z } from 'zod'

/** Text of a filter or an id: long enough for endpoint ids, short enough to log. */
export const name = z.string().min(1).max(2_048)

/** A moment: RFC 3339 with a zone, or milliseconds since the epoch. Becomes milliseconds. */
export const moment = z
  .union([z.string().max(40), z.number()])
  .meta({ description: 'RFC 3339, or milliseconds since the epoch', examples: ['2026-11-22T10:00:00Z'] })
  .transform((value, context) => {
    const time = millisecondsOf(value)
    if (time !== undefined) return time
    context.addIssue({
      code: 'custom',
      message: 'must be a time such as 2026-11-22T10:00:00Z, or milliseconds since the epoch',
    })
    return z.NEVER
  })

function millisecondsOf(value: string | number): number | undefined {
  const isNumber = typeof value === 'number' || /^\d{1,16}$/.test(value)
  const isStamp =
    typeof value === 'string' &&
    /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)$/.test(value)
  if (!isNumber && !isStamp) return undefined
  const time = isNumber ? Number(value) : Date.parse(value as string)
  // The range in which a Date can say it.
  return Number.isFinite(time) && Math.abs(time) <= 8.64e15 ? time : undefined
}

export const paging = {
  limit: z.coerce
    .number({ error: 'must be a whole number from 1 to 1000' })
    .int()
    .min(1)
    .max(1_000)
    .default(100)
    .describe('Items per page.'),
  cursor: z.string().min(1).max(4_096).optional().describe('From the page before.'),
}

/** `?flag`, `?flag=true`, `?flag=false`. */
export const flag = z
  .enum(['', 'true', 'false', '1', '0'])
  .transform(value => value !== 'false' && value !== '0')

/** One value, several of the same name, or several joined by commas. */
export const list = z
  .union([z.string().max(65_536), z.array(z.string().max(2_048)).max(1_000)])
  .transform(value => (typeof value === 'string' ? value.split(',') : value).filter(item => item !== ''))
  .pipe(z.array(z.string()).max(1_000))

/** Values to exclude: they may hold commas, so each has its own parameter. */
export const excluded = z
  .union([z.string().max(2_048), z.array(z.string().max(2_048)).max(100)])
  .transform(value => (typeof value === 'string' ? [value] : value))

export const byId = z.strictObject({ id: name })
