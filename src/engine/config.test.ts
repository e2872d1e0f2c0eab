import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SallyportError } from '../kit/error.ts'
import { configSchema, environmentKeys, loadConfig } from './config.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-config-'))

function written(text: string): string {
  const file = join(folder, 'sallyport.yaml')
  writeFileSync(file, text)
  return file
}

function refusal(text: string): SallyportError {
  try {
    loadConfig(written(text), {})
  } catch (error) {
    return SallyportError.from(error)
  }
  throw new Error('the configuration was accepted')
}

describe('configuration', () => {
  it('needs no key at all', () => {
    const config = loadConfig(written(''), {})
    expect(config.gateway).toMatchObject({ host: '127.0.0.1', port: 8080 })
    expect(config.server).toMatchObject({ host: '127.0.0.1', port: 4600 })
  })

  it('refuses what it does not know, with place and nearest name', () => {
    const rows = [
      { text: 'gatway:\n  port: 1\n', where: ':1:1', mend: 'gateway' },
      { text: 'gateway:\n  prot: 1\n', where: ':2:3', mend: 'port' },
      { text: 'gateway:\n  port: high\n', where: ':2:3', mend: 'default' },
      { text: 'gateway:\n  upstream: "ftp://x"\n', where: ':2:3', mend: 'default' },
      { text: 'calls:\n  driver: memry\n', where: ':2:3', mend: 'Did you mean "memory"?' },
      {
        text: 'sensors:\n  nats:\n    stream: s\n    formats: [jsonl, kubernets-audit]\n',
        where: ':4:22',
        mend: 'Did you mean "kubernetes-audit"?',
      },
      {
        text: 'sensors:\n  kafka:\n    topics: [a]\n    formats:\n      - zzzzzzzz\n',
        where: ':5:9',
        mend: 'default',
      },
      { text: 'sensors:\n  kafka:\n    topics: [a]\n    formats: []\n', where: ':4:5', mend: 'default' },
      { text: 'gateway: [\n', where: ':', mend: 'YAML' },
    ]
    for (const row of rows) {
      const error = refusal(row.text)
      expect(error.code).toBe('config/invalid')
      expect(error.exitCode).toBe(2)
      expect(error.where, row.text).toContain(`sallyport.yaml${row.where}`)
      expect(error.mend, row.text).toContain(row.mend)
    }
    expect(rows).toHaveLength(9)
  })

  it('lets the environment override any leaf', () => {
    const keys = environmentKeys()
    expect(keys.map(([name]) => name)).toContain('SALLYPORT_GATEWAY_UPSTREAM')
    expect(keys.length).toBeGreaterThan(15)
    const config = loadConfig(written('gateway: { port: 1 }'), {
      SALLYPORT_GATEWAY_PORT: '9000',
      SALLYPORT_GATEWAY_TRUSTED_PROXIES: '[10.0.0.0/8]',
      SALLYPORT_CALLS_DRIVER: 'memory',
    })
    expect(config.gateway.port).toBe(9000)
    expect(config.gateway.trustedProxies).toEqual(['10.0.0.0/8'])
    expect(config.calls.driver).toBe('memory')
  })

  it('refuses a wrong environment value by its path', () => {
    expect(() => loadConfig(written(''), { SALLYPORT_GATEWAY_PORT: 'x' })).toThrow(/gateway\.port/)
  })

  it('has a default or is optional everywhere', () => {
    expect(configSchema.safeParse({}).success).toBe(true)
  })
})
