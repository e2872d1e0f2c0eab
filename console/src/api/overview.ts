import { useQuery } from '@tanstack/react-query'
import type { OverviewView } from '../../../src/server/api/overview.ts'
import type { SensorView } from '../../../src/server/api/sensor.ts'
import type { StatsView } from '../../../src/server/api/stats.ts'
import { get } from './client.ts'

export const useOverview = () =>
  useQuery({
    queryKey: ['overview'],
    queryFn: ({ signal }) => get<OverviewView>('/overview', signal),
    refetchInterval: 30_000,
  })

/** @param everyMs How often it is asked while somebody waits for a change. */
export const useSensors = (everyMs = 10_000) =>
  useQuery({
    queryKey: ['sensors'],
    queryFn: ({ signal }) => get<{ items: readonly SensorView[] }>('/sensors', signal),
    refetchInterval: everyMs,
  })

/** Written by the live feed alone; undefined until its first second. */
export const useStats = () =>
  useQuery<StatsView | null>({
    queryKey: ['stats'],
    queryFn: () => null,
    staleTime: Number.POSITIVE_INFINITY,
  })
