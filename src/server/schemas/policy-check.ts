import { z } from 'zod'
import type { PolicyCheckView } from '../api/policy-check.ts'
import { text } from './fields.ts'
import { answer } from './registry.ts'

export const policyCheckView: z.ZodType<PolicyCheckView> = answer(
  'PolicyCheck',
  z.object({
    valid: z.boolean(),
    problems: z.array(
      z.object({
        severity: z.enum(['error', 'warning']),
        message: text,
        where: text.exactOptional(),
        line: z.number().exactOptional(),
        column: z.number().exactOptional(),
        mend: text.exactOptional(),
      }),
    ),
    tests: z
      .array(
        z.object({
          policy: text,
          test: text,
          passed: z.boolean(),
          expected: text,
          actual: text,
          message: text.exactOptional(),
        }),
      )
      .describe('The tests written inside; none are run while it cannot be read.'),
  }),
)
