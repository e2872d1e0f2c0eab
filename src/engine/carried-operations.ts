import type { ApiCall } from '../call/api-call.ts'
import { readParts, readRequestParts } from '../call/protocols/index.ts'
import { type Operation, type OperationPart, operationBounds } from '../call/protocols/operation.ts'
import type { Match } from '../catalog/endpoint.ts'
import { divides, hasOwnPath, withObjects } from '../catalog/operations/operation-directory.ts'
import { PersistedQueries } from '../catalog/operations/persisted-queries.ts'
import { endpointId } from '../kit/id.ts'
import { type OperationFacts, type PolicyFacts, unseenOperation } from '../policy/facts.ts'
import type { CallFacts } from './policy-facts.ts'

/** One operation of a request or an answer, at its own endpoint. */
export interface CarriedOperation {
  readonly match: Match
  readonly name: string
  /** The part of the call that is about it. */
  readonly call: ApiCall
  readonly whole?: true
  readonly unseen?: true
}

/** Persisted queries a gateway remembers, as many as the catalog. */
const mostPersisted = 20_000

/**
 * Names the operations that a call carries as the catalog does, so that policies and owner bindings of `…#operation` hold where the call
 * is decided on.
 */
export class CarriedOperations {
  readonly #persisted = new PersistedQueries(mostPersisted)

  /** Takes over what analysis knows of persisted queries. */
  learn(persisted: Parameters<PersistedQueries['restore']>[0]): void {
    this.#persisted.restore(persisted)
  }

  /**
   * What the request asks for; the answer, if there is one, is not looked at. Where something could not be seen the last one is
   * `unknown`: the body goes on beyond the window, a part lies beyond a bound or is in a form that is not read, or a persisted query is not known.
   *
   * @param carrier the match of the path; undefined where the catalog does not know it
   */
  ofRequest(call: ApiCall, carrier: Match | undefined): readonly CarriedOperation[] {
    const parts = readRequestParts(call).filter(({ operation }) => divides(operation))
    const carried: CarriedOperation[] = []
    let unseen = isUnread(call, parts)
    for (const [index, part] of parts.entries()) {
      const operation = this.#persisted.named(call.destination.host, part.operation)
      unseen ||= isVague(part.operation, operation)
      const whole = part.within !== true && parts[index + 1]?.within === true
      carried.push(at(call, carrier, { ...part, operation }, whole))
    }
    if (unseen) carried.push(unknownAt(call, carrier))
    return carried
  }

  /** The same with what was answered to each, each under its own field names. */
  ofAnswer(call: ApiCall, carrier: Match | undefined): readonly CarriedOperation[] {
    return readParts(call)
      .filter(({ operation }) => divides(operation))
      .map(part => {
        const operation = this.#persisted.named(call.destination.host, part.operation)
        return at(call, carrier, { ...part, operation }, false)
      })
  }
}

/** As policies are told of them. */
export const factsOf = (
  carried: readonly CarriedOperation[],
  facts: CallFacts,
  object: (operation: CarriedOperation) => PolicyFacts['object'] = () => undefined,
): readonly OperationFacts[] =>
  carried.map(operation => ({
    facts: facts.ofOperation(operation.match, operation.name, object(operation)),
    ...(operation.whole === true ? { whole: true } : {}),
    ...(operation.unseen === true ? { unseen: true } : {}),
  }))

function at(
  call: ApiCall,
  carrier: Match | undefined,
  part: OperationPart,
  whole: boolean,
): CarriedOperation {
  const { operation } = part
  const { endpoint, template, params } = carrierMatch(call, carrier)
  return {
    match: {
      endpoint: hasOwnPath(operation) ? endpoint : (`${endpoint}#${operation.name}` as Match['endpoint']),
      template,
      params: withObjects(params, operation.objects),
      operation,
    },
    name: operation.name,
    call: part.call,
    ...(whole ? { whole } : {}),
  }
}

const carrierMatch = ({ destination, request }: ApiCall, carrier: Match | undefined): Match =>
  carrier ?? {
    endpoint: endpointId(request.method, destination.host, request.path),
    template: request.path,
    params: [],
  }

function unknownAt(call: ApiCall, carrier: Match | undefined): CarriedOperation {
  const { endpoint, template, params } = carrierMatch(call, carrier)
  return {
    match: { endpoint: `${endpoint}#${unseenOperation}` as Match['endpoint'], template, params },
    name: unseenOperation,
    call,
    unseen: true,
  }
}

/** Says less than what the server may run. `named` is the operation under the name of what its hash asks for, where that is known. */
const isVague = (asked: Operation, named: Operation): boolean =>
  asked.truncated === true ||
  asked.name === 'unreadable' ||
  asked.objects.length >= operationBounds.objects ||
  named.name.startsWith('persisted:') ||
  // Text and a hash that is not the text's: the server may run what it knows by that hash.
  (asked.persisted !== undefined && asked.registers !== true && !asked.name.startsWith('persisted:'))

/** Bytes of the request that no part was read from. */
function isUnread({ request }: ApiCall, parts: readonly OperationPart[]): boolean {
  const { content } = request
  if (content.kind === 'json' && Array.isArray(content.value)) {
    const whole = parts.reduce((sum, { within }) => sum + (within === true ? 0 : 1), 0)
    // Frames of one gRPC call are a list as well.
    if (parts[0]?.operation.protocol !== 'grpc') return whole < (content.value as readonly unknown[]).length
  }
  if (parts.length === 0) return content.kind !== 'empty' || request.bodySize > 0
  return request.bodyTruncated && content.kind === 'text' && parts[0]?.operation.protocol === 'graphql'
}
