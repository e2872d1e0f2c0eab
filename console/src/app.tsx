import { lazy, Suspense } from 'react'
import { Route, Routes } from 'react-router'
import { PageSkeleton } from './parts/skeletons.tsx'
import { Shell } from './shell/shell.tsx'

const Overview = lazy(() => import('./pages/overview/overview-page.tsx'))
const Incidents = lazy(() => import('./pages/incidents/incidents-page.tsx'))
const Incident = lazy(() => import('./pages/incident/incident-page.tsx'))
const SignIn = lazy(() => import('./pages/sign-in/sign-in-page.tsx'))
const NotFound = lazy(() => import('./pages/not-found-page.tsx'))

export function App() {
  return (
    <Suspense fallback={<PageSkeleton />}>
      <Routes>
        <Route path="/sign-in" element={<SignIn />} />
        <Route element={<Shell />}>
          <Route index element={<Overview />} />
          <Route path="/incidents" element={<Incidents />} />
          <Route path="/incidents/:id" element={<Incident />} />
          <Route path="*" element={<NotFound />} />
        </Route>
      </Routes>
    </Suspense>
  )
}
