import { useCallback, useEffect, useState } from 'react'

/** What was typed and not saved, and what it was made from. */
export interface Draft {
  readonly source: string
  readonly base: { readonly version: number | undefined; readonly source: string }
}

const prefix = 'sallyport-draft:'

/** A browser that keeps nothing, or has no room left, is no reason to stop somebody's typing. */
function quietly<Result>(work: () => Result): Result | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** Reads what an earlier page, or an earlier version of it, left; undefined where that is nothing or unreadable. */
export function readDraft(text: string | null | undefined): Draft | undefined {
  const value = quietly<unknown>(() => JSON.parse(text ?? 'null'))
  if (!isRecord(value) || typeof value.source !== 'string' || !isRecord(value.base)) return undefined
  const { version, source } = value.base
  if (typeof source !== 'string' || (version !== undefined && typeof version !== 'number')) return undefined
  return { source: value.source, base: { version, source } }
}

/**
 * The text that was typed under `name` in this tab and not saved: it outlives a reload, a walk to another page, and a session that
 * ends. Returns the one there was when the page opened, and how to forget it.
 * @param now the draft as it stands; undefined while nothing differs from what is stored
 */
export function useDraft(name: string): {
  readonly found: Draft | undefined
  readonly keep: (now: Draft | undefined) => void
} {
  const [found] = useState(() => readDraft(quietly(() => sessionStorage.getItem(prefix + name))))
  const keep = useCallback(
    (now: Draft | undefined): void => {
      quietly(() =>
        now === undefined
          ? sessionStorage.removeItem(prefix + name)
          : sessionStorage.setItem(prefix + name, JSON.stringify(now)),
      )
    },
    [name],
  )
  return { found, keep }
}

/** Keeps the draft as it stands whenever it changes. */
export function useKeptDraft(keep: (now: Draft | undefined) => void, now: Draft | undefined): void {
  const text = now?.source
  const version = now?.base.version
  const base = now?.base.source
  useEffect(() => {
    keep(
      text === undefined || base === undefined
        ? undefined
        : { source: text, base: { version, source: base } },
    )
  }, [keep, text, version, base])
}

/** Forgets all of them: the next person at this browser is to find none. */
export function dropDrafts(): void {
  quietly(() => {
    const names = Array.from({ length: sessionStorage.length }, (_, index) => sessionStorage.key(index))
    for (const name of names) if (name?.startsWith(prefix)) sessionStorage.removeItem(name)
  })
}
