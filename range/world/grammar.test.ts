import { describe, expect, it } from 'vitest'
import { anyCase, sentence } from './grammar.ts'
import { Stream } from './stream.ts'

const rules = {
  start: ['‹verb› ‹thing›', '‹thing›'],
  verb: ['take', 'read'],
  thing: ['a ‹colour› lamp', 'tea'],
  colour: ['red', 'blue'],
}

describe('a grammar', () => {
  it('writes nothing but its sentences, and in time all of them', () => {
    const stream = new Stream('grammar')
    const seen = new Set(Array.from({ length: 400 }, () => sentence(stream, rules)))
    const things = ['a red lamp', 'a blue lamp', 'tea']
    const all = [...things, ...things.flatMap(thing => [`take ${thing}`, `read ${thing}`])]
    expect([...seen].sort()).toEqual(all.sort())
  })

  it('says the same to the same stream', () => {
    expect(sentence(new Stream('a'), { start: ['‹n› ‹hex› ‹name› ‹word› ‹ip›'] })).toBe(
      sentence(new Stream('a'), { start: ['‹n› ‹hex› ‹name› ‹word› ‹ip›'] }),
    )
  })

  it('refuses rules that do not end', () => {
    expect(() => sentence(new Stream('b'), { start: ['‹start›'] })).toThrow('do not end')
  })

  it('changes the case of letters alone', () => {
    expect(anyCase(new Stream('c'), 'union select 1').toLowerCase()).toBe('union select 1')
  })
})
