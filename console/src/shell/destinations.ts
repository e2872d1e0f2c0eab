import {
  Activity,
  Ban,
  Boxes,
  Cpu,
  Gauge,
  ListChecks,
  Radio,
  ScrollText,
  Settings,
  ShieldAlert,
  SlidersHorizontal,
  Users,
  Waypoints,
} from 'lucide-react'

/** The pages of the menu, in the order of a working day. */
export const destinations = [
  { to: '/', label: 'Overview', icon: Gauge, key: 'o' },
  { to: '/incidents', label: 'Incidents', icon: ShieldAlert, key: 'i' },
  { to: '/apis', label: 'APIs', icon: Boxes, key: 'a' },
  { to: '/findings', label: 'Findings', icon: ListChecks, key: 'f' },
  { to: '/graph', label: 'Graph', icon: Waypoints, key: 'g' },
  { to: '/workloads', label: 'Workloads', icon: Cpu, key: 'w' },
  { to: '/calls', label: 'Calls', icon: Activity, key: 'c' },
  { to: '/principals', label: 'Principals', icon: Users, key: 'u' },
  { to: '/policies', label: 'Policies', icon: ScrollText, key: 'p' },
  { to: '/quarantine', label: 'Quarantine', icon: Ban, key: 'q' },
  { to: '/tuning', label: 'Tuning', icon: SlidersHorizontal, key: 't' },
  { to: '/sensors', label: 'Sensors', icon: Radio, key: 's' },
  { to: '/settings', label: 'Settings', icon: Settings, key: ',' },
] as const
