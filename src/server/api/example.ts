import type { MaskedExample } from '../../catalog/examples/example.ts'

/** A recorded call of an endpoint, without a value of sensitive data. */
export interface MaskedExampleView extends Omit<MaskedExample, 'call' | 'time'> {
  /** Its id. */
  readonly call: string
  readonly time: string
}
