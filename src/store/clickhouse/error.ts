import { ClickHouseError } from '@clickhouse/client'
import { SallyportError } from '../../kit/error.ts'

// ClickHouse's ErrorCodes.cpp. Only those with a meaning of their own here.
const notEnoughSpace = '243'
const tooBusy = new Set(['159', '202', '241', '252', '394', '439'])
const refusedUs = new Set(['192', '193', '194', '497', '516'])
const damaged = new Set(['33', '40', '228', '271', '432'])

/** What `@clickhouse/client` rejected with, as the error the outside sees. `url` says where and holds no credential. */
export function fromClickHouse(thrown: unknown, url: string): SallyportError {
  if (thrown instanceof SallyportError) return thrown
  const detail = { where: url, cause: thrown }
  const code = thrown instanceof ClickHouseError ? thrown.code : undefined
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  if (code === notEnoughSpace || message.includes('No space left on device')) {
    return new SallyportError('store/full', 'The disk that holds the calls is full.', {
      ...detail,
      mend: 'Free space on that disk, or keep calls for a shorter time; what was not acknowledged is tried again.',
    })
  }
  if (code === undefined) {
    return new SallyportError('store/unavailable', 'The call store does not answer.', {
      ...detail,
      mend: 'It is started again by itself when it runs inside Sallyport; check the address of a ClickHouse server.',
    })
  }
  if (tooBusy.has(code)) {
    return new SallyportError(
      'store/unavailable',
      'The call store has no time or memory left for this question.',
      {
        ...detail,
        mend: 'Ask for a shorter range of time, or try again later.',
      },
    )
  }
  if (refusedUs.has(code)) {
    return new SallyportError('store/unavailable', 'The call store refuses the user Sallyport signs in as.', {
      ...detail,
      mend: 'Check the user name, the password and the rights of that user.',
    })
  }
  if (damaged.has(code)) {
    return new SallyportError('store/corrupt', 'A part of the call store cannot be read: it is damaged.', {
      ...detail,
      mend: 'Restore the directory of the calls from a backup, or move it away to begin anew.',
    })
  }
  return SallyportError.from(thrown)
}
