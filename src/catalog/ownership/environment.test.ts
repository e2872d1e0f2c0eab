import { describe, expect, it } from 'vitest'
import { environmentOfHost } from './environment.ts'

describe('the environment of a host', () => {
  const rows: readonly [host: string, environment: string | undefined][] = [
    ['api.shop.example', undefined],
    ['staging.shop.example', 'staging'],
    ['api-staging.shop.example', 'staging'],
    ['api.stg.eu.shop.example', 'staging'],
    ['dev-api.shop.example', 'development'],
    ['qa.shop.example:8443', 'test'],
    ['sandbox.pay.example', 'sandbox'],
    ['api.prod.shop.example', 'production'],
    ['shop.test', 'test'],
    ['api.shop.localhost', 'development'],
    ['localhost:3000', 'development'],
    ['127.0.0.1:8080', 'development'],
    ['[::1]:8080', 'development'],
    ['10.0.0.7', undefined],
    ['test.com', undefined],
    ['dev.to', undefined],
    ['www.stage.com', undefined],
    ['orders-dev', 'development'],
    ['orders.shop.svc.cluster.local', undefined],
    ['{tenant}.shop.example', undefined],
    ['attest.shop.example', undefined],
    ['', undefined],
  ]
  let ran = 0
  it.each(rows)('%s: %s', (host, environment) => {
    expect(environmentOfHost(host)?.environment).toBe(environment)
    ran += 1
  })
  it('ran every row', () => expect(ran).toBe(22))
})
