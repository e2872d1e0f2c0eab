import { Button } from '@mantine/core'
import { useRevokeToken, useTokens } from '../../api/control.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { Moment } from '../../parts/moment.tsx'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { Section } from '../../parts/section.tsx'
import { NewToken } from './new-token.tsx'

export function TokensSection() {
  const tokens = useTokens()
  const revoke = useRevokeToken()
  return (
    <Section title="API tokens" note="For scripts and pipelines. Each is shown once and stored as a hash.">
      {revoke.error !== null && <ProblemNote doing="Revoking the token" error={revoke.error} />}
      <Loaded query={tokens} doing="Loading the tokens">
        {page =>
          page.items.length === 0 ? (
            <p className="dim">There are no tokens yet.</p>
          ) : (
            <table className="table cards">
              <thead>
                <tr>
                  <th>Name</th>
                  <th>Role</th>
                  <th>Made</th>
                  <th>Last used</th>
                  <th />
                </tr>
              </thead>
              <tbody>
                {page.items.map(token => (
                  <tr key={token.id}>
                    <td data-label="">
                      <b>{token.name}</b>
                    </td>
                    <td data-label="Role">{token.role}</td>
                    <td data-label="Made">
                      <Moment at={token.createdAt} />
                    </td>
                    <td data-label="Last used">
                      {token.lastUsedAt === undefined ? (
                        <span className="dim">never</span>
                      ) : (
                        <Moment at={token.lastUsedAt} />
                      )}
                    </td>
                    <td data-label="" className="num">
                      {token.revokedAt === undefined ? (
                        <Button
                          size="compact-xs"
                          variant="default"
                          loading={revoke.isPending && revoke.variables === token.id}
                          onClick={() => revoke.mutate(token.id)}
                        >
                          Revoke
                        </Button>
                      ) : (
                        <span className="dim">
                          revoked <Moment at={token.revokedAt} />
                        </span>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Loaded>
      <NewToken />
    </Section>
  )
}
