import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { AuditView } from '../../../src/server/api/audit.ts'
import type { BypassView } from '../../../src/server/api/bypass.ts'
import type { PageView } from '../../../src/server/api/page.ts'
import type { QuarantinePreviewView, QuarantineView } from '../../../src/server/api/quarantine.ts'
import type { TokenView } from '../../../src/server/api/token.ts'
import { get, queryString, send } from './client.ts'

export const useQuarantine = (all: boolean) =>
  useQuery({
    queryKey: ['quarantine', all],
    queryFn: ({ signal }) =>
      get<PageView<QuarantineView>>(
        `/quarantine${queryString({ all: all ? 'true' : undefined, limit: 200 })}`,
        signal,
      ),
  })

export const useAudit = () =>
  useQuery({
    queryKey: ['audit'],
    queryFn: ({ signal }) => get<PageView<AuditView>>(`/audit${queryString({ limit: 200 })}`, signal),
  })

export const useTokens = () =>
  useQuery({
    queryKey: ['tokens'],
    queryFn: ({ signal }) => get<PageView<TokenView>>('/tokens', signal),
  })

export const useBypass = () =>
  useQuery({
    queryKey: ['bypass'],
    queryFn: ({ signal }) => get<BypassView>('/bypass', signal),
  })

function useChange<Input, Answer>(run: (input: Input) => Promise<Answer>, keys: readonly string[]) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: run,
    onSettled: () => Promise.all([...keys, 'audit'].map(key => cache.invalidateQueries({ queryKey: [key] }))),
  })
}

export const useSetBypass = () =>
  useChange((on: boolean) => send<BypassView>('PUT', '/bypass', { body: { on } }), ['bypass'])

export const useCreateToken = () =>
  useChange(
    (token: Pick<TokenView, 'name' | 'role'>) => send<TokenView>('POST', '/tokens', { body: token }),
    ['tokens'],
  )

export const useRevokeToken = () =>
  useChange((id: string) => send<void>('DELETE', `/tokens/${encodeURIComponent(id)}`), ['tokens'])

export const useQuarantineSomeone = () =>
  useChange(
    (entry: Pick<QuarantineView, 'kind' | 'target' | 'reason'> & { readonly ttlSeconds: number }) =>
      send<QuarantineView>('POST', '/quarantine', { body: entry }),
    ['quarantine', 'principals', 'incidents', 'overview'],
  )

/** Whom an entry would have touched in the last day. */
export const useQuarantinePreview = (
  { kind, target }: Pick<QuarantineView, 'kind' | 'target'>,
  enabled: boolean,
) =>
  useQuery({
    queryKey: ['quarantine-preview', kind, target],
    queryFn: ({ signal }) =>
      send<QuarantinePreviewView>('POST', '/quarantine/preview', { body: { kind, target }, signal }),
    enabled,
    staleTime: 60_000,
  })

/** Keeps somebody out for so long from now on. */
export const useExtendQuarantine = () =>
  useChange(
    ({ id, ttlSeconds }: { readonly id: string; readonly ttlSeconds: number }) =>
      send<QuarantineView>('POST', `/quarantine/${encodeURIComponent(id)}/extend`, { body: { ttlSeconds } }),
    ['quarantine', 'principals', 'incidents', 'overview'],
  )
