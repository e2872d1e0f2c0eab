// Loaded before a service (`--require`): the OpenTelemetry SDK as a team would set it up, with HTTP and the database instrumented. Spans
// go where the parent says in a message `{ otlp: url }`; until then they are let go. `{ flush: true }` is answered once all are sent.
const { context, propagation, SpanKind, trace } = require('@opentelemetry/api')
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks')
const { W3CTraceContextPropagator } = require('@opentelemetry/core')
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-proto')
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http')
const { resourceFromAttributes } = require('@opentelemetry/resources')
const { BatchSpanProcessor, TracerProvider } = require('@opentelemetry/sdk-trace')

let exporter
/** Exports that are not answered yet: a flush of the processor does not wait for those that it did not begin. */
const underWay = new Set()
const exported = { code: 0 }
const whereTold = {
  export(spans, done) {
    if (exporter === undefined) {
      done(exported)
      return
    }
    const sending = new Promise(resolve => {
      exporter.export(spans, result => {
        done(result)
        resolve()
      })
    }).finally(() => underWay.delete(sending))
    underWay.add(sending)
  },
  shutdown: async () => await exporter?.shutdown(),
  forceFlush: async () => await exporter?.forceFlush?.(),
}
process.on('message', message => {
  if (message?.flush === true)
    provider.forceFlush().finally(async () => {
      await Promise.all(underWay)
      process.send?.({ flushed: true })
    })
  if (typeof message?.otlp === 'string')
    exporter = new OTLPTraceExporter({ url: `${message.otlp}/v1/traces` })
})

/** `name=value,name=value`, as the SDK's resource detectors read it. */
function said(attributes = '') {
  return Object.fromEntries(
    attributes.split(',').flatMap(pair => (pair.includes('=') ? [pair.split('=', 2)] : [])),
  )
}

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
propagation.setGlobalPropagator(new W3CTraceContextPropagator())
const service = process.env.OTEL_SERVICE_NAME
const provider = new TracerProvider({
  resource: resourceFromAttributes({
    'service.name': service,
    'service.namespace': 'shop',
    'service.version': '1.0.0',
    'deployment.environment.name': 'production',
    ...said(process.env.OTEL_RESOURCE_ATTRIBUTES),
  }),
  spanProcessors: [new BatchSpanProcessor({ exporter: whereTold, scheduledDelayMillis: 500 })],
})
trace.setGlobalTracerProvider(provider)

/** What the front knows of who calls: the token's own words, as an application says them of its users. */
function claimsIn(authorization) {
  try {
    return JSON.parse(Buffer.from(String(authorization).split('.')[1] ?? '', 'base64url').toString('utf8'))
  } catch {
    return {}
  }
}

const http = new HttpInstrumentation({
  requestHook(span, request) {
    const bucket = /^(.+)\.s3\.[a-z0-9-]+\.amazonaws\.com$/.exec(request.host ?? '')?.[1]
    if (bucket !== undefined) {
      // As the instrumentation of the provider's SDK tells it.
      span.setAttributes({
        'rpc.system': 'aws-api',
        'rpc.service': 'S3',
        'rpc.method': request.method === 'PUT' ? 'PutObject' : 'GetObject',
        'aws.s3.bucket': bucket,
      })
      return
    }
    if (request.headers?.authorization === undefined) return
    const { sub, roles } = claimsIn(request.headers.authorization)
    if (typeof sub === 'string') span.setAttribute('user.id', sub)
    if (Array.isArray(roles)) span.setAttribute('user.roles', roles)
  },
})
http.setTracerProvider(provider)
http.enable()
require('node:http')

/** Statements of `node:sqlite` as spans: there is no instrumentation of it to install. */
const { StatementSync, DatabaseSync } = require('node:sqlite')
const texts = new WeakMap()
const { prepare } = DatabaseSync.prototype
DatabaseSync.prototype.prepare = function prepared(text) {
  const statement = prepare.call(this, text)
  texts.set(statement, text)
  return statement
}
const tracer = trace.getTracer('sqlite')
for (const method of ['all', 'get', 'run']) {
  const plain = StatementSync.prototype[method]
  StatementSync.prototype[method] = function traced(...values) {
    if (trace.getActiveSpan() === undefined) return plain.apply(this, values)
    const span = tracer.startSpan('sqlite', {
      kind: SpanKind.CLIENT,
      attributes: {
        'db.system.name': 'sqlite',
        'db.namespace': service,
        'db.query.text': texts.get(this) ?? '',
        'server.address': `${service}-db`,
      },
    })
    try {
      const answer = plain.apply(this, values)
      const rows = method === 'all' ? answer.length : method === 'get' && answer !== undefined ? 1 : 0
      span.setAttribute('db.response.returned_rows', rows)
      return answer
    } finally {
      span.end()
    }
  }
}
