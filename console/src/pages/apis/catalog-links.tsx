import { Link } from 'react-router'
import { useReviews } from '../../api/catalog.ts'
import { count } from '../../format/number.ts'
import { wantsLook } from '../../format/reviews.ts'

/** The pages beside the list: what changed, what was read out of paths, what it is compared with. */
export function CatalogLinks() {
  const look = useReviews().data?.items.filter(wantsLook).length ?? 0
  return (
    <span className="catalog-links">
      <Link to="/apis/changes">What is new, changed or gone</Link>
      <Link to="/apis/reviews">
        How paths were read
        {look > 0 && <b>{look === 1 ? ': one wants a look' : `: ${count(look)} want a look`}</b>}
      </Link>
      <Link to="/apis/specifications">Specifications</Link>
    </span>
  )
}
