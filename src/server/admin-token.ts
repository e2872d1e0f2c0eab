import { randomUUID } from 'node:crypto'
import type { Clock } from '../kit/clock.ts'
import { SallyportError } from '../kit/error.ts'
import type { StateStore } from '../store/ports/state-store.ts'
import { hashSecret, newSecret } from './auth/secret.ts'

const environmentName = 'environment'
const shortestToken = 8

/**
 * Sees to it that somebody can administer this installation. With `SALLYPORT_TOKEN` in `env` that is the admin token,
 * and an earlier one from the environment ends. Otherwise, where no admin token is in force, one is created and given
 * back: the only time it is seen.
 * @throws SallyportError `config/invalid` when the variable holds a revoked or too short token.
 */
export async function ensureAdminToken(
  state: StateStore,
  clock: Clock,
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly token?: string; readonly created: boolean }> {
  const given = env.SALLYPORT_TOKEN
  if (given !== undefined && given !== '') {
    await adoptToken(state, clock, given)
    return { created: false }
  }
  const tokens = await state.tokens()
  if (tokens.some(token => token.role === 'admin' && token.revokedAt === undefined)) return { created: false }
  const token = newSecret('sp_')
  await putAdminToken(state, clock, 'first', token)
  return { token, created: true }
}

async function adoptToken(state: StateStore, clock: Clock, token: string): Promise<void> {
  if (token.length < shortestToken) {
    throw new SallyportError('config/invalid', `A token has at least ${shortestToken} characters.`, {
      where: 'SALLYPORT_TOKEN',
      mend: 'Set it to a long random string, e.g. from `openssl rand -hex 32`.',
    })
  }
  const hash = hashSecret(token)
  const tokens = await state.tokens()
  const known = tokens.find(candidate => candidate.hash === hash)
  if (known?.revokedAt !== undefined) {
    throw new SallyportError('config/invalid', 'The token in the environment has been revoked.', {
      where: 'SALLYPORT_TOKEN',
      mend: 'Set another one, or unset it to use the tokens already made.',
    })
  }
  for (const earlier of tokens) {
    if (earlier.name !== environmentName || earlier.hash === hash || earlier.revokedAt !== undefined) continue
    const now = clock.now()
    await state.revokeToken(earlier.id, now)
    await state.audit({
      time: now,
      actor: 'system',
      action: 'token.revoke',
      target: earlier.id,
      detail: { name: environmentName, why: 'The environment names another token.' },
    })
  }
  if (known === undefined) await putAdminToken(state, clock, environmentName, token)
}

async function putAdminToken(state: StateStore, clock: Clock, name: string, token: string): Promise<void> {
  const id = randomUUID()
  const now = clock.now()
  await state.putToken({ id, name, role: 'admin', hash: hashSecret(token), createdAt: now })
  await state.audit({
    time: now,
    actor: 'system',
    action: 'token.create',
    target: id,
    detail: { name, role: 'admin' },
  })
}
