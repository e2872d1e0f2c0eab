import { nodeRole, receiptsHost } from '../cloud.ts'
import { outboundTo } from '../outbound.ts'
import { podOf } from '../pod.ts'
import { StoryClient } from './client.ts'
import { type Estate, productionHost, stagingHost } from './estate.ts'
import { falcoAlert } from './falco.ts'

const customers = ['alice', 'milan', 'anton', 'ugo', 'elena', 'bruno']

/**
 * A day of the estate, in short: customers look at their orders and invoices, some set an image of themselves, the partner's job settles in
 * both environments, the machine backs receipts up, a probe runs its shell.
 * @param target Base URL of the API, usually the gateway's.
 */
export async function workADay(estate: Estate, target: string): Promise<void> {
  for (const [index, username] of customers.entries()) {
    const client = new StoryClient(target, productionHost, `203.0.113.${20 + index}`)
    await client.signIn(estate.production.users, username)
    const { items } = (await client.get('/orders')) as { readonly items: readonly { readonly id: number }[] }
    for (const { id } of items.slice(0, 2)) {
      await client.get(`/orders/${id}`)
      await client.get(`/orders/${id}/invoice`)
      await client.get(`/orders/${id}/receipt`)
    }
    for (const path of ['/customers/me', '/payments', '/products?page=1']) await client.get(path)
    if (index < 2)
      await client.post('/customers/me/avatar', { image: `http://images.supplier.example/${username}.svg` })
  }
  const staff = new StoryClient(target, stagingHost, '192.0.2.210')
  await staff.signIn(estate.staging.users, 'alice')
  for (const path of ['/orders', '/customers/me', '/payments', '/products?page=1']) await staff.get(path)
  await settle(target, productionHost, estate.keys.production, '192.0.2.71')
  await settle(target, stagingHost, estate.keys.staging, '192.0.2.72')
  await backUp(estate)
  await probe(estate)
}

/** The partner's nightly job: a page of settlements, with its key. */
export async function settle(
  target: string,
  host: string,
  key: string,
  ip: string,
  to = 1_009,
): Promise<number> {
  const client = new StoryClient(target, host, ip, 'partner-sync/2.3')
  client.apiKey = key
  const { items } = (await client.get(`/settlements?from=1000&to=${to}`)) as {
    readonly items: readonly unknown[]
  }
  return items.length
}

/** The machine's agent looks whether the archive is there, with the machine's role. */
async function backUp({ cloud }: Estate): Promise<void> {
  await outboundTo(cloud.standIns)(`http://${receiptsHost}/`, {
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=${cloud.keys[nodeRole]}/s3/aws4_request` },
  })
}

/** What the runtime sensor tells of every day: the shell of a readiness probe. */
async function probe({ collectors }: Estate): Promise<void> {
  if (collectors === undefined) return
  await falcoAlert(collectors.runtime, {
    namespace: 'shop',
    pod: podOf('orders', '1.0.0'),
    rule: 'Shell spawned by a probe',
    fields: {
      'evt.type': 'execve',
      'proc.exepath': '/bin/sh',
      'proc.cmdline': 'sh -c ready',
      'proc.pname': 'runc',
    },
  })
}
