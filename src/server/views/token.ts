import type { ApiToken } from '../../store/ports/state-store.ts'
import type { TokenView } from '../api/token.ts'
import { optionalStamp } from './optional.ts'
import { stamp } from './stamp.ts'

/** Without the secret: nothing keeps it. */
export const tokenViewOf = (token: ApiToken): TokenView => ({
  id: token.id,
  name: token.name,
  role: token.role,
  createdAt: stamp(token.createdAt),
  ...optionalStamp('lastUsedAt', token.lastUsedAt),
  ...optionalStamp('revokedAt', token.revokedAt),
})
