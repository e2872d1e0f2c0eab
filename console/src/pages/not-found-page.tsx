import { Link } from 'react-router'
import { Page } from '../parts/page.tsx'

export default function NotFoundPage() {
  return (
    <Page title="Not found" kind="Not found" lead="There is no page at this address.">
      <p>
        Go to the <Link to="/">overview</Link>, or press <kbd>⌘K</kbd> and type what you are looking for.
      </p>
    </Page>
  )
}
