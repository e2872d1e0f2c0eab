import { Link } from 'react-router'
import type { PrincipalView } from '../../../../src/server/api/principal.ts'
import { useSignals } from '../../api/signals.ts'
import { principalName } from '../../format/names.ts'
import { callsPath } from '../../format/paths.ts'
import { principalSentence } from '../../format/principals.ts'
import { useMayAct } from '../../hooks/may-act.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Page } from '../../parts/page.tsx'
import { QuarantineList } from '../../parts/quarantine-list.tsx'
import { ReachSection } from '../../parts/reach-section.tsx'
import { Section } from '../../parts/section.tsx'
import { SignalList } from '../../parts/signal-list.tsx'
import { EndpointsUsed } from './endpoints-used.tsx'
import { HabitsSection, ObjectsSection } from './habits-section.tsx'
import { IdentitySection } from './identity-section.tsx'
import { IncidentsOf } from './incidents-of.tsx'
import { PrincipalTraffic } from './principal-traffic.tsx'
import { StopPrincipal } from './stop-principal.tsx'
import { TiesSection } from './ties-section.tsx'

export function PrincipalBody({ principal }: { readonly principal: PrincipalView }) {
  const mayAct = useMayAct()
  const signals = useSignals({ principal: principal.id })
  return (
    <Page
      title={principal.id}
      kind={
        <>
          <Link to="/principals">Principals</Link>
          <span className="mono">{principal.id}</span>
          <span>risk {principal.risk} of 100</span>
        </>
      }
      lead={principalSentence(principal)}
      sub={
        <>
          First seen <Moment at={principal.firstSeen} />, last <Moment at={principal.lastSeen} withAgo />.{' '}
          <Link to={callsPath({ principal: principal.id })}>Their calls</Link>
        </>
      }
    >
      {principal.quarantine === undefined ? (
        mayAct && <StopPrincipal principal={principal} />
      ) : (
        <QuarantineList entries={[principal.quarantine]} />
      )}
      <HabitsSection principal={principal} />
      <IdentitySection principal={principal} />
      <IncidentsOf id={principal.id} />
      <Section title="What stood out">
        <Loaded query={signals} doing="Loading what stood out">
          {page =>
            page.items.length === 0 ? (
              <p className="dim">Nothing. No detector has named this principal.</p>
            ) : (
              <SignalList signals={page.items} show="endpoint" />
            )
          }
        </Loaded>
      </Section>
      <PrincipalTraffic id={principal.id} />
      <ReachSection
        node={`principal:${principal.id}`}
        who={`Whoever acts as ${principalName(principal.id)}`}
      />
      <EndpointsUsed principal={principal} />
      <ObjectsSection principal={principal} />
      <TiesSection principal={principal} />
    </Page>
  )
}
