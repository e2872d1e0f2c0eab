import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changeRecord } from '../../../test/support/change-record.ts'
import { asLines, readContent } from '../../../test/support/line-file.ts'
import type { JsonDialect, JsonPlace } from '../files/json-format.ts'
import { cloudtrailDialect } from './cloudtrail.ts'
import { gcpAuditDialect } from './gcp-audit.ts'
import { kubernetesAuditDialect } from './kubernetes-audit.ts'

const role = {
  type: 'AssumedRole',
  arn: 'arn:aws:sts::123456789012:assumed-role/orders/i-0abc',
  accountId: '123456789012',
  accessKeyId: 'hunter2',
  sessionContext: {
    sessionIssuer: { type: 'Role', arn: 'arn:aws:iam::123456789012:role/apps/orders' },
    attributes: { mfaAuthenticated: 'false' },
  },
}
const trail = (eventSource: string, eventName: string, more: object = {}) => ({
  eventVersion: '1.11',
  eventID: 'e-1',
  eventTime: '2026-01-02T03:04:05Z',
  eventSource: `${eventSource}.amazonaws.com`,
  eventName,
  awsRegion: 'eu-west-1',
  sourceIPAddress: '203.0.113.7',
  recipientAccountId: '123456789012',
  userIdentity: role,
  ...more,
})
const asOrders = { identity: 'role:arn:aws:iam::123456789012:role/apps/orders' }

const gcp = (serviceName: string, methodName: string, payload: object = {}) => ({
  insertId: 'g-1',
  timestamp: '2026-01-02T03:04:05.5Z',
  resource: { type: 'project', labels: { project_id: 'shop' } },
  protoPayload: {
    '@type': 'type.googleapis.com/google.cloud.audit.AuditLog',
    serviceName: `${serviceName}.googleapis.com`,
    methodName,
    authenticationInfo: { principalEmail: 'orders@shop.iam.gserviceaccount.com' },
    requestMetadata: { callerIp: '203.0.113.7' },
    request: { secret: 'hunter2' },
    ...payload,
  },
})
const asAccount = { identity: 'service-account:orders@shop.iam.gserviceaccount.com' }

const audit = (verb: string, objectRef: object, more: object = {}) => ({
  kind: 'Event',
  apiVersion: 'audit.k8s.io/v1',
  level: 'RequestResponse',
  auditID: 'k-1',
  stage: 'ResponseComplete',
  verb,
  user: {
    username: 'system:serviceaccount:shop:orders',
    extra: { 'authentication.kubernetes.io/pod-name': ['orders-6f5c4df7b4-q8zbc'] },
  },
  sourceIPs: ['10.0.0.5'],
  objectRef,
  responseStatus: { code: 200 },
  responseObject: { data: { password: 'hunter2' } },
  requestReceivedTimestamp: '2026-01-02T03:04:05.500000Z',
  ...more,
})

type Row = readonly [what: string, record: object, expected: readonly object[]]
const rows: readonly Row[] = [
  [
    'a role that a role takes on',
    trail('sts', 'AssumeRole', {
      requestParameters: { roleArn: 'arn:aws:iam::9:role/admin', roleSessionName: 's' },
    }),
    [
      {
        type: 'identity',
        id: 'e-1',
        time: Date.UTC(2026, 0, 2, 3, 4, 5),
        ...asOrders,
        action: 'assume',
        target: 'role:arn:aws:iam::9:role/admin',
        outcome: 'allowed',
        source: 'cloudtrail',
        address: '203.0.113.7',
        extra: { service: 'sts', session: 'i-0abc', mfa: false, account: '123456789012' },
      },
    ],
  ],
  [
    'a role that a service account of Kubernetes takes on',
    trail('sts', 'AssumeRoleWithWebIdentity', {
      userIdentity: { type: 'WebIdentityUser', userName: 'system:serviceaccount:shop:orders' },
      requestParameters: { roleArn: 'arn:aws:iam::9:role/orders' },
    }),
    [
      {
        identity: 'service-account:shop/orders',
        action: 'assume',
        target: 'role:arn:aws:iam::9:role/orders',
      },
    ],
  ],
  [
    'a role that is refused',
    trail('sts', 'AssumeRole', {
      errorCode: 'AccessDenied',
      requestParameters: { roleArn: 'arn:aws:iam::9:role/admin' },
    }),
    [{ action: 'assume', outcome: 'denied', target: 'role:arn:aws:iam::9:role/admin' }],
  ],
  [
    'a session without its issuer',
    trail('sts', 'GetSessionToken', { userIdentity: { ...role, sessionContext: undefined } }),
    [{ identity: 'role:arn:aws:iam::123456789012:role/orders', action: 'issue' }],
  ],
  [
    'a login to the console that failed',
    trail('signin', 'ConsoleLogin', {
      userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::1:user/alice' },
      responseElements: { ConsoleLogin: 'Failure' },
    }),
    [{ identity: 'user:arn:aws:iam::1:user/alice', action: 'login', outcome: 'denied' }],
  ],
  [
    'an object that is read',
    trail('s3', 'GetObject', { requestParameters: { bucketName: 'invoices', key: 'hunter2.pdf' } }),
    [
      {
        type: 'access',
        workload: {},
        ...asOrders,
        store: { system: 'aws.s3', collection: 'invoices' },
        operation: 'GetObject',
        sensor: 'cloudtrail',
      },
    ],
  ],
  [
    'an object that is refused: nothing was reached',
    trail('s3', 'GetObject', { errorCode: 'AccessDenied', requestParameters: { bucketName: 'invoices' } }),
    [
      {
        type: 'identity',
        action: 'use',
        outcome: 'denied',
        extra: { store: { system: 'aws.s3', collection: 'invoices' }, error: 'AccessDenied' },
      },
    ],
  ],
  [
    'several tables at once',
    trail('dynamodb', 'BatchGetItem', {
      requestParameters: { requestItems: { orders: { keys: ['hunter2'] }, users: {} } },
    }),
    [
      { store: { system: 'aws.dynamodb', collection: 'orders' } },
      { id: 'e-1.2', store: { collection: 'users' } },
    ],
  ],
  [
    'a secret by its ARN',
    trail('secretsmanager', 'GetSecretValue', {
      requestParameters: { secretId: 'arn:aws:secretsmanager:eu-west-1:1:secret:shop/db-AbCdEf' },
    }),
    [{ store: { system: 'aws.secretsmanager', collection: 'shop/db' } }],
  ],
  [
    'a key',
    trail('kms', 'Decrypt', {
      resources: [{ type: 'AWS::KMS::Key', ARN: 'arn:aws:kms:eu-west-1:1:key/k-7' }],
    }),
    [{ store: { system: 'aws.kms', collection: 'k-7' } }],
  ],
  [
    'parameters',
    trail('ssm', 'GetParameters', { requestParameters: { names: ['/shop/a', '/shop/b'] } }),
    [{ store: { system: 'aws.ssm', collection: '/shop/a' } }, { store: { collection: '/shop/b' } }],
  ],
  [
    'a statement through the data API, without its text',
    trail('rds-data', 'ExecuteStatement', {
      requestParameters: {
        resourceArn: 'arn:aws:rds:eu-west-1:1:cluster:orders',
        database: 'shop',
        sql: 'SELECT hunter2',
      },
    }),
    [{ store: { system: 'aws.rds', host: 'orders', namespace: 'shop' } }],
  ],
  [
    'a change of rights',
    trail('iam', 'AttachRolePolicy', {
      requestParameters: { roleName: 'orders', policyArn: 'arn:aws:iam::aws:policy/Admin' },
    }),
    [{ action: 'change', target: 'role:arn:aws:iam::123456789012:role/orders' }],
  ],
  [
    'EventBridge’s envelope',
    {
      version: '0',
      id: 'x',
      'detail-type': 'AWS API Call via CloudTrail',
      source: 'aws.s3',
      detail: trail('s3', 'PutObject', { requestParameters: { bucketName: 'b' } }),
    },
    [{ type: 'access', store: { collection: 'b' }, operation: 'PutObject' }],
  ],
  [
    'an object of Cloud Storage',
    gcp('storage', 'storage.objects.get', {
      resourceName: 'projects/_/buckets/invoices/objects/hunter2.pdf',
    }),
    [
      {
        type: 'access',
        id: 'g-1',
        time: Date.UTC(2026, 0, 2, 3, 4, 5, 500),
        ...asAccount,
        store: { system: 'gcp.storage', collection: 'invoices' },
        operation: 'get',
        extra: { project: 'shop', method: 'storage.objects.get' },
      },
    ],
  ],
  [
    'an object that is refused',
    gcp('storage', 'storage.objects.get', {
      status: { code: 7, message: 'hunter2' },
      resourceName: 'projects/_/buckets/invoices',
    }),
    [
      {
        type: 'identity',
        action: 'use',
        outcome: 'denied',
        extra: { store: { collection: 'invoices' }, error: 7 },
      },
    ],
  ],
  [
    'a secret’s version',
    gcp('secretmanager', 'google.cloud.secretmanager.v1.SecretManagerService.AccessSecretVersion', {
      resourceName: 'projects/7/secrets/db/versions/1',
    }),
    [
      {
        store: { system: 'gcp.secretmanager', namespace: '7', collection: 'db' },
        operation: 'AccessSecretVersion',
      },
    ],
  ],
  [
    'tables that a query read',
    gcp('bigquery', 'google.cloud.bigquery.v2.JobService.InsertJob', {
      metadata: {
        jobChange: {
          job: {
            jobConfig: { queryConfig: { query: 'hunter2' } },
            jobStats: {
              queryStats: {
                referencedTables: [
                  'projects/p/datasets/shop/tables/orders',
                  'projects/p/datasets/shop/tables/users',
                ],
              },
            },
          },
        },
      },
    }),
    [
      { store: { system: 'gcp.bigquery', namespace: 'shop', collection: 'orders' }, operation: 'read' },
      { store: { collection: 'users' } },
    ],
  ],
  [
    'a token for another account',
    gcp('iamcredentials', 'GenerateAccessToken', {
      resourceName: 'projects/-/serviceAccounts/admin@shop.iam.gserviceaccount.com',
    }),
    [{ action: 'assume', target: 'service-account:admin@shop.iam.gserviceaccount.com' }],
  ],
  [
    'a policy that is changed',
    gcp('cloudresourcemanager', 'SetIamPolicy', {
      serviceData: {
        policyDelta: {
          bindingDeltas: [{ action: 'ADD', role: 'roles/owner', member: 'user:mallory@example.com' }],
        },
      },
    }),
    [{ action: 'change', target: 'user:mallory@example.com' }],
  ],
  [
    'a pod through workload identity',
    gcp('storage', 'storage.objects.list', {
      authenticationInfo: { principalSubject: 'serviceAccount:shop.svc.id.goog[shop/orders]' },
      resourceName: 'projects/_/buckets/b',
    }),
    [{ identity: 'service-account:shop/orders' }],
  ],
  [
    'a secret of Kubernetes, by the pod that read it',
    audit('get', { resource: 'secrets', namespace: 'shop', name: 'db' }),
    [
      {
        type: 'access',
        id: 'k-1',
        identity: 'service-account:shop/orders',
        workload: {
          namespace: 'shop',
          name: 'orders',
          pod: 'orders-6f5c4df7b4-q8zbc',
          serviceAccount: 'orders',
        },
        store: { system: 'kubernetes.secrets', namespace: 'shop', collection: 'db' },
        operation: 'get',
      },
    ],
  ],
  [
    'a secret that is refused',
    audit('get', { resource: 'secrets', namespace: 'shop', name: 'db' }, { responseStatus: { code: 403 } }),
    [{ type: 'identity', action: 'use', outcome: 'denied', extra: { code: 403 } }],
  ],
  [
    'a token that is given out',
    audit('create', { resource: 'serviceaccounts', subresource: 'token', namespace: 'shop', name: 'admin' }),
    [{ action: 'issue', target: 'service-account:shop/admin' }],
  ],
  [
    'one who acts as another',
    audit('get', { resource: 'secrets', name: 'db' }, { impersonatedUser: { username: 'alice' } }),
    [{ type: 'identity', id: 'k-1.2', action: 'assume', target: 'user:alice' }, { type: 'access' }],
  ],
  [
    'a role that is bound',
    audit('create', { resource: 'clusterrolebindings', name: 'all' }, { user: { username: 'bob' } }),
    [{ identity: 'user:bob', action: 'change', target: 'role:all' }],
  ],
  ['a stage before the answer', audit('get', { resource: 'secrets' }, { stage: 'RequestReceived' }), []],
  ['a look at nothing of interest', audit('list', { resource: 'pods' }), []],
]

describe('cloud audit logs', () => {
  it.each(rows)('tell %s', async (_, record, expected) => {
    const { events, rejections } = await readContent(asLines(record))
    expect(rejections).toEqual([])
    expect(events).toHaveLength(expected.length)
    for (const [index, event] of events.entries()) expect(event).toMatchObject(expected[index]!)
    expect(JSON.stringify(events)).not.toContain('hunter2')
  })
  it('told all of the table', () => expect(rows).toHaveLength(28))

  const one = trail('s3', 'GetObject', { requestParameters: { bucketName: 'a' } })
  const two = trail('s3', 'GetObject', {
    eventID: 'e-2',
    eventTime: '2026-01-02T03:04:04Z',
    requestParameters: { bucketName: 'b' },
  })
  const forms: readonly (readonly [what: string, content: string | Uint8Array])[] = [
    ['a file of CloudTrail', JSON.stringify({ Records: [one, two] })],
    ['the same in gzip', gzipSync(JSON.stringify({ Records: [one, two] }))],
    ['the same printed over several lines', JSON.stringify({ Records: [one, two] }, undefined, 2)],
    ['a list', JSON.stringify([one, two], undefined, 2)],
    ['lines', asLines(one, two)],
    [
      'records one after the other',
      `${JSON.stringify(one, undefined, 2)}\n${JSON.stringify(two, undefined, 2)}`,
    ],
    ['lines that wrap records each', asLines({ Records: [one] }, { Records: [two] })],
    ['a list of Kubernetes', JSON.stringify({ kind: 'EventList', metadata: {}, items: [one, two] })],
  ]
  it.each(forms)('are read from %s, in order of time', async (_, content) => {
    const { events, rejections } = await readContent(content)
    expect([events.map(event => event.id), rejections]).toEqual([['e-2', 'e-1'], []])
  })
  it('read all forms', () => expect(forms).toHaveLength(8))

  it('lose only the record that is cut off', async () => {
    const whole = JSON.stringify({ Records: [one, two] })
    const { events, rejections } = await readContent(whole.slice(0, -40))
    expect(events.map(event => event.id)).toEqual(['e-1'])
    expect(rejections.map(({ position, reason }) => [position, reason])).toEqual([
      [2, 'The JSON of the record breaks off.'],
    ])
  })
})

describe('whatever an audit record holds', () => {
  const place: JsonPlace = { id: 'x', source: 's', label: 'l', host: 'h', fallbackTime: 7 }
  const dialects: readonly (readonly [id: string, dialect: JsonDialect])[] = [
    cloudtrailDialect,
    gcpAuditDialect,
    kubernetesAuditDialect,
  ].map(dialect => [dialect.id, dialect] as const)
  it.each(dialects)('%s neither throws nor tells without a bound', (_, dialect) => {
    const samples = rows.map(row => row[1]).filter(record => dialect.is(record as never))
    expect(samples.length).toBeGreaterThan(5)
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.array(fc.tuple(fc.nat(), fc.jsonValue()), { maxLength: 6 }),
        (sample, changes) => {
          const record = structuredClone(sample) as Record<string, unknown>
          for (const [nth, value] of changes) changeRecord(record, nth, value)
          dialect.timeOf(record)
          if (!dialect.is(record)) return
          const reading = dialect.read(record, place)
          if (typeof reading === 'string') return
          expect(reading.length).toBeLessThanOrEqual(64)
          for (const event of reading) expect(Number.isFinite(event.time)).toBe(true)
        },
      ),
      { numRuns: 400 },
    )
  })
})
