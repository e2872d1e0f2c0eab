import { z } from 'zod'

// What fields of answers are made of.

export const text = z.string()
export const texts = z.array(z.string())
export const count = z.number().min(0)
export const time = z.string().describe('RFC 3339')
/** A time, said in the terms of JSON Schema, as answers about policies do. */
export const dateTime = z.string().meta({ format: 'date-time' })
export const role = z.enum(['viewer', 'analyst', 'admin'])
export const facts = z.record(z.string(), z.unknown())
