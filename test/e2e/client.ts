import { expect } from 'vitest'
import type { IncidentView } from '../../src/server/api/incident.ts'
import { run } from './started.ts'

/** What the tests sign in with as admin. */
export const token = 'a-token-of-the-test-that-is-long-enough'

/** Asks a running Sallyport, signed in with `token`: by its API and by its command line. */
export class Client {
  /** Of the API and the console, without a path. */
  url = ''

  /** A request of any path, whatever it is answered. */
  ask(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...init.headers },
    })
  }

  /** What the API answers; anything but success fails the test. `path` begins after `/api/v1`. */
  async rest<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await this.ask(`/api/v1${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    expect([method, path, answer.ok ? '' : `${answer.status} ${text}`]).toEqual([method, path, ''])
    return (text === '' ? undefined : JSON.parse(text)) as Answer
  }

  /** Runs a command line to its end. */
  run(...args: string[]) {
    return run(args, { SALLYPORT_URL: this.url, SALLYPORT_TOKEN: token })
  }

  /** What a command line prints that has to end well. */
  async did(...args: string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
    const { code, stdout, stderr } = await this.run(...args)
    expect([args.join(' '), code, code === 0 ? '' : stderr]).toEqual([args.join(' '), 0, ''])
    return { stdout, stderr }
  }

  /** The first incident that is meant, as soon as there is one. */
  async incident(isMeant: (incident: IncidentView) => boolean = () => true): Promise<IncidentView> {
    const live = (await this.ask('/api/v1/live')).body?.getReader()
    for (;;) {
      const { items } = await this.rest<{ items: readonly IncidentView[] }>('GET', '/incidents')
      const found = items.find(isMeant)
      if (found !== undefined) {
        await live?.cancel()
        return found
      }
      if ((await live?.read())?.done === true) throw new Error('the live feed ended')
    }
  }
}
