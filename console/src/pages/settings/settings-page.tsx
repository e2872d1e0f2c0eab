import { Button } from '@mantine/core'
import { LogOut } from 'lucide-react'
import { useNavigate } from 'react-router'
import { useSession, useSignOut } from '../../api/session.ts'
import { zoneName } from '../../format/time.ts'
import { KillSwitch } from '../../parts/kill-switch.tsx'
import { Page } from '../../parts/page.tsx'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { Section } from '../../parts/section.tsx'
import { ThemeSwitch } from '../../shell/theme-switch.tsx'
import { AuditSection } from './audit-section.tsx'
import { TokensSection } from './tokens-section.tsx'

export default function SettingsPage() {
  const session = useSession()
  const signOut = useSignOut()
  const navigate = useNavigate()
  const isAdmin = session.data?.role === 'admin'
  return (
    <Page
      title="Settings"
      kind="Settings"
      lead={
        session.data === undefined
          ? 'Settings.'
          : `You are signed in as ${session.data.name}, with the role ${session.data.role}.`
      }
      sub={`Times are shown in your zone, ${zoneName()}; each has its exact moment in UTC where the pointer rests on it.`}
    >
      <div className="row">
        <div style={{ width: 240 }}>
          <ThemeSwitch />
        </div>
        <Button
          variant="default"
          size="xs"
          leftSection={<LogOut size={14} />}
          loading={signOut.isPending}
          onClick={() => signOut.mutate(undefined, { onSuccess: () => navigate('/sign-in') })}
        >
          Sign out
        </Button>
      </div>
      {signOut.error !== null && <ProblemNote doing="Signing out" error={signOut.error} />}
      <KillSwitch allowed={isAdmin} />
      {isAdmin ? (
        <TokensSection />
      ) : (
        <Section title="API tokens">
          <p className="dim">Only an admin can see and make tokens.</p>
        </Section>
      )}
      <AuditSection />
    </Page>
  )
}
