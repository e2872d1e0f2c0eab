import { defineAttack } from '../world/attack.ts'
import type { Ask, Json, JsonObject } from '../world/http.ts'
import type { Stream } from '../world/stream.ts'

/** Fields of other types, lengths and signs than the application ever gets. */
export default defineAttack({
  id: 'schema-violation',
  title: 'requests that the application does not expect: wrong types, lengths, fields',
  owasp: ['API8:2023'],
  supports: () => true,
  *play(attack) {
    const { world, stream, app } = attack
    const member = yield* attack.member()
    if (member === undefined) return
    const { client, visit } = member
    const { paths, loginName } = world.accounts
    const bodies: readonly (() => Ask)[] = [
      () => ({ method: 'PATCH', path: world.at(paths.me), body: broken(stream, { name: 'x', phone: 'x' }) }),
      () => ({ method: 'POST', path: world.at(paths.forgot), body: broken(stream, { [loginName]: 'x' }) }),
      () => ({
        method: 'POST',
        path: world.at(paths.password),
        body: broken(stream, { currentPassword: 'x', newPassword: 'x' }),
      }),
      ...app.surface.resources.map(
        one => (): Ask =>
          one.read(
            stream.pick(
              [
                '-1',
                '0',
                'NaN',
                'null',
                '%00',
                '9'.repeat(30),
                '../',
                '{}',
                'true',
                `${stream.token(200)}`,
              ].map(encodeURIComponent),
            ),
          ),
      ),
    ]
    for (let left = attack.count({ loud: 130, medium: 40, stealthy: 10 }); left > 0; left -= 1) {
      if (attack.level === 'stealthy' && stream.chance(0.5)) yield* attack.blend(visit)
      yield* attack.act(client, stream.pick(bodies)())
      yield* attack.pause({ loud: 250, medium: 10_000, stealthy: 40 * 60_000 })
    }
  },
})

function broken(stream: Stream, fields: JsonObject): JsonObject {
  const odd: readonly (() => Json)[] = [
    () => -1,
    () => 1e308,
    () => true,
    () => null,
    () => [],
    () => [[1], {}],
    () => ({ a: { b: [] } }),
    () => stream.token(stream.pick([300, 2_000])),
    () => '',
    () => '\u0000\u0001',
  ]
  const out: Record<string, Json> = {}
  for (const name of Object.keys(fields)) out[name] = stream.pick(odd)()
  if (stream.chance(0.4)) out[stream.token(6)] = stream.pick(odd)()
  return out
}
