import type { Locator, Page } from 'playwright-core'
import { emptyData, endpoints } from './console-fixture.ts'
import { built } from './console-page.ts'
import { ConsoleServer } from './console-server.ts'
import { policyAnswers } from './policy-answers.ts'
import type { PolicyData } from './policy-fixture.ts'

/** A console over `data`, until `body` is done. */
export async function overPolicies(
  data: PolicyData,
  body: (base: string, server: ConsoleServer) => Promise<void>,
): Promise<void> {
  const server = new ConsoleServer({ ...emptyData(), endpoints: endpoints(20) }, built, policyAnswers(data))
  const base = await server.listen()
  try {
    await body(base, server)
  } finally {
    await server.close()
  }
}

/** Where a policy is written. */
export const editor = (page: Page): Locator => page.getByRole('textbox', { name: 'Policy source' })
