import { useMutation } from '@tanstack/react-query'
import { send } from './client.ts'
import type { VisitView } from './types.ts'

/** Notes that the reader has looked at a page; the answer says when they were there before. */
export const useNoteVisit = (page: string) =>
  useMutation({ mutationFn: () => send<VisitView>('POST', '/visits', { body: { page } }) })
