/** Parts of Envoy's configuration. */

export const type = (name: string): string => `type.googleapis.com/envoy.${name}`

export const cluster = (name: string, port: number, http2 = false): object => ({
  name,
  type: 'STATIC',
  connect_timeout: '1s',
  ...(http2
    ? {
        typed_extension_protocol_options: {
          'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
            '@type': type('extensions.upstreams.http.v3.HttpProtocolOptions'),
            explicit_http_config: { http2_protocol_options: {} },
          },
        },
      }
    : {}),
  load_assignment: {
    cluster_name: name,
    endpoints: [
      {
        lb_endpoints: [
          { endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: port } } } },
        ],
      },
    ],
  },
})

export const listener = (port: number, filter: object): object => ({
  name: `on-${port}`,
  address: { socket_address: { address: '127.0.0.1', port_value: port } },
  filter_chains: [{ filters: [filter] }],
})

export const portOf = (address: string): number => Number(address.split(':').at(-1))
