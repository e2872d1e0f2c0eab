import { Link } from 'react-router'
import { Empty } from '../../parts/empty.tsx'

export function NoGraph() {
  return (
    <Empty title="The graph is empty.">
      <p>
        It grows by itself from calls: who calls which endpoint, what answers, and what data that carries.
        Traces, Kubernetes and audit logs add workloads, stores, identities and what is granted.{' '}
        <Link to="/sensors">Connect a sensor</Link> to begin.
      </p>
    </Empty>
  )
}
