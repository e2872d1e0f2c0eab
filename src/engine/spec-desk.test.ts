import { expect, it } from 'vitest'
import { specsSetting } from '../catalog/spec/stored-specification.ts'
import { MemoryStateStore } from '../store/memory/state-store.ts'
import { SpecDesk } from './spec-desk.ts'

it('reads what is stored, with the time of the newest, and tells analysis only when it is handed out', async () => {
  const state = await MemoryStateStore.open()
  try {
    const [read, posted]: [string[][], string[][]] = [[], []]
    const names = (specs: readonly { readonly name: string }[]): string[] => specs.map(({ name }) => name)
    const desk = new SpecDesk({
      state,
      read: specs => read.push(names(specs)),
      post: specs => posted.push(names(specs)),
    })
    await desk.read()
    expect([desk.current, desk.updatedAt]).toEqual([[], 0])
    const stored = (name: string, updatedAt: number) => ({ name, source: '{}', updatedAt, updatedBy: 'a' })
    await state.putSetting(specsSetting, JSON.stringify([stored('shop', 20), stored('old', 10)]))
    await desk.handOut()
    expect(desk.current).toEqual([
      { name: 'shop', source: '{}' },
      { name: 'old', source: '{}' },
    ])
    expect(desk.updatedAt).toBe(20)
    expect(read).toEqual([[], ['shop', 'old']])
    expect(posted).toEqual([['shop', 'old']])
  } finally {
    await state.close()
  }
})
