import type { FileFormat } from '../file-format.ts'
import { accessLog } from './access-log.ts'
import { awsApiGatewayExecution } from './aws-api-gateway-execution.ts'
import { awsLoadBalancer } from './aws-load-balancer.ts'
import { cloudtrail } from './cloudtrail.ts'
import { envoyAccessLog } from './envoy-access-log.ts'
import { envoyTap } from './envoy-tap.ts'
import { falco } from './falco.ts'
import { gcpAudit } from './gcp-audit.ts'
import { har } from './har.ts'
import { jsonAccessLog } from './json-access-log.ts'
import { jsonl } from './jsonl.ts'
import { kubearmor } from './kubearmor.ts'
import { kubernetes } from './kubernetes.ts'
import { kubernetesAudit } from './kubernetes-audit.ts'
import { otlp } from './otlp.ts'
import { pcap } from './pcap.ts'
import { tetragon } from './tetragon.ts'
import { w3cLog } from './w3c-log.ts'

/** In the order they are tried. */
export const fileFormats: readonly FileFormat[] = [
  pcap,
  jsonl,
  otlp,
  har,
  envoyTap,
  kubearmor,
  tetragon,
  falco,
  cloudtrail,
  gcpAudit,
  kubernetesAudit,
  kubernetes,
  jsonAccessLog,
  awsApiGatewayExecution,
  awsLoadBalancer,
  envoyAccessLog,
  w3cLog,
  accessLog,
]
