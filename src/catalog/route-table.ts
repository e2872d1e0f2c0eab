import type { EndpointId } from '../kit/id.ts'

/** The learned routes as plain data: what a gateway needs to name a call's endpoint. */
export interface RouteTable {
  readonly version: number
  readonly routes: readonly {
    readonly endpoint: EndpointId
    readonly host: string
    readonly method: string
    readonly template: string
  }[]
}
