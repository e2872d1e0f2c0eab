import { Component, type ReactNode } from 'react'
import { ProblemNote } from './problem-note.tsx'

/** A page that breaks says so and leaves the menu usable. */
export class PageBoundary extends Component<
  { readonly children: ReactNode },
  { readonly error: Error | null }
> {
  override state: { readonly error: Error | null } = { error: null }

  static getDerivedStateFromError(error: unknown): { readonly error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) }
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children
    return (
      <ProblemNote
        doing="Showing this page"
        error={this.state.error}
        onRetry={() => this.setState({ error: null })}
      />
    )
  }
}
