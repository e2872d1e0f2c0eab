import type { LiveSink } from '../live/live-client.ts'
import { defineRoute } from '../route.ts'

export const live = defineRoute({
  method: 'GET',
  path: '/live',
  summary:
    'Server-sent events: call (at most 50 at once, 4 times a second), incident, signal, endpoint, quarantine, stats each second',
  role: 'viewer',
  response: { mediaType: 'text/event-stream' },
  async handler({ actor, live: feed, reply, request }) {
    const socket = reply.raw
    // Added before anything is sent, so that one reader too many still gets a problem document.
    const early: string[] = []
    let isOpen = false
    const sink: LiveSink = {
      write(text) {
        if (isOpen) return socket.write(text)
        early.push(text)
        return true
      },
      onDrain: listener => void socket.once('drain', listener),
      end: () => void socket.end(),
    }
    const client = feed.add(actor, sink)
    const gone = () => feed.remove(client)
    socket.on('close', gone)
    socket.on('error', gone)
    request.raw.on('error', gone)
    reply.hijack()
    socket.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    isOpen = true
    for (const text of early) socket.write(text)
    return undefined
  },
})
