import type { JsonObject } from '../../world/http.ts'
import { prose, word } from '../../world/names.ts'
import type { Stream } from '../../world/stream.ts'
import type { Ids } from '../../world/style.ts'

export interface Product {
  readonly id: string
  readonly sku: string
  title: string
  category: string
  price: number
  stock: number
  readonly description: string
  readonly rating: number
}

export const categories = ['kitchen', 'garden', 'office', 'sports', 'toys', 'books', 'lighting'] as const

export function makeProducts(stream: Stream, ids: Ids, now: number, count: number): Map<string, Product> {
  const products = new Map<string, Product>()
  for (let index = 0; index < count; index += 1) {
    const id = ids.next(now)
    products.set(id, {
      id,
      sku: `${stream.token(3).toUpperCase()}-${stream.digits(5)}`,
      title: `${word(stream)} ${word(stream)}`,
      category: stream.pick(categories),
      price: Math.round(stream.about(30, 0.8) * 100) / 100,
      stock: stream.int(0, 400),
      description: prose(stream, stream.int(14, 40)),
      rating: Math.round(stream.between(2.5, 5) * 10) / 10,
    })
  }
  return products
}

export const productView = (product: Product): JsonObject => ({ ...product, currency: 'EUR' })

export const productRow = ({ id, title, price, category, rating, stock }: Product): JsonObject => ({
  id,
  title,
  price,
  currency: 'EUR',
  category,
  rating,
  available: stock > 0,
})
