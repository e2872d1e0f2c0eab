import type { EdgeView, Graph } from './graph.ts'

const unseen = -1

/** What can be walked to from some nodes, nearest first, and by which edge each was come to first. */
export class Reach {
  /** Node numbers in the order they were come to, the first ones included. */
  readonly order: number[] = []
  readonly #steps: Int32Array
  readonly #by: Int32Array

  /** @param within Steps at most. */
  constructor(graph: Graph, from: readonly number[], view: EdgeView, within: number) {
    const { nodes, edges } = graph
    this.#steps = new Int32Array(nodes.length).fill(unseen)
    this.#by = new Int32Array(nodes.length).fill(unseen)
    const wanted = graph.inView(view)
    for (const node of from) {
      if (this.#steps[node] !== unseen) continue
      this.#steps[node] = 0
      this.order.push(node)
    }
    for (let index = 0; index < this.order.length; index += 1) {
      const node = this.order[index]!
      const steps = this.#steps[node]!
      if (steps === within) break
      for (let edge = edges.firstOut(node); edge >= 0; edge = edges.nextOut[edge]!) {
        const next = edges.to[edge]!
        if (this.#steps[next] !== unseen || !wanted(edge)) continue
        this.#steps[next] = steps + 1
        this.#by[next] = edge
        this.order.push(next)
      }
    }
  }

  /** Steps to a node; undefined where it cannot be reached. */
  stepsTo(node: number): number | undefined {
    const steps = this.#steps[node]
    return steps === undefined || steps === unseen ? undefined : steps
  }

  /** The edges of a shortest way to a node. */
  wayTo(graph: Graph, node: number): readonly number[] {
    const way: number[] = []
    for (let at = node; this.#by[at]! !== unseen; ) {
      const edge = this.#by[at]!
      way.push(edge)
      at = graph.edges.from[edge]!
    }
    return way.reverse()
  }
}
