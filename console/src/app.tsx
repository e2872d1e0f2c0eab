import { lazy, Suspense } from 'react'
import { Route, Routes } from 'react-router'
import { PageSkeleton } from './parts/skeletons.tsx'
import { Shell } from './shell/shell.tsx'

const Overview = lazy(() => import('./pages/overview/overview-page.tsx'))
const Incidents = lazy(() => import('./pages/incidents/incidents-page.tsx'))
const Incident = lazy(() => import('./pages/incident/incident-page.tsx'))
const Apis = lazy(() => import('./pages/apis/apis-page.tsx'))
const Changes = lazy(() => import('./pages/changes/changes-page.tsx'))
const Reviews = lazy(() => import('./pages/reviews/reviews-page.tsx'))
const Specs = lazy(() => import('./pages/specs/specs-page.tsx'))
const Api = lazy(() => import('./pages/api/api-page.tsx'))
const Findings = lazy(() => import('./pages/findings/findings-page.tsx'))
const Graph = lazy(() => import('./pages/graph/graph-page.tsx'))
const DataWays = lazy(() => import('./pages/data-ways/data-ways-page.tsx'))
const Workloads = lazy(() => import('./pages/workloads/workloads-page.tsx'))
const Workload = lazy(() => import('./pages/workload/workload-page.tsx'))
const Calls = lazy(() => import('./pages/calls/calls-page.tsx'))
const Principals = lazy(() => import('./pages/principals/principals-page.tsx'))
const Principal = lazy(() => import('./pages/principal/principal-page.tsx'))
const Policies = lazy(() => import('./pages/policies/policies-page.tsx'))
const Policy = lazy(() => import('./pages/policy/policy-page.tsx'))
const NewPolicy = lazy(() => import('./pages/policy/new-policy-page.tsx'))
const Rollout = lazy(() => import('./pages/rollout/rollout-page.tsx'))
const Decisions = lazy(() => import('./pages/decisions/decisions-page.tsx'))
const Quarantine = lazy(() => import('./pages/quarantine/quarantine-page.tsx'))
const Tuning = lazy(() => import('./pages/tuning/tuning-page.tsx'))
const Detector = lazy(() => import('./pages/detector/detector-page.tsx'))
const Sensors = lazy(() => import('./pages/sensors/sensors-page.tsx'))
const Settings = lazy(() => import('./pages/settings/settings-page.tsx'))
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
          <Route path="/apis" element={<Apis />} />
          <Route path="/apis/changes" element={<Changes />} />
          <Route path="/apis/reviews" element={<Reviews />} />
          <Route path="/apis/specifications" element={<Specs />} />
          <Route path="/apis/:id" element={<Api />} />
          <Route path="/findings" element={<Findings />} />
          <Route path="/graph" element={<Graph />} />
          <Route path="/graph/data" element={<DataWays />} />
          <Route path="/workloads" element={<Workloads />} />
          <Route path="/workloads/:id" element={<Workload />} />
          <Route path="/calls" element={<Calls />} />
          <Route path="/principals" element={<Principals />} />
          <Route path="/principals/:id" element={<Principal />} />
          <Route path="/policies" element={<Policies />} />
          <Route path="/policies/new" element={<NewPolicy />} />
          <Route path="/policies/:name" element={<Policy />} />
          <Route path="/rollout" element={<Rollout />} />
          <Route path="/decisions" element={<Decisions />} />
          <Route path="/quarantine" element={<Quarantine />} />
          <Route path="/tuning" element={<Tuning />} />
          <Route path="/tuning/:id" element={<Detector />} />
          <Route path="/sensors" element={<Sensors />} />
          <Route path="/settings" element={<Settings />} />
          <Route path="*" element={<NotFound />} />
        </Route>
      </Routes>
    </Suspense>
  )
}
