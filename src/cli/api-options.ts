import type { Command } from 'commander'
import { SallyportError } from '../kit/error.ts'
import { ApiClient } from '../server/client.ts'
import type { Io } from './io.ts'

export interface ApiOptions {
  readonly url: string
  readonly token?: string
}

/** Adds `--url` and `--token`, which say which running Sallyport is meant. */
export function withApi(command: Command, io: Io): Command {
  return command
    .option('--url <url>', 'the running Sallyport', io.environment.SALLYPORT_URL ?? 'http://127.0.0.1:4600')
    .option(
      '--token <token>',
      'API token; SALLYPORT_TOKEN in the environment is better, it stays out of the history',
    )
}

/** @throws SallyportError `auth/missing` when there is no token to speak with. */
export function apiClient(io: Io, options: ApiOptions): ApiClient {
  const token = options.token ?? io.environment.SALLYPORT_TOKEN
  if (token === undefined || token === '') {
    throw new SallyportError('auth/missing', 'An API token is needed to ask a running Sallyport.', {
      where: options.url,
      mend: 'export SALLYPORT_TOKEN=… (printed at the first start, or made with `sallyport token create`).',
    })
  }
  return new ApiClient({ url: options.url, token })
}

/** Every page of a list, up to `limit` items. */
export async function everyPage<Item>(
  read: (
    cursor: string | undefined,
  ) => Promise<{ readonly items: readonly Item[]; readonly cursor?: string }>,
  limit: number,
): Promise<readonly Item[]> {
  const items: Item[] = []
  let cursor: string | undefined
  do {
    const page = await read(cursor)
    items.push(...page.items)
    cursor = page.cursor
  } while (cursor !== undefined && items.length < limit)
  return items.slice(0, limit)
}

/** The filters, and where the page begins. */
export function withCursor(filters: URLSearchParams, cursor: string | undefined): URLSearchParams {
  const query = new URLSearchParams(filters)
  if (cursor !== undefined) query.set('cursor', cursor)
  return query
}
