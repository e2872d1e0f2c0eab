import { describe, expect, it } from 'vitest'
import { certificateOf, dpopOf, keyThumbprint } from './possession.ts'
import { readHeader } from './read-header.ts'
import { Redactor } from './redactor.ts'

const redactor = new Redactor({ key: new Uint8Array(32).fill(7) })
const coded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
/** The key of RFC 9449 section 4.1 and the token's `jkt` of its section 6.1. */
const key = {
  kty: 'EC',
  x: 'l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs',
  y: '9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA',
  crv: 'P-256',
}
const thumbprint = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I'
const proof = (jwk: unknown, htm = 'POST'): string =>
  `${coded({ typ: 'dpop+jwt', alg: 'ES256', jwk })}.${coded({ jti: 'a', htm, htu: 'https://x.example/' })}.c2ln`
const seal = (value: string): string => readHeader('dpop', value, redactor).masked

describe('a proof of possession', () => {
  it('is known by the thumbprint of its public key, and the proof itself stays at the sensor', () => {
    const sealed = seal(proof(key))
    expect(sealed).toMatch(/^\[redacted:jwt:[0-9a-f]{12}\];jkt=[\w-]{43};htm=POST$/)
    expect(dpopOf([['dpop', sealed]])).toEqual({ thumbprint, method: 'POST' })
    expect(seal(sealed)).toBe(sealed)
    expect(readHeader('dpop', proof(key), redactor).credentials).toEqual([])
  })

  it('has the thumbprints of the RFCs, whatever else the key says', () => {
    const rows: [unknown, string | undefined][] = [
      [{ ...key, kid: 'x', use: 'sig' }, thumbprint],
      [
        { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
        'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
      ],
      [{ ...key, x: 1 }, undefined],
      [{ kty: 'toString' }, undefined],
      [{ kty: 'oct', k: 'c2VjcmV0' }, undefined],
      ['key', undefined],
      [null, undefined],
    ]
    for (const [jwk, expected] of rows) expect(keyThumbprint(jwk)).toBe(expected)
    expect(rows).toHaveLength(7)
  })

  it('is unreadable, not unseen, where it is nonsense, and unknown where it was sealed without a thumbprint', () => {
    expect(dpopOf([['dpop', seal('nonsense')]])).toEqual({ thumbprint: '' })
    expect(dpopOf([['dpop', seal(proof(undefined, 'a<b'))]])).toEqual({ thumbprint: '' })
    expect(dpopOf([['dpop', '[redacted:jwt:00000000000a]']])).toBe('unread')
    expect(dpopOf([])).toBeUndefined()
  })

  it('by a certificate is the hash that the proxy nearest to us tells', () => {
    const hash = 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'
    const told = `Hash=${'0'.repeat(64)};Subject="CN=a,b",By=spiffe://x;Hash=${hash};Subject="CN=c;d"`
    expect(certificateOf([['x-forwarded-client-cert', told]])).toEqual({
      thumbprint: 'ypeBEsobvcr6wjGzmiPcTaeG7_gUfE5yuYB3ha_uSLs',
    })
    expect(certificateOf([['x-forwarded-client-cert', 'Subject="CN=c"']])).toBe('unread')
    expect(certificateOf([])).toBeUndefined()
  })
})
