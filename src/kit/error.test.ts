import { describe, expect, it } from 'vitest'
import { errorCodes, SallyportError } from './error.ts'
import { problemFrom } from './problem.ts'

describe('SallyportError', () => {
  it('gives each code a status of HTTP and an exit code of the contract', () => {
    const codes = Object.entries(errorCodes)
    for (const [code, { status, exit }] of codes) {
      expect(status, code).toBeGreaterThanOrEqual(400)
      expect(status, code).toBeLessThan(600)
      expect([2, 3], code).toContain(exit)
    }
    expect(codes.length).toBeGreaterThan(20)
  })

  it('keeps the cause out of the problem document', () => {
    const error = new SallyportError('store/unavailable', 'The calls store does not answer.', {
      mend: 'Look at its log.',
      cause: new Error('password=hunter2'),
    })
    expect(JSON.stringify(problemFrom(error))).not.toContain('hunter2')
    expect(problemFrom(error)).toMatchObject({ status: 503, type: 'urn:sallyport:error:store:unavailable' })
  })

  it('turns anything thrown into the one type', () => {
    expect(SallyportError.from('boom').code).toBe('internal/defect')
    const own = new SallyportError('auth/missing', 'No token.')
    expect(SallyportError.from(own)).toBe(own)
  })
})
