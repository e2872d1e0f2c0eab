import type { EndpointId } from '../kit/id.ts'

/** The learned routes as plain data: what a gateway needs to name a call's endpoint. */
export interface RouteTable {
  readonly version: number
  readonly routes: readonly {
    readonly endpoint: EndpointId
    readonly host: string
    readonly method: string
    readonly template: string
    /**
     * Indices of segments whose placeholder took only values of a typed kind so far, and of those that take any word but fixed ones.
     * Placeholders at others take everything.
     */
    readonly typed?: readonly number[]
    readonly open?: readonly number[]
  }[]
  /** Hosts of routes that are patterns which traffic showed: names of services and these hosts are not theirs. */
  readonly learnedHosts?: readonly { readonly pattern: string; readonly apart: readonly string[] }[]
}
