import { expect, test } from 'vitest'
import { storedCall } from '../../test/support/sample-server.ts'
import { decisionWhy } from './decision-why.ts'

const source = `apiVersion: sallyport/v1alpha1
kind: ApiPolicy
metadata: { name: late-readers }
spec:
  when: response.status < 300.0 && request.method == "GET" && identity.name == "mallory" && request.headers["x-a"] != "b"
  action: { type: block, status: 403 }
  reason: No.
`

test('says what a condition read of a call, and shows no headers', async () => {
  const said = await decisionWhy(source, { policy: 'late-readers', phase: 'response' }, storedCall(1), {
    snapshot: undefined,
  })
  expect(said.condition).toContain('response.status < 300.0')
  expect(said.facts).toEqual([
    { name: 'identity.name', value: '"mallory"' },
    { name: 'request.headers', value: 'see the call' },
    { name: 'request.method', value: '"GET"' },
    { name: 'response.status', value: '200' },
  ])
})

test('knows nothing of a policy that the text does not hold', async () => {
  const said = await decisionWhy(source, { policy: 'another', phase: 'request' }, storedCall(1), {
    snapshot: undefined,
  })
  expect(said).toEqual({ facts: [] })
})
