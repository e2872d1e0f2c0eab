/**
 * The stand-in of a cloud beside the shop, on loopback: instance metadata, object storage, an API server that gives out tokens of service
 * accounts, a supplier's images. What is done with them stands in audit records as a provider writes them, posted to whom the parent names.
 */
import { createHmac, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import { account, nodeRole, type Role, receiptsBucket, receiptsRole, region } from './cloud.ts'

/** What the parent says first. */
export interface CloudOrder {
  /** Access keys by role: those of the metadata service, and those that services are started with. */
  readonly keys: Readonly<Record<Role, string>>
  /** What tokens of service accounts are signed with. */
  readonly secret: string
}

interface Reply {
  readonly status: number
  readonly text: string
}

const largestObject = 16 * 1024
const mostObjects = 5_000

process.once('disconnect', () => process.exit(0))
process.on('SIGINT', () => {})
process.once('message', received => serve(received as CloudOrder))

function serve({ keys, secret }: CloudOrder): void {
  const objects = new Map<string, string>()
  const posting = new Set<Promise<unknown>>()
  let audit: string | undefined
  process.on('message', message => {
    const { auditTo, flush } = message as { auditTo?: string; flush?: true }
    if (auditTo !== undefined) audit = auditTo
    if (flush === true)
      void Promise.allSettled(posting).then(() => {
        process.send?.({ flushed: true })
      })
  })
  const write = (path: string, record: unknown): void => {
    if (audit === undefined) return
    const post = fetch(`${audit}${path}`, { method: 'POST', body: JSON.stringify(record) })
      .then(answer => answer.text())
      .catch(() => {})
      .finally(() => posting.delete(post))
    posting.add(post)
  }

  /** CloudTrail's record of a request by a role's session; it knows seconds. */
  const objectRecord = (role: Role, asked: IncomingMessage, eventName: string, key: string): unknown => ({
    eventVersion: '1.09',
    eventID: randomUUID(),
    eventTime: `${new Date().toISOString().slice(0, 19)}Z`,
    eventSource: 's3.amazonaws.com',
    eventName,
    awsRegion: region,
    sourceIPAddress: asked.headers['x-forwarded-for'] ?? '10.0.0.12',
    userAgent: asked.headers['user-agent'] ?? 'aws-sdk',
    recipientAccountId: account,
    readOnly: eventName === 'GetObject',
    userIdentity: {
      type: 'AssumedRole',
      arn: `arn:aws:sts::${account}:assumed-role/${role}/${role === nodeRole ? 'i-0f3a9c2b7d4e81' : role}`,
      accountId: account,
      sessionContext: {
        sessionIssuer: { type: 'Role', arn: `arn:aws:iam::${account}:role/${role}`, userName: role },
      },
    },
    requestParameters: { bucketName: receiptsBucket, key },
  })

  const metadata = (path: string): Reply => {
    const credentials = '/latest/meta-data/iam/security-credentials/'
    if (path === credentials) return { status: 200, text: nodeRole }
    if (path !== `${credentials}${nodeRole}`) return { status: 404, text: 'not found' }
    return {
      status: 200,
      text: JSON.stringify({
        Code: 'Success',
        Type: 'AWS-HMAC',
        AccessKeyId: keys[nodeRole],
        Token: randomUUID(),
        Expiration: new Date(Date.now() + 3_600_000).toISOString(),
      }),
    }
  }

  const storage = async (asked: IncomingMessage, path: string): Promise<Reply> => {
    const key = /Credential=([A-Z0-9]{8,32})\//.exec(asked.headers.authorization ?? '')?.[1]
    const role = ([nodeRole, receiptsRole] as const).find(one => keys[one] === key)
    if (role === undefined) return { status: 403, text: 'AccessDenied' }
    if (asked.method === 'PUT') {
      const text = await bodyOf(asked)
      if (objects.size < mostObjects) objects.set(path, text)
      write('/cloudtrail', objectRecord(role, asked, 'PutObject', path.slice(1)))
      return { status: 200, text: '' }
    }
    const object = objects.get(path)
    if (path === '/') {
      write('/cloudtrail', objectRecord(role, asked, 'ListObjects', ''))
      return { status: 200, text: JSON.stringify([...objects.keys()].slice(0, 1_000)) }
    }
    if (object === undefined) return { status: 404, text: 'NoSuchKey' }
    write('/cloudtrail', objectRecord(role, asked, 'GetObject', path.slice(1)))
    return { status: 200, text: object }
  }

  /** The API server's TokenRequest, and what its audit log says of it. */
  const tokenRequest = (asked: IncomingMessage, namespace: string, name: string): Reply => {
    const [user, pod] = [asked.headers['x-remote-user'], asked.headers['x-remote-pod']].map(String)
    write('/kubernetes-audit', {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'Metadata',
      auditID: randomUUID(),
      stage: 'ResponseComplete',
      requestURI: asked.url,
      verb: 'create',
      user: { username: user, extra: { 'authentication.kubernetes.io/pod-name': [pod] } },
      sourceIPs: ['10.0.0.12'],
      objectRef: { resource: 'serviceaccounts', subresource: 'token', namespace, name, apiVersion: 'v1' },
      responseStatus: { code: 201 },
      requestReceivedTimestamp: new Date().toISOString(),
    })
    const token = signed({ sub: `system:serviceaccount:${namespace}:${name}`, iss: 'kubernetes' }, secret)
    return { status: 201, text: JSON.stringify({ status: { token } }) }
  }

  const answer = (asked: IncomingMessage): Reply | Promise<Reply> => {
    const host = (asked.headers.host ?? '').replace(/:\d{1,5}$/, '')
    const path = (asked.url ?? '/').split('?', 1)[0] ?? '/'
    if (host === '169.254.169.254') return metadata(path)
    if (host.startsWith(`${receiptsBucket}.s3.`)) return storage(asked, path)
    const [, namespace, name] =
      /^\/api\/v1\/namespaces\/([a-z-]{1,63})\/serviceaccounts\/([a-z-]{1,63})\/token$/.exec(path) ?? []
    if (namespace !== undefined && name !== undefined) return tokenRequest(asked, namespace, name)
    return { status: 200, text: '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>' }
  }

  const server = createServer((asked, response) => {
    void Promise.resolve(answer(asked)).then(({ status, text }) => {
      response.statusCode = status
      response.end(text)
    })
  })
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    process.send?.({ port: typeof address === 'object' && address !== null ? address.port : 0 })
  })
}

async function bodyOf(asked: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of asked.setEncoding('utf8') as AsyncIterable<string>)
    if (text.length < largestObject) text += chunk
  return text
}

function signed(claims: unknown, secret: string): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const content = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`
}
