import { useMutation } from '@tanstack/react-query'
import type { VisitView } from '../../../src/server/api/visit.ts'
import { send } from './client.ts'

/** Notes that the reader has looked at a page; the answer says when they were there before. */
export const useNoteVisit = (page: string) =>
  useMutation({ mutationFn: () => send<VisitView>('POST', '/visits', { body: { page } }) })
