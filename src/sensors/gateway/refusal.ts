/** Why a request is not let in: the shapes two parsers could read differently, and the ones beyond a bound. */
export interface Refusal {
  readonly status: 400 | 405 | 408 | 413 | 414 | 417 | 431
  /** Closed list: the label of the counter and the reason in the record. */
  readonly shape: RefusalShape
  readonly title: string
}

export type RefusalShape = keyof typeof refusals

const refuse = <const Table extends Record<string, readonly [Refusal['status'], string]>>(
  table: Table,
): Table => table

const refusals = refuse({
  'absolute-target-host': [400, 'The request target and the Host header name different hosts.'],
  'bad-host': [400, 'The Host header is not a host name.'],
  'bad-request': [400, 'The request is not valid HTTP/1.1.'],
  'bad-target': [400, 'The request target is not valid.'],
  'bad-header': [400, 'A header of the request is not valid.'],
  'bare-cr': [400, 'The request head contains a carriage return outside a line end.'],
  'bare-lf': [400, 'A line of the request head does not end with CRLF.'],
  'bad-version': [400, 'Only HTTP/1.1 and HTTP/1.0 are understood here.'],
  'conflicting-length': [400, 'The request declares its length more than once or not as a number.'],
  connect: [405, 'CONNECT is not offered here.'],
  'duplicate-host': [400, 'The request has more than one Host header.'],
  expectation: [417, 'Only the expectation 100-continue is understood.'],
  'header-count': [431, 'The request has too many headers.'],
  'header-size': [431, 'The request head is too large.'],
  'length-and-chunked': [400, 'The request declares both a length and a transfer coding.'],
  'missing-host': [400, 'The request has no Host header.'],
  'chunk-extensions': [413, 'The chunk extensions of the request are too large.'],
  'obs-fold': [400, 'A header of the request is folded over several lines.'],
  'slow-request': [408, 'The request took too long to arrive.'],
  'target-size': [414, 'The request target is too long.'],
  'transfer-coding': [400, 'The request uses a transfer coding other than chunked.'],
  'upgrade-with-body': [400, 'A request to upgrade the connection cannot carry a body.'],
})

export function refusal(shape: RefusalShape): Refusal {
  const [status, title] = refusals[shape]
  return { status, shape, title }
}
