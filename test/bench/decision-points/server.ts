import { Server, ServerCredentials, type ServerDuplexStream, type ServiceDefinition } from '@grpc/grpc-js'
import { Redactor } from '../../../src/call/redactor.ts'
import { Enforcement } from '../../../src/enforce/enforcement.ts'
import { DecidingGuard } from '../../../src/engine/deciding-guard.ts'
import { systemClock } from '../../../src/kit/clock.ts'
import { CounterSet } from '../../../src/kit/counters.ts'
import { checkPasses } from '../../../src/sensors/envoy/check-response.ts'
import { EnvoyFilter } from '../../../src/sensors/envoy/envoy-filter.ts'
import { checkPath, codecOf, processPath } from '../../../src/sensors/envoy/filter-fixture.ts'
import { headersGoOn } from '../../../src/sensors/envoy/processing-response.ts'
import type { Guard } from '../../../src/sensors/guard.ts'
import { openGuard } from '../gateway/guards.ts'

/** One candidate as a process of its own; says the port it listens on. */
const name = process.argv[2]

/** Decides as a gateway loop does, with no policies in force; what it would hand to analysis is dropped. */
function decidingGuard(): Guard {
  return new DecidingGuard({
    redactor: new Redactor({ key: new Uint8Array(32) }),
    enforcement: new Enforcement({ clock: systemClock, instance: 'b' }),
    hand: () => true,
    counters: new CounterSet(),
  })
}

const bytes = (value: Buffer): Buffer => value

/**
 * Decides nothing, and always gives the same answer. Messages are read and written by protobufjs, as grpc-js has it done; or not at all,
 * which leaves gRPC alone.
 */
async function startGrpcJs(reads: boolean): Promise<number> {
  const kind = (
    request: 'ProcessingRequest' | 'CheckRequest',
    response: 'ProcessingResponse' | 'CheckResponse',
  ) => {
    const [asked, answered] = [codecOf(request), codecOf(response)]
    return reads
      ? {
          requestSerialize: asked.write,
          requestDeserialize: asked.read,
          responseSerialize: answered.write,
          responseDeserialize: answered.read,
        }
      : {
          requestSerialize: bytes,
          requestDeserialize: bytes,
          responseSerialize: bytes,
          responseDeserialize: bytes,
        }
  }
  const definition = {
    check: {
      path: checkPath,
      requestStream: false,
      responseStream: false,
      ...kind('CheckRequest', 'CheckResponse'),
    },
    process: {
      path: processPath,
      requestStream: true,
      responseStream: true,
      ...kind('ProcessingRequest', 'ProcessingResponse'),
    },
  } as ServiceDefinition
  const passes = reads ? { status: {}, ok_response: {} } : checkPasses([], []).subarray(5)
  const goesOn = reads ? { request_headers: { response: {} } } : headersGoOn('request', {}).subarray(5)
  const server = new Server()
  server.addService(definition, {
    check: (_call: unknown, answer: (error: null, value: object) => void) => answer(null, passes),
    process: (call: ServerDuplexStream<object, object>) => {
      call.on('data', () => call.write(goesOn))
      call.on('end', () => call.end())
    },
  })
  return await new Promise((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    ),
  )
}

async function startOurs(guard: Guard): Promise<number> {
  const filter = await EnvoyFilter.start({ port: 0 }, guard, systemClock, new CounterSet())
  return Number(filter.address.split(':').at(-1))
}

const port = name?.startsWith('grpc-js')
  ? await startGrpcJs(name === 'grpc-js')
  : await startOurs(name === 'deciding' ? decidingGuard() : openGuard())
process.stdout.write(`${port}\n`)
// Ends with whoever started it.
process.stdin.on('end', () => process.exit(0)).resume()
