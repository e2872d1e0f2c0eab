export interface Recipe {
  readonly id: string
  readonly title: string
  readonly note: string
  /** `stops`: asked before a call goes on, so that policies act there; `sees` otherwise. */
  readonly does: 'stops' | 'sees' | 'once'
  readonly lines: readonly string[]
  /** What sallyport.yaml must say for the sensor to run, below the first word of its setting. */
  readonly config?: string
  /** The key of the configuration that starts the sensor; `sensors.` and its name when absent. */
  readonly setting?: string
  /** The sensor that hears it; absent where calls alone tell that it works. */
  readonly sensor?: string
}

/** Where sensors listen, as they say; the usual ports for those that do not run. */
export interface Addresses {
  readonly gateway: string
  /** `http://127.0.0.1:4318` */
  readonly otlp: string
  /** `127.0.0.1:4327` of a sensor that listens at one place. */
  readonly at: (sensor: string, usual: string) => string
}

/** In the order in which they are listed, and what the ways of each group have in common. */
export const recipeGroups: readonly (readonly [Recipe['does'], string])[] = [
  ['stops', 'Sees calls and can stop them'],
  ['sees', 'Only sees'],
  ['once', 'Reads recordings'],
]

/** How to connect the next source: at most five lines each, to be pasted as they are. */
export const recipesFor = ({ gateway, otlp, at }: Addresses): readonly Recipe[] => [
  {
    id: 'gateway',
    does: 'stops',
    title: 'Gateway in front of a service',
    note: 'The gateway passes calls on to your service, sees all of them with their bodies, and can stop some.',
    lines: [
      'npm start -- --upstream http://127.0.0.1:3000',
      '# then send your clients to the gateway instead of the service:',
      `curl ${gateway}/orders/7`,
    ],
  },
  {
    id: 'application',
    does: 'stops',
    title: 'Node middleware',
    note: 'The middleware sees requests and answers with their bodies, and asks before either goes on. Express here; Fastify, Hono, Koa, Nest and node:http likewise.',
    lines: [
      'npm install ./sallyport/middleware',
      'export SALLYPORT_DECISION_TOKEN=$(cat .sallyport/decision-token)',
      `export SALLYPORT_DECISION_URL=http://${at('forward-auth', '127.0.0.1:4602')}`,
      "# in the application, before everything else: import { sallyport } from '@sallyport/middleware/express'",
      'app.use(sallyport())',
    ],
    config: 'forwardAuth: { enabled: true }',
    setting: 'decisionPoints.forwardAuth',
    sensor: 'forward-auth',
  },
  {
    id: 'forward-auth',
    does: 'stops',
    title: 'nginx, Caddy or HAProxy',
    note: `nginx, Caddy and HAProxy ask at ${at('forward-auth', '127.0.0.1:4602')} before they pass a request on, with files that are complete: put in your service for 127.0.0.1:9000 and your port for 8081. Where Sallyport is absent they refuse.`,
    lines: [
      'cd deploy/forward-auth',
      'nginx -c "$PWD/nginx.conf"',
      '# or: caddy run --adapter caddyfile --config Caddyfile',
      '# or: haproxy -f haproxy.cfg',
      'curl http://127.0.0.1:8081/',
    ],
    config: 'forwardAuth: { enabled: true }',
    setting: 'decisionPoints.forwardAuth',
    sensor: 'forward-auth',
  },
  {
    id: 'traefik',
    does: 'stops',
    title: 'Traefik',
    note: 'Traefik asks before it passes a request on, with its body up to 64 KiB. Where Sallyport is absent it refuses.',
    lines: [
      'http:',
      '  middlewares:',
      '    sallyport:',
      `      forwardAuth: { address: http://${at('forward-auth', '127.0.0.1:4602')}/auth/traefik, trustForwardHeader: false, forwardBody: true, maxBodySize: 65536 }`,
      '# and in each router:  middlewares: [sallyport]',
    ],
    config: 'forwardAuth: { enabled: true }',
    setting: 'decisionPoints.forwardAuth',
    sensor: 'forward-auth',
  },
  {
    id: 'ext-proc',
    does: 'stops',
    title: 'Envoy and Istio (ext_proc)',
    note: `Envoy’s ext_proc sees requests and answers with their bodies, and lets Sallyport refuse and change both. Among the proxy’s http_filters, with a cluster named sallyport that leads to ${at('envoy-filter', '127.0.0.1:4601')} over HTTP/2; deploy/kubernetes has whole files for Istio and Envoy Gateway. What cannot be decided on passes.`,
    lines: [
      '- name: envoy.filters.http.ext_proc',
      '  typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor,',
      '    grpc_service: {envoy_grpc: {cluster_name: sallyport}, timeout: 1s}, message_timeout: 1s, failure_mode_allow: true,',
      '    allow_mode_override: true, processing_mode: {request_body_mode: BUFFERED_PARTIAL, response_body_mode: BUFFERED_PARTIAL},',
      '    request_attributes: [source.address, destination.address, request.protocol]}',
    ],
    config: 'envoy: { enabled: true }',
    setting: 'decisionPoints.envoy',
    sensor: 'envoy-filter',
  },
  {
    id: 'node',
    does: 'sees',
    title: 'Traces of Node.js',
    note: 'OpenTelemetry’s automatic instrumentation tells who called whom, and which stores were read. No code changes.',
    lines: [
      'npm install @opentelemetry/auto-instrumentations-node',
      `export OTEL_EXPORTER_OTLP_ENDPOINT=${otlp}`,
      'export OTEL_SERVICE_NAME=orders',
      'node --require @opentelemetry/auto-instrumentations-node/register app.js',
    ],
    sensor: 'otlp',
  },
  {
    id: 'java',
    does: 'sees',
    title: 'Traces of Java',
    note: 'OpenTelemetry’s agent, beside the application. No code changes.',
    lines: [
      'curl -LO https://github.com/open-telemetry/opentelemetry-java-instrumentation/releases/latest/download/opentelemetry-javaagent.jar',
      `export OTEL_EXPORTER_OTLP_ENDPOINT=${otlp} OTEL_SERVICE_NAME=orders`,
      'java -javaagent:opentelemetry-javaagent.jar -jar app.jar',
    ],
    sensor: 'otlp',
  },
  {
    id: 'ebpf',
    does: 'sees',
    title: 'Traces by eBPF',
    note: 'OpenTelemetry’s eBPF instrumentation sees calls from the kernel, whatever the language. Beyla is the same as image grafana/beyla with BEYLA_OPEN_PORT.',
    lines: [
      'docker run --rm --privileged --pid=host --network=host \\',
      '  -e OTEL_EBPF_OPEN_PORT=8080 \\',
      `  -e OTEL_EXPORTER_OTLP_ENDPOINT=${otlp} \\`,
      '  otel/ebpf-instrument:main',
    ],
    sensor: 'otlp',
  },
  {
    id: 'envoy',
    does: 'sees',
    title: 'Envoy access log',
    note: `Envoy’s access log service tells every call that a proxy passes on, without bodies. In the proxy’s HTTP filter, with a cluster named sallyport that leads to ${at('envoy', '127.0.0.1:9001')} over HTTP/2:`,
    lines: [
      'access_log:',
      '- name: envoy.access_loggers.http_grpc',
      '  typed_config: {"@type": type.googleapis.com/envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig,',
      '    common_config: {log_name: sallyport, transport_api_version: V3,',
      '      grpc_service: {envoy_grpc: {cluster_name: sallyport}}}}',
    ],
    config: 'envoy: { port: 9001 }',
    sensor: 'envoy',
  },
  {
    id: 'nginx',
    does: 'sees',
    title: 'nginx mirror',
    note: 'nginx sends a copy of each request, with its body. Answers are not copied: calls have no status.',
    lines: [
      'location / { mirror /sallyport; proxy_pass http://app; }',
      'location = /sallyport {',
      `  internal; proxy_pass http://${at('mirror', '127.0.0.1:9002')};`,
      '  proxy_set_header X-Original-URI $request_uri; proxy_set_header X-Original-Host $host;',
      '}',
    ],
    config: 'mirror: { port: 9002 }',
    sensor: 'mirror',
  },
  {
    id: 'kubernetes',
    does: 'sees',
    title: 'Kubernetes objects',
    note: 'Reads which workloads, services, routes and grants are declared, and follows their changes. It needs to list and watch, never to read a secret; what it may not list it leaves out and says so. Run outside the cluster, it uses your kubeconfig.',
    lines: [
      'kubectl create serviceaccount sallyport',
      'kubectl create clusterrolebinding sallyport-view --clusterrole=view --serviceaccount=default:sallyport',
      'kubectl create clusterrole sallyport --verb=get,list,watch \\',
      '  --resource=roles,rolebindings,clusterroles,clusterrolebindings,endpointslices',
      'kubectl create clusterrolebinding sallyport --clusterrole=sallyport --serviceaccount=default:sallyport',
    ],
    config: 'kubernetes: { enabled: true }',
    sensor: 'kubernetes',
  },
  {
    id: 'pcap',
    does: 'sees',
    title: 'The network',
    note: 'Captures packets with tcpdump, which needs the right to. Plain HTTP is read with its bodies, of TLS only who spoke to whom.',
    lines: [
      'sudo setcap cap_net_raw,cap_net_admin=eip "$(command -v tcpdump)"',
      '# or without a sensor, from a file that was captured elsewhere:',
      'tcpdump -i any -w capture.pcap tcp',
      'bin/sallyport analyze capture.pcap',
    ],
    config: 'pcap: { interface: any }',
    sensor: 'pcap',
  },
  {
    id: 'falco',
    does: 'sees',
    title: 'Falco',
    note: 'Falco tells of processes, files and connections that break its rules, on the workload where they happen.',
    lines: [
      'json_output: true',
      'http_output:',
      '  enabled: true',
      `  url: http://${at('runtime', '127.0.0.1:9003')}/falco`,
    ],
    config: 'runtime: { port: 9003 }',
    sensor: 'runtime',
  },
  {
    id: 'tetragon',
    does: 'sees',
    title: 'Tetragon and KubeArmor',
    note: 'Both write JSON lines: whatever can post them will do.',
    lines: [
      `kubectl logs -n kube-system ds/tetragon -c export-stdout -f | while read -r line; do`,
      `  curl -s --data-binary "$line" http://${at('runtime', '127.0.0.1:9003')}/tetragon; done`,
      `karmor logs --json | while read -r line; do`,
      `  curl -s --data-binary "$line" http://${at('runtime', '127.0.0.1:9003')}/kubearmor; done`,
    ],
    config: 'runtime: { port: 9003 }',
    sensor: 'runtime',
  },
  {
    id: 'cloudtrail',
    does: 'sees',
    title: 'CloudTrail',
    note: 'The cloud’s audit log tells which identities are used and what they read. EventBridge posts each record; a file is read as well.',
    lines: [
      'aws events put-rule --name sallyport --event-pattern \'{"detail-type":["AWS API Call via CloudTrail"]}\'',
      '# its target: an API destination that leads, through your tunnel, to',
      `#   http://${at('cloud', '127.0.0.1:9004')}/cloudtrail`,
      '# or from the files in the bucket:',
      'bin/sallyport analyze cloudtrail/*.json.gz',
    ],
    config: 'cloud: { port: 9004 }',
    sensor: 'cloud',
  },
  {
    id: 'nats',
    does: 'sees',
    title: 'NATS',
    note: 'Reads a JetStream stream that is there already: event lines, access logs and records of other tools, one message each.',
    lines: [
      "nats stream add EVENTS --subjects 'events.>' --defaults",
      'nats publish events.calls "$(head -1 events.jsonl)"',
    ],
    config: 'nats: { servers: ["nats://127.0.0.1:4222"], stream: EVENTS }',
    sensor: 'nats',
  },
  {
    id: 'kafka',
    does: 'sees',
    title: 'Kafka',
    note: 'Reads topics with a consumer group of its own: event lines, access logs and records of other tools, one message each.',
    lines: [
      'kafka-topics.sh --bootstrap-server 127.0.0.1:9092 --create --topic events',
      'kafka-console-producer.sh --bootstrap-server 127.0.0.1:9092 --topic events < events.jsonl',
    ],
    config: 'kafka: { brokers: ["127.0.0.1:9092"], topics: [events] }',
    sensor: 'kafka',
  },
  {
    id: 'files',
    does: 'once',
    title: 'From a recording',
    note: 'Reads HAR, access logs, captures, audit logs, traces and event lines. Nothing runs in front of anything.',
    lines: [
      'bin/sallyport analyze traffic.har access.log',
      '# what was normal before, first:',
      'bin/sallyport analyze today.jsonl --learn last-week.jsonl',
    ],
  },
  {
    id: 'ci',
    does: 'once',
    title: 'In a pipeline',
    note: 'Exits with 1 when there are findings of that severity or more.',
    lines: ['bin/sallyport analyze recorded.har --format sarif --fail-on high > sallyport.sarif'],
  },
]
