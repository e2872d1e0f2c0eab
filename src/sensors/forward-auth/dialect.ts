/** How a proxy asks whether a request may pass: which headers carry the request, and what it does with a refusal. */
export interface Dialect {
  readonly id: string
  readonly method: string
  readonly uri: string
  readonly host: string
  /** Gives the client a refusal as it stands: any status, with headers and body. Else it knows 401 and 403 alone. */
  readonly relays: boolean
}

const forwarded = {
  method: 'x-forwarded-method',
  uri: 'x-forwarded-uri',
  host: 'x-forwarded-host',
  relays: true,
}

/** nginx `auth_request`, Caddy `forward_auth` and Traefik `forwardAuth`, by the last part of the path they ask at. */
export const dialects: ReadonlyMap<string, Dialect> = new Map(
  [
    {
      id: 'nginx',
      method: 'x-original-method',
      uri: 'x-original-uri',
      host: 'x-original-host',
      relays: false,
    },
    { id: 'traefik', ...forwarded },
    { id: 'caddy', ...forwarded },
  ].map(dialect => [dialect.id, dialect]),
)
