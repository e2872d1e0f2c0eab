import { Client } from './client.ts'
import { type ProgramName, program } from './device.ts'
import type { World } from './world.ts'

/** A program with an account and an API key of its own, in one place. @returns A client for each run of it. */
export function machine(
  world: World,
  facts: {
    readonly name: string
    readonly roles: readonly string[]
    readonly software: ProgramName
    readonly agent: string
    readonly tenant?: string
  },
): () => Client {
  const { name, roles, software, agent, tenant } = facts
  const stream = world.stream.fork('machine', name)
  const account = world.accounts.create(
    {
      email: `${name}@machines.example`,
      name,
      password: stream.token(24),
      phone: '',
      roles: [...roles],
      service: true,
      scope: [`${name}:use`],
      ...(tenant === undefined ? {} : { tenant }),
    },
    world.start,
  )
  const key = `${world.style.noun('sk', 'key', 'pk')}_${stream.token(32)}`
  world.service.key(account, key)
  const device = program(software, `machine/${name}`, agent)
  const network = world.networks.datacentre(stream, { country: 'DE', latitude: 50.1, longitude: 8.7 })
  return () => {
    const client = new Client(world, device, network, stream.fork(world.now))
    client.key = { value: key, account: account.id }
    return client
  }
}
