import { useCallback, useRef } from 'react'

/** The same function on every draw, that runs the newest: for parts that are drawn again only when what they are given changes. */
export function useSteadyCall<Input>(run: (input: Input) => void): (input: Input) => void {
  const latest = useRef(run)
  latest.current = run
  return useCallback(input => latest.current(input), [])
}
