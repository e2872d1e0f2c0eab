import type { Partner } from '../../world/client.ts'
import type { Ask, JsonObject } from '../../world/http.ts'
import { address, familyName, prose, word } from '../../world/names.ts'
import { Stream } from '../../world/stream.ts'

/** What somebody else knows about companies: always the same about one of them. */
export class Enrichment implements Partner {
  readonly host = 'api.companydata.example'
  readonly workload = 'enrichment-worker'
  readonly #seed: string

  constructor(stream: Stream) {
    this.#seed = stream.name
  }

  ask(company: string): Ask {
    return {
      method: 'GET',
      path: `/v2/companies/lookup?name=${encodeURIComponent(company)}`,
      headers: [['accept', 'application/json']],
    }
  }

  answer({ path }: Ask) {
    const own = new Stream(`${this.#seed}/${path}`)
    const { line1, city, postalCode, country } = address(own)
    const body: JsonObject = {
      id: `cmp_${own.token(12)}`,
      name: word(own),
      industry: own.pick(['retail', 'logistics', 'software', 'health', 'energy']),
      employees: Math.round(own.about(120, 1)),
      website: `https://www.${word(own)}.example`,
      address: { line1, city, postalCode, country },
      managingDirector: familyName(own),
      summary: prose(own, own.int(15, 45)),
    }
    return {
      status: 200,
      headers: [
        ['content-type', 'application/json'],
        ['x-ratelimit-remaining', String(own.int(100, 900))],
      ] as const,
      text: JSON.stringify(body),
      json: body,
      ok: true,
      touches: [],
      latency: own.about(180, 0.4),
    }
  }
}
