/** The port behind a host: `orders:8080`, `[::1]:443`; undefined where none is written. */
export function portIn(host: string): number | undefined {
  const text = /^(?:[^:[\]]{0,253}|\[[0-9a-fA-F.:%]{0,64}\]):([0-9]{1,5})$/.exec(host)?.[1]
  const port = Number(text)
  return text !== undefined && port > 0 && port < 65_536 ? port : undefined
}

/** A host without its port and brackets. */
export function withoutPort(host: string): string {
  const bare = portIn(host) === undefined ? host : host.slice(0, host.lastIndexOf(':'))
  return bare.startsWith('[') && bare.endsWith(']') ? bare.slice(1, -1) : bare
}
