import { Suspense, useState } from 'react'
import { Navigate, Outlet, useLocation } from 'react-router'
import { useLive } from '../api/live.ts'
import { useOverview } from '../api/overview.ts'
import { ApiProblem } from '../api/problem.ts'
import { useSession } from '../api/session.ts'
import { useScrollToTop } from '../hooks/scroll.ts'
import { PageBoundary } from '../parts/page-boundary.tsx'
import { ProblemNote } from '../parts/problem-note.tsx'
import { PageSkeleton } from '../parts/skeletons.tsx'
import { Banners } from './banners.tsx'
import { Keys } from './keys.tsx'
import { Side } from './side.tsx'
import { Tabs } from './tabs.tsx'

/** The frame around every page but the sign-in: menu, live feed, shortcuts, banners. */
export function Shell() {
  const session = useSession()
  const location = useLocation()
  const [paletteOpen, setPaletteOpen] = useState(false)
  const live = useLive(session.isSuccess)
  const overview = useOverview()
  useScrollToTop()
  if (session.error instanceof ApiProblem && session.error.status === 401) {
    const next = location.pathname + location.search
    return (
      <Navigate
        to={`/sign-in?next=${encodeURIComponent(next)}`}
        replace
        state={{ ended: session.data !== undefined }}
      />
    )
  }
  const openIncidents = overview.data?.openIncidents ?? 0
  return (
    <div className="shell">
      <a className="skip-link" href="#main">
        Skip to the page
      </a>
      <Side live={live} openIncidents={openIncidents} onSearch={() => setPaletteOpen(true)} />
      <main className="main" id="main">
        <Banners demo={overview.data?.demo === true} />
        {session.isPending ? (
          <PageSkeleton />
        ) : session.data === undefined && session.error !== null ? (
          <ProblemNote doing="Opening your session" error={session.error} onRetry={() => session.refetch()} />
        ) : (
          <PageBoundary key={location.pathname}>
            <Suspense fallback={<PageSkeleton />}>
              <Outlet />
            </Suspense>
          </PageBoundary>
        )}
      </main>
      <Tabs openIncidents={openIncidents} onMore={() => setPaletteOpen(true)} />
      <Keys paletteOpen={paletteOpen} setPaletteOpen={setPaletteOpen} />
    </div>
  )
}
