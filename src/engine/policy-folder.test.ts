import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { systemClock } from '../kit/clock.ts'
import { loadConfig } from './config.ts'
import { System } from './system.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-folder-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = (mode: string, status = 403): void =>
  writeFileSync(
    join(folder, 'policies', 'p.yaml'),
    `apiVersion: sallyport/v1alpha1\nkind: ApiPolicy\nmetadata: { name: p }\nspec:\n  match: { methods: [DELETE] }\n  action: { type: block, status: ${status} }\n  mode: ${mode}\n`,
  )

async function started<Result>(ask: (system: System) => Promise<Result>): Promise<Result> {
  const config = loadConfig(undefined, {
    SALLYPORT_DATA_DIR: join(folder, 'data'),
    SALLYPORT_CALLS_DRIVER: 'memory',
    SALLYPORT_POLICIES: join(folder, 'policies'),
    SALLYPORT_DECISION_POINTS_ENVOY_ENABLED: 'false',
    SALLYPORT_DECISION_POINTS_FORWARD_AUTH_ENABLED: 'false',
    SALLYPORT_SENSORS_OTLP_ENABLED: 'false',
  })
  const system = await System.start({ config, clock: systemClock, log: () => undefined })
  try {
    return await ask(system)
  } finally {
    await system.close()
  }
}
const stage = async (system: System) => {
  const policy = (await system.policies.find('p'))!
  return [policy.version, system.describePolicy(policy.source).mode]
}

it('takes what files say, and keeps the stage that was come to since, until a file says something new', async () => {
  mkdirSync(join(folder, 'policies'))
  file('shadow')
  const promoted = await started(async system => {
    expect(await stage(system)).toEqual([1, 'shadow'])
    await system.policies.promote('p', { by: 'test', override: 'A test.' })
    return await stage(system)
  })
  expect(promoted).toEqual([2, 'canary'])
  expect(await started(stage)).toEqual([2, 'canary'])
  file('shadow', 404)
  expect(await started(stage)).toEqual([3, 'shadow'])
  file('enforce', 404)
  const audited = await started(async system => {
    expect(await stage(system)).toEqual([4, 'enforce'])
    return (await system.state.auditLog({ limit: 1 })).items[0]
  })
  expect(audited).toMatchObject({
    action: 'policy.put',
    target: 'p',
    detail: { mode: 'enforce', override: 'It stands in the folder of the configuration.' },
  })
}, 60_000)
