import { expect, it } from 'vitest'
import { start, storedCall } from '../../test/support/sample-server.ts'
import { deviceOf } from '../identity/device.ts'
import type { CallId, PrincipalId } from '../kit/id.ts'
import { MemoryCallStore } from '../store/memory/call-store.ts'
import { mostSharing, previewQuarantine } from './quarantine-preview.ts'

it('counts whom a quarantine would have touched, by principal, token and device', async () => {
  const store = new MemoryCallStore()
  const calls = Array.from({ length: 20 }, (_, index) => {
    const stored = storedCall(index)
    const principal = index < 10 ? stored.principal : (`user:${index % 7}` as PrincipalId)
    return { ...stored, principal, call: { ...stored.call, id: `c-${index}` as CallId } }
  })
  await store.append(calls, 'one')
  const now = start + 60_000
  const mallory = await previewQuarantine({ kind: 'principal', target: calls[0]!.principal }, store, now)
  expect(mallory).toMatchObject({ calls: 10, principals: 1, truncated: false })
  const { source, request, credentials } = calls[0]!.call
  const device = { kind: 'device', target: deviceOf(source, request.headers).id } as const
  const shared = await previewQuarantine(device, store, now)
  expect(shared).toMatchObject({ calls: 20, principals: 8 })
  expect(shared.principals).toBeGreaterThan(mostSharing)
  expect(shared.named[0]).toEqual({ principal: calls[0]!.principal, calls: 10 })
  const token = credentials[0]?.fingerprint ?? 'none'
  const expected = calls.filter(({ call }) => call.credentials.some(one => one.fingerprint === token)).length
  expect((await previewQuarantine({ kind: 'token', target: token }, store, now)).calls).toBe(expected)
  expect((await previewQuarantine(device, store, now + 86_400_000)).calls).toBe(0)
})
