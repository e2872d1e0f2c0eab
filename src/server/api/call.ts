/** A recorded call. */
export interface CallView {
  readonly id: string
  readonly time: string
  readonly durationMs?: number
  readonly method: string
  readonly host: string
  readonly target: string
  readonly status?: number
  readonly endpoint: string
  readonly principal: string
  readonly tenant?: string
  readonly ip?: string
  readonly userAgent?: string
  /** Who called and who answered, `shop/orders`, where a sensor told it. */
  readonly callerWorkload?: string
  readonly workload?: string
  readonly requestBytes: number
  readonly responseBytes: number
  readonly detectors: readonly string[]
  readonly verdict?: { readonly decisionId: string; readonly action: string; readonly policy?: string }
  /** Only on `/calls/{id}`: header pairs and bodies as kept, secrets replaced. */
  readonly request?: {
    readonly headers: readonly (readonly [string, string])[]
    readonly body?: string
    readonly bodyTruncated: boolean
  }
  readonly response?: {
    readonly headers: readonly (readonly [string, string])[]
    readonly body?: string
    readonly bodyTruncated: boolean
  }
  readonly credentials?: readonly {
    readonly scheme: string
    readonly at: string
    readonly fingerprint: string
    readonly claims?: Readonly<Record<string, unknown>>
    readonly verification: string
  }[]
}
