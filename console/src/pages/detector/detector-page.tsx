import { useParams } from 'react-router'
import { useDetector } from '../../api/detectors.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { PageSkeleton } from '../../parts/skeletons.tsx'
import { DetectorBody } from './detector-body.tsx'
import './detector.css'

export default function DetectorPage() {
  const { id = '' } = useParams()
  const detector = useDetector(id)
  return (
    <Loaded query={detector} doing="Loading the detector" skeleton={<PageSkeleton />}>
      {view => <DetectorBody key={view.id} detector={view} />}
    </Loaded>
  )
}
