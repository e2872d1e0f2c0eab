import { execFile } from 'node:child_process'
import { request as httpRequest } from 'node:http'
import { promisify } from 'node:util'
import { outboundTo } from './outbound.ts'
import type { ServiceOrder } from './service.ts'

/** What somebody does who runs programs within a service. */
export interface Intrusion {
  readonly namespace: string
  readonly pod: string
  /** Service account whose token is asked for with the pod's own. */
  readonly account: string
  /** What is called with it. */
  readonly url: string
}

/** What came of it: the shell's pid and words, and the number of bytes that were given out. */
export interface Intruded {
  readonly shellPid: number
  readonly said: string
  readonly status: number
  readonly bytes: number
}

/** A real shell, a real token request, a real call: all by the process of the service. */
export async function intrude(order: ServiceOrder, intrusion: Intrusion): Promise<Intruded> {
  const shell = promisify(execFile)('/bin/sh', ['-c', 'echo in'])
  const { stdout } = await shell
  const { namespace, pod, account, url } = intrusion
  const granted = await outboundTo(order.standIns)(
    `http://kubernetes.default.svc/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`,
    {
      method: 'POST',
      headers: {
        'x-remote-user': `system:serviceaccount:${namespace}:${order.service}`,
        'x-remote-pod': pod,
      },
    },
  )
  const { status: grant } = JSON.parse(granted.text) as { readonly status: { readonly token: string } }
  const { status, bytes } = await fetchWith(url, {
    authorization: `Bearer ${grant.token}`,
    'x-internal-token': order.internalToken,
  })
  return { shellPid: shell.child.pid ?? 0, said: stdout.trim(), status, bytes }
}

const fetchWith = (
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly bytes: number }> =>
  new Promise((resolve, reject) => {
    const outgoing = httpRequest(url, { headers }, async response => {
      let bytes = 0
      for await (const chunk of response as AsyncIterable<Buffer>) bytes += chunk.length
      resolve({ status: response.statusCode ?? 0, bytes })
    })
    outgoing.once('error', reject)
    outgoing.end()
  })
