import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type HostReach, hostForm, hostNamedIn } from './host-form.ts'

describe('the host that a text names', () => {
  const rows: readonly [text: string, host: string, reach: HostReach, disguised: boolean][] = [
    ['http://169.254.169.254/latest/meta-data/', '169.254.169.254', 'metadata', false],
    ['http://2852039166/', '169.254.169.254', 'metadata', true],
    ['http://0xa9fea9fe/', '169.254.169.254', 'metadata', true],
    ['http://0251.0376.0251.0376/', '169.254.169.254', 'metadata', true],
    ['http://0xa9.254.0251.254:80/', '169.254.169.254', 'metadata', true],
    ['http://[::ffff:169.254.169.254]/', '169.254.169.254', 'metadata', true],
    ['http://[::ffff:a9fe:a9fe]/', '169.254.169.254', 'metadata', true],
    ['http://169.254.169.254.nip.io/x', '169.254.169.254', 'metadata', true],
    ['http://a-169-254-169-254.sslip.io/', '169.254.169.254', 'metadata', true],
    ['http://a9fea9fe.nip.io/', '169.254.169.254', 'metadata', true],
    ['http://shop.example@169.254.169.254/', '169.254.169.254', 'metadata', false],
    ['http://metadata.google.internal./computeMetadata/v1/', 'metadata.google.internal', 'metadata', false],
    ['http://[fd00:ec2::254]/', 'fd00:ec2::254', 'metadata', false],
    ['http://100.100.100.200/', '100.100.100.200', 'metadata', false],
    ['gopher://127.0.0.1:6379/_x', '127.0.0.1', 'loopback', false],
    ['http://127.1/', '127.0.0.1', 'loopback', true],
    ['http://localhost:8080/admin', 'localhost', 'loopback', false],
    ['http://[::1]/', '::1', 'loopback', false],
    ['http://0/', '0.0.0.0', 'loopback', true],
    ['http://foo.localtest.me/', '127.0.0.1', 'loopback', true],
    ['http://10.0.0.7/', '10.0.0.7', 'private', false],
    ['//192.168.1.1/x', '192.168.1.1', 'private', false],
    ['http://[fd12::1]/', 'fd12::1', 'private', false],
    ['http://[fe80::1]/', 'fe80::1', 'link-local', false],
    ['http://orders.shop.svc.cluster.local:8080/', 'orders.shop.svc.cluster.local', 'cluster', false],
    ['https://kubernetes.default/api', 'kubernetes.default', 'cluster', false],
    ['http://vault.corp/', 'vault.corp', 'private', false],
    ['http://redis:6379/', 'redis', 'private', false],
    ['https://files.example/a.csv', 'files.example', 'external', false],
    ['https://BÜCHER.example/', 'xn--bcher-kva.example', 'external', false],
    ['http://①⑥⑨.254.169.254/', '169.254.169.254', 'metadata', true],
    ['10.0.0.7:443', '10.0.0.7', 'private', false],
    ['fd00:ec2::254', 'fd00:ec2::254', 'metadata', false],
    ['api.example.com', 'api.example.com', 'external', false],
  ]

  it.each(rows)('%s: %s, %s', (text, host, reach, disguised) => {
    expect(hostForm(text)).toEqual({ host, reach, disguised })
  })

  it('ran every row', () => {
    expect(rows).toHaveLength(34)
  })

  it('is none in ordinary text, numbers and times', () => {
    const texts = [
      'hello',
      '42',
      'see http docs',
      'a b.c',
      '2026-03-02T09:00:00Z',
      '12:30',
      'x@y',
      '1.5',
      'v1.2.3 beta',
    ]
    expect(texts.filter(text => hostNamedIn(text) !== undefined)).toEqual([])
  })

  it('is the same for an address in every notation', () => {
    fc.assert(
      fc.property(fc.ipV4(), address => {
        const octets = address.split('.').map(Number)
        const number = octets.reduce((sum, octet) => sum * 256 + octet, 0)
        const forms = [
          `http://${number}/`,
          `http://0x${number.toString(16)}/`,
          `http://${octets.map(octet => `0${octet.toString(8)}`).join('.')}/`,
          `http://[::ffff:${address}]/`,
          `http://${address}.nip.io/`,
          `ftp://user@${address}:21/x`,
        ]
        for (const form of forms) expect(hostForm(form)?.host).toBe(address)
      }),
    )
  })

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), text => void hostNamedIn(text)))
  })
})
