/**
 * The attributes of OpenTelemetry's semantic conventions that say who called what, by the name they have now (1.44, and
 * semantic-conventions-genai), each with the names it had before. The one place that knows of renaming.
 */
export const conventions = {
  // HTTP
  'http.request.method': ['http.method'],
  'http.response.status_code': ['http.status_code'],
  'http.route': [],
  'http.request.body.size': ['http.request_content_length'],
  'http.response.body.size': ['http.response_content_length'],
  'url.full': ['http.url'],
  'url.path': [],
  'url.query': [],
  'url.scheme': ['http.scheme'],
  'user_agent.original': ['http.user_agent'],
  'network.protocol.version': ['http.flavor'],
  // Where
  'server.address': ['net.host.name', 'http.server_name'],
  'server.port': ['net.host.port'],
  'client.address': ['http.client_ip'],
  'client.port': [],
  'network.peer.address': ['net.sock.peer.addr', 'net.peer.ip'],
  'service.peer.name': ['peer.service'],
  // Remote procedure calls
  'rpc.system.name': ['rpc.system'],
  'rpc.service': [],
  'rpc.method': [],
  'rpc.response.status_code': ['rpc.grpc.status_code', 'rpc.status_code', 'rpc.connect_rpc.error_code'],
  'graphql.operation.name': [],
  'graphql.operation.type': [],
  // Stores
  'db.system.name': ['db.system'],
  'db.namespace': ['db.name'],
  'db.collection.name': ['db.sql.table', 'db.mongodb.collection', 'db.cassandra.table'],
  'db.operation.name': ['db.operation'],
  'db.query.text': ['db.statement'],
  'db.query.summary': [],
  'db.response.returned_rows': [],
  'aws.s3.bucket': [],
  'messaging.system': [],
  'messaging.destination.name': ['messaging.destination'],
  'messaging.operation.type': ['messaging.operation'],
  'messaging.operation.name': [],
  // Models and tools
  'gen_ai.provider.name': ['gen_ai.system'],
  'gen_ai.operation.name': [],
  'gen_ai.request.model': [],
  'gen_ai.response.model': [],
  'gen_ai.usage.input_tokens': ['gen_ai.usage.prompt_tokens'],
  'gen_ai.usage.output_tokens': ['gen_ai.usage.completion_tokens'],
  'gen_ai.agent.name': [],
  'gen_ai.tool.name': [],
  'mcp.method.name': [],
  'mcp.session.id': [],
  'mcp.resource.uri': [],
  // Who
  'user.id': ['enduser.id'],
  'user.roles': ['enduser.role'],
  'enduser.scope': [],
  'session.id': [],
  // Resources
  'service.name': [],
  'service.namespace': [],
  'service.version': [],
  'deployment.environment.name': ['deployment.environment'],
  'k8s.cluster.name': [],
  'k8s.namespace.name': [],
  'k8s.pod.name': [],
  'k8s.deployment.name': [],
  'k8s.statefulset.name': [],
  'k8s.daemonset.name': [],
  'k8s.job.name': [],
  'k8s.cronjob.name': [],
  'k8s.replicaset.name': [],
  'aws.ecs.task.family': [],
  'cloud.account.id': [],
  'telemetry.sdk.language': [],
  // Older names whose meaning hangs on who tells, or that hold several things
  'http.target': [],
  'http.host': [],
  'net.peer.name': [],
  'net.peer.port': [],
} as const

export type AttributeName = keyof typeof conventions

export const attributeNames = Object.keys(conventions) as readonly AttributeName[]

/** Headers that an SDK was told to record: `http.request.header.<name>` and the response's. */
export const requestHeaderPrefix = 'http.request.header.'
export const responseHeaderPrefix = 'http.response.header.'

/** Present and former names, each with the number of the present one in `attributeNames`. */
export const attributeNumbers: ReadonlyMap<string, number> = new Map(
  attributeNames.flatMap((name, number) => [name, ...conventions[name]].map(one => [one, number] as const)),
)
