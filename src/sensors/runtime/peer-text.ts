/** `host:port`, IPv6 in brackets; the host alone where the port is unknown; undefined without a host. */
export function peerText(host: string | undefined, port: string | number | undefined): string | undefined {
  if (host === undefined || host === '' || !/^[0-9A-Za-z_.:%-]{1,253}$/.test(host)) return undefined
  const bare = host.replace(/^::ffff:(?=\d{1,3}\.)/i, '').toLowerCase()
  const shown = bare.includes(':') ? `[${bare}]` : bare
  const number = Number(port)
  return port !== undefined && port !== '' && Number.isInteger(number) && number > 0 && number < 65_536
    ? `${shown}:${number}`
    : shown
}
