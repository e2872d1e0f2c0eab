import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Role } from '../store/ports/state-store.ts'
import type { Actor } from './auth/actor.ts'
import type { Authenticator } from './auth/authenticator.ts'
import type { Backend } from './backend.ts'
import type { LiveFeed } from './live/live-feed.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What every handler may use. */
export interface Services {
  readonly backend: Backend
  readonly authenticator: Authenticator
  readonly live: LiveFeed
  /** Counters of the server itself, for `/metrics`. */
  counters(): Readonly<Record<string, number>>
  openapi(): unknown
}

export interface RouteContext<Query, Params, Body> extends Services {
  /** Absent on public routes only. */
  readonly actor: Actor
  readonly query: Query
  readonly params: Params
  readonly body: Body
  readonly now: number
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  /** Appends to the audit log under the route's action. */
  audit(target: string, detail?: Readonly<Record<string, unknown>>, actor?: string): Promise<void>
}

/**
 * One route: what it takes, what it gives, who may call it. `path` is relative to `/api/v1` with `{name}` for
 * parameters; one that begins with `//` stands outside it. Query, parameters and body reach the handler checked.
 */
export interface RouteDefinition<Query = unknown, Params = unknown, Body = unknown, Answer = unknown> {
  readonly method: Method
  readonly path: string
  readonly summary: string
  /** The least role that may call it. */
  readonly role: Role | 'public'
  readonly query?: z.ZodType<Query>
  readonly params?: z.ZodType<Params>
  readonly body?: z.ZodType<Body>
  /** A registered schema (`schemas/registry.ts`), or the media type of an answer that is not JSON. */
  readonly response: z.ZodType<Answer> | { readonly mediaType: string }
  /** 200 when absent; 204 has no body. */
  readonly status?: 200 | 201 | 204
  /** The action its audit records carry. Every route that changes something has one. */
  readonly audit?: string
  /** Bytes of the body that are taken; 1 MB when absent. */
  readonly largestBody?: number
  /** A POST that only computes: no change, no audit record. */
  readonly computes?: boolean
  /** Headers the answer depends on, for the document. */
  readonly headers?: readonly string[]
  handler(context: RouteContext<Query, Params, Body>): Promise<Answer>
}

/** What the registry holds: any route, its types folded away. */
export interface Route extends Omit<RouteDefinition, 'handler'> {
  handler(context: RouteContext<never, never, never>): Promise<unknown>
}

/** Declares a route: the identity function that checks its shape. */
export function defineRoute<Query = unknown, Params = unknown, Body = unknown, Answer = unknown>(
  route: RouteDefinition<Query, Params, Body, Answer>,
): Route {
  return route as Route
}

export const changes = (route: Route): boolean => route.method !== 'GET' && route.computes !== true

/** The path as it stands on the wire, with `{name}` parameters. */
export const fullPath = (route: Route): string =>
  route.path.startsWith('//') ? route.path.slice(1) : `/api/v1${route.path}`
