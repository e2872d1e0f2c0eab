import { z } from 'zod'
import type { PageView } from '../api/page.ts'

/** Every shape the API answers with, by the name it has in the OpenAPI document. */
export const answers = z.registry<{ readonly id: string }>()

export function answer<Schema extends z.ZodType>(id: string, schema: Schema): Schema {
  answers.add(schema, { id })
  return schema
}

/** A page of something, registered under its own name. */
export function pageOf<Item>(id: string, item: z.ZodType<Item>): z.ZodType<PageView<Item>> {
  return answer(id, z.object({ items: z.array(item), cursor: z.string().exactOptional() }))
}
