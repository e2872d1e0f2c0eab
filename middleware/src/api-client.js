import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'

const maxAnswerBytes = 8 * 1024 * 1024
/** After so many failures in a row nobody is asked for a while: an absent Sallyport must not cost every request a time-out. */
const failuresToRest = 5
const restMs = 1_000

/** Posts JSON to the decision API over connections that are kept. */
export class ApiClient {
  #base
  #token
  #timeoutMs
  #agent
  #request
  #failed = 0
  #restsUntil = 0

  /** @param {{ url: string, token: string, timeoutMs: number }} options */
  constructor({ url, token, timeoutMs }) {
    this.#base = new URL(url)
    this.#token = token
    this.#timeoutMs = timeoutMs
    const secure = this.#base.protocol === 'https:'
    const options = { keepAlive: true, maxSockets: 64, maxFreeSockets: 16 }
    this.#agent = secure ? new HttpsAgent(options) : new HttpAgent(options)
    this.#request = secure ? httpsRequest : httpRequest
  }

  /**
   * @param {string} path
   * @param {unknown} message
   * @param {number} [timeoutMs]
   * @returns {Promise<Record<string, unknown>>} Rejects where there is no good answer in time.
   */
  async post(path, message, timeoutMs = this.#timeoutMs) {
    if (this.#failed >= failuresToRest && Date.now() < this.#restsUntil)
      throw new Error('Sallyport gave no answer just now; it is not asked.')
    try {
      const answer = await this.#post(path, JSON.stringify(message), timeoutMs)
      this.#failed = 0
      return answer
    } catch (error) {
      this.#failed += 1
      if (this.#failed >= failuresToRest) this.#restsUntil = Date.now() + restMs
      throw error
    }
  }

  close() {
    this.#agent.destroy()
  }

  /**
   * @param {string} path
   * @param {string} text
   * @param {number} timeoutMs
   * @returns {Promise<Record<string, unknown>>}
   */
  #post(path, text, timeoutMs) {
    return new Promise((resolve, reject) => {
      const body = Buffer.from(text)
      const request = this.#request(
        new URL(path, this.#base),
        {
          method: 'POST',
          agent: this.#agent,
          headers: {
            authorization: `Bearer ${this.#token}`,
            'content-type': 'application/json',
            'content-length': body.length,
          },
        },
        response => {
          /** @type {Buffer[]} */
          const pieces = []
          let size = 0
          response.on('data', (/** @type {Buffer} */ chunk) => {
            size += chunk.length
            if (size > maxAnswerBytes) request.destroy(new Error('Its answer is too long.'))
            else pieces.push(chunk)
          })
          response.on('error', reject)
          response.on('end', () => {
            const status = response.statusCode ?? 0
            if (status < 200 || status > 299) {
              reject(new Error(`It answered with status ${status} to ${path}.`))
              return
            }
            try {
              resolve(JSON.parse(Buffer.concat(pieces).toString('utf8')))
            } catch {
              reject(new Error('Its answer is not JSON.'))
            }
          })
        },
      )
      const late = setTimeout(
        () => request.destroy(new Error(`No answer within ${timeoutMs} ms.`)),
        timeoutMs,
      )
      request.on('close', () => clearTimeout(late))
      request.on('error', reject)
      request.end(body)
    })
  }
}
