import { z } from 'zod'

/** What follows the host is the number of a database; a name and a password are coded as in every address. */
function isReadable(url: string): boolean {
  try {
    const { username, password, pathname } = new URL(url)
    decodeURIComponent(username + password)
    return /^\/?\d*$/.test(pathname)
  } catch {
    return false
  }
}

/** Where budgets of policies are counted together with other gateways. */
export const budgetsSchema = z
  .strictObject({
    url: z
      .url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// URL' })
      .refine(
        isReadable,
        'must be redis://name:password@host:port/number, the name and the password percent-encoded',
      )
      .optional()
      .describe(
        'redis:// or rediss:// address of a Redis or Valkey that counts the budgets of policies for all gateways together; without it each process counts alone. With a password better set in the environment.',
      ),
    deadlineMs: z
      .number()
      .int()
      .min(1)
      .max(1_000)
      .default(5)
      .describe("Milliseconds a request waits for its answer; then the process's own count decides."),
  })
  .prefault({})
