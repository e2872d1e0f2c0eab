import { describe, expect, it } from 'vitest'
import { ManualClock } from '../kit/clock.ts'
import { SallyportError } from '../kit/error.ts'
import { MemoryStateStore } from '../store/memory/state-store.ts'
import { ControlDesk } from './control-desk.ts'
import type { ControlSnapshot } from './snapshot.ts'

async function deskOf(loops: number) {
  const state = await MemoryStateStore.open()
  const posted: ControlSnapshot[] = []
  const desk = new ControlDesk({
    state,
    clock: new ManualClock(1_000),
    log: () => undefined,
    post: snapshot => {
      posted.push(snapshot)
      return loops
    },
  })
  return { state, posted, desk }
}

describe('ControlDesk', () => {
  it('waits until every loop has confirmed', async () => {
    const { desk, posted } = await deskOf(2)
    let done = false
    const change = desk.setBypass(true).then(() => {
      done = true
    })
    await expect.poll(() => posted.length).toBe(1)
    desk.confirm(1)
    expect(done).toBe(false)
    desk.confirm(1)
    await change
    expect(posted[0]).toMatchObject({ version: 1, bypass: true })
  })

  it('hands changes that come together out one after the other, each under its own version', async () => {
    const { desk, posted, state } = await deskOf(1)
    const changes = [desk.handOut(), desk.setBypass(true), desk.handOut()]
    for (let version = 1; version <= 3; version += 1) {
      await expect.poll(() => posted.length).toBe(version)
      desk.confirm(version)
    }
    await Promise.all(changes)
    expect(posted.map(snapshot => snapshot.version)).toEqual([1, 2, 3])
    expect(desk.current.bypass).toBe(true)
    await state.close()
  })

  it('sets single policies aside, and puts them in force again', async () => {
    const { desk, state } = await deskOf(0)
    for (const name of ['a', 'b']) await state.putPolicy(name, `# ${name}`, 'test', 1)
    const inForce = () => desk.current.policies.map(({ name }) => name)
    await desk.setBypass(true, 'a')
    expect([inForce(), desk.bypassed, desk.current.bypass]).toEqual([['b'], ['a'], false])
    await desk.setBypass(true, 'b')
    await desk.setBypass(false, 'a')
    expect([inForce(), desk.bypassed]).toEqual([['a'], ['b']])
    await desk.setBypass(false)
    expect([inForce(), desk.bypassed]).toEqual([['a', 'b'], []])
    await state.close()
  })

  it('needs no confirmation where there is no gateway', async () => {
    const { desk } = await deskOf(0)
    await desk.handOut()
    expect(desk.current.version).toBe(1)
  })

  it('puts the kill switch in force where the store refuses it, says so, and stores it later', async () => {
    const { desk, posted, state } = await deskOf(0)
    const put = state.putSetting.bind(state)
    state.putSetting = async () => {
      throw new SallyportError('store/full', 'The disk is full.')
    }
    await expect(desk.setBypass(true)).rejects.toMatchObject({
      code: 'store/full',
      message: expect.stringContaining('in force'),
    })
    await expect(desk.setBypass(true, 'a')).rejects.toMatchObject({ code: 'store/full' })
    expect([posted.at(-1)?.bypass, desk.bypassed]).toEqual([true, ['a']])
    expect(await state.getSetting('bypass')).toBeUndefined()
    state.putSetting = put
    await desk.handOut()
    expect([posted.at(-1)?.bypass, desk.bypassed]).toEqual([true, ['a']])
    expect(await state.getSetting('bypass')).toBe('on')
    const { items } = await state.auditLog({ limit: 10 })
    expect(items.map(({ action, actor }) => [action, actor])).toEqual([['bypass.set', 'system']])
    await state.close()
  })
})
