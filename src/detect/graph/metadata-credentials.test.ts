import { describe, expect, it } from 'vitest'
import type { Incident } from '../incident.ts'
import { play } from './play.ts'
import { type SceneStep, scene } from './scene.ts'

const history = `store s3://backups/people holds us-ssn
shop/importer calls shop/catalog
nightly/backup reads s3://backups/people as=role:arn:aws:iam::1:role/ops/backup rows=500
wait 8d
shop/importer calls shop/catalog`

/** A call of the importer's to the metadata service, at this path. */
function asks(path: string, status: number, time: number): SceneStep {
  const [step] = scene('shop/importer calls shop/catalog')
  if (step?.kind !== 'call') throw new Error('no call')
  const { call } = step.traffic
  const request = { ...call.request, path, target: path }
  return {
    kind: 'call',
    traffic: {
      ...step.traffic,
      call: {
        ...call,
        time,
        destination: { host: '169.254.169.254' },
        request,
        response: { status, headers: [], content: { kind: 'empty' }, bodySize: 0, bodyTruncated: false },
      },
    },
  }
}

function told(path: string, status: number, role: string): readonly Incident[] {
  const before = scene(history)
  const last = before.at(-1)
  const time = (last?.kind === 'call' ? last.traffic.call.time : 0) + 5_000
  const [read] = scene(`cloud/unknown reads s3://backups/people as=${role} rows=9000`)
  if (read?.kind !== 'event' || read.event.type !== 'access') throw new Error('no access')
  // An audit log knows the identity and no workload.
  const taken: SceneStep = { kind: 'event', event: { ...read.event, time: time + 2_000, workload: {} } }
  return play([...before, asks(path, status, time), taken]).detection.incidents()
}

const credentials = '/latest/meta-data/iam/security-credentials/backup'
const arn = 'role:arn:aws:iam::1:role/ops/backup'

describe('credentials that the metadata service gives out', () => {
  it('tie what their role then reads, under whatever name, to the workload that was given them', () => {
    const [incident, ...others] = told(credentials, 200, arn)
    expect(others).toEqual([])
    expect(incident?.path?.map(({ node }) => node)).toEqual([
      'workload:shop/importer',
      'host:169.254.169.254',
      `identity:${arn}`,
      's3://backups/people'.replace(/^/, 'store:'),
    ])
    expect(incident?.dataClasses).toEqual(['us-ssn'])
  })

  it.each([
    ['of another role', '/latest/meta-data/iam/security-credentials/web', 200, arn],
    ['that were refused', credentials, 401, arn],
    ['that are not there', credentials, 404, arn],
    ['when only their names were asked for', '/latest/meta-data/iam/security-credentials/', 200, arn],
    ['when something else was asked for', '/latest/meta-data/placement/region', 200, arn],
  ])('tie nothing: %s', (_what, path, status, role) => {
    expect(told(path, status, role)).toEqual([])
  })
})
