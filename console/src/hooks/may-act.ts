import { useSession } from '../api/session.ts'

/** Whether the reader's role may act on incidents, quarantine and policies. The server decides; this only saves a refusal. */
export function useMayAct(): boolean {
  const role = useSession().data?.role
  return role === 'analyst' || role === 'admin'
}
