import { outcomeOf } from '../../baseline/outcome.ts'
import type { ContextEvent } from '../../call/event.ts'
import { exposureOf } from '../../catalog/exposure.ts'
import type { Graph } from '../../graph/graph.ts'
import { GraphBuilder } from '../../graph/graph-builder.ts'
import { nodeId } from '../../graph/node.ts'
import { freeze, thaw } from '../../kit/snapshot.ts'
import { Detection, type DetectionOptions } from '../detection.ts'
import type { SceneStep } from './scene.ts'

/** What came of a scene. */
export interface Played {
  readonly detection: Detection
  readonly graph: Graph
  /** The time of the last event, ms since the epoch. */
  readonly end: number
  /** By incident, the time of the event with which it was there first. */
  readonly opened: ReadonlyMap<string, number>
}

/**
 * Feeds a graph and detection with a scene, in its order, the way analysis does.
 * @param options `interruptedAt`: before the step of that number all is saved, and goes on in what was made again from it.
 */
export function play(
  steps: readonly SceneStep[],
  options: DetectionOptions & { readonly settle?: boolean; readonly interruptedAt?: number } = {},
): Played {
  let builder = new GraphBuilder()
  let { graph } = builder
  let detection = new Detection(options)
  const opened = new Map<string, number>()
  let end = 0
  const told = (incidents: readonly string[]): void => {
    for (const id of incidents) if (!opened.has(id)) opened.set(id, end)
  }
  for (const [number, step] of steps.entries()) {
    if (number === options.interruptedAt) {
      const saved = thaw(freeze({ builder, detection: detection.save() })) as {
        readonly builder: GraphBuilder
        readonly detection: ReturnType<Detection['save']>
      }
      builder = saved.builder
      graph = builder.graph
      detection = new Detection(options)
      detection.load(saved.detection)
    }
    if (step.kind === 'holds') {
      for (const dataClass of step.classes)
        graph.see(nodeId('store', step.store), nodeId('data', dataClass), 'carries', {
          time: step.time,
          source: 'inferred',
          count: 1,
        })
      continue
    }
    if (step.kind === 'event') {
      end = Math.max(end, step.event.time)
      feed(builder, step.event)
      told(detection.observeEvent(step.event, graph, graph.drainBegan()).incidents)
      continue
    }
    const { call, identity, match, learning } = step.traffic
    end = Math.max(end, call.time)
    const outcome = outcomeOf(call)
    builder.call(call, {
      endpoint: match.endpoint,
      ...(identity.kind === 'anonymous' ? {} : { principal: identity.principal }),
      external: exposureOf(call, 'unknown') === 'external',
      refused: outcome === 'refused',
      source: 'otlp',
    })
    const observation = { call, identity, match, outcome, learning }
    told(detection.observe(observation, { graph, began: graph.drainBegan() }).incidents)
  }
  if (options.settle !== false) told(detection.settle(graph, end + 60_000).incidents)
  return { detection, graph, end, opened }
}

export function feed(builder: GraphBuilder, event: ContextEvent): void {
  if (event.type === 'access') builder.access(event, 'otlp')
  else if (event.type === 'flow') builder.flow(event, 'kubernetes')
  else if (event.type === 'identity') builder.identity(event, 'cloud')
  else if (event.type === 'runtime') builder.runtime(event)
}
