import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { systemClock } from '../../../src/kit/clock.ts'
import { Gateway } from '../../../src/sensors/gateway/gateway.ts'
import { openGuard } from './guards.ts'

/** One gateway loop with protection off, that listens twice: `--plain N --secure N --upstream URL`. */
const { values } = parseArgs({
  options: { plain: { type: 'string' }, secure: { type: 'string' }, upstream: { type: 'string' } },
})
if (values.plain === undefined || values.secure === undefined || values.upstream === undefined) {
  process.stderr.write('usage: tls-process.ts --plain N --secure N --upstream URL\n')
  process.exit(2)
}
const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/tls/${name}`, import.meta.url))
const common = { host: '127.0.0.1', upstream: new URL(values.upstream) }
const gateways = [
  new Gateway({ ...common, port: Number(values.plain) }, openGuard(), systemClock),
  new Gateway(
    {
      ...common,
      port: Number(values.secure),
      tls: { certificates: [{ certificate: fixture('shop.pem'), key: fixture('shop.key.pem') }] },
    },
    openGuard(),
    systemClock,
  ),
]
// The secure one first: whoever finds the plain one answering finds both.
for (const gateway of gateways.toReversed()) await gateway.listen()
process.on('SIGTERM', () => {
  void Promise.all(gateways.map(gateway => gateway.close(0))).then(() => process.exit(0))
})
