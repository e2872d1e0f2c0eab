import { Client } from './client.ts'
import { browser, phoneBrowser } from './device.ts'
import type { Stream } from './stream.ts'
import type { World } from './world.ts'

/** Somebody without an account who looks around: at home or on the way, with a computer or a phone. */
export const passerBy = (world: World, stream: Stream): Client =>
  new Client(
    world,
    stream.chance(0.45)
      ? phoneBrowser(stream, `passer-by/${stream.name}`)
      : browser(stream, `passer-by/${stream.name}`),
    stream.chance(0.3) ? world.networks.mobile(stream) : world.networks.home(stream),
    stream,
  )
