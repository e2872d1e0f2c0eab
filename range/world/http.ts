export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined }
export type JsonObject = { readonly [key: string]: Json | undefined }

/** What a client wants to send. Bodies are written in the application's own names (camel case); its style is put on later. */
export interface Ask {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly body?: JsonObject | readonly Json[]
  /** In place of `body`: sent as it stands. */
  readonly text?: { readonly type: string; readonly value: string }
  readonly headers?: readonly (readonly [string, string])[]
  /** In place of the application's own: where each tenant has a name of its own. */
  readonly host?: string
}

/** How an object came to be read or written by somebody. */
export type Relation = 'own' | 'shared' | 'support' | 'foreign' | 'missing'

/** One object that a handler looked up for its caller. */
export interface Touch {
  /** `orders/1042` */
  readonly object: string
  readonly owner: string | null
  readonly relation: Relation
  readonly write: boolean
}

export interface Answer {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  /** As sent. */
  readonly text: string
  /** In the application's own names; an empty object where nothing, or no JSON, came back. */
  readonly json: JsonObject
  /** What the handler did was what was asked for, whatever the status says. */
  readonly ok: boolean
  readonly touches: readonly Touch[]
  /** Milliseconds: the median of the handler, or how long it took this time once it was sent. */
  readonly latency: number
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const textOf = (value: Json | undefined): string | undefined =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined
