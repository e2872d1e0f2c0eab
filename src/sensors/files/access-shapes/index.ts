import type { AccessShape } from './access-shape.ts'
import { apigee } from './apigee.ts'
import { awsApiGateway } from './aws-api-gateway.ts'
import { azureApiManagement } from './azure-api-management.ts'
import { caddy } from './caddy.ts'
import { cloudfrontJson } from './cloudfront-json.ts'
import { common } from './common.ts'
import { envoy } from './envoy.ts'
import { kong } from './kong.ts'
import { nginxIngress } from './nginx-ingress.ts'
import { traefik } from './traefik.ts'

/** In the order they are tried; the last takes what is of no product's own shape. */
export const accessShapes: readonly AccessShape[] = [
  kong,
  azureApiManagement,
  traefik,
  caddy,
  apigee,
  awsApiGateway,
  cloudfrontJson,
  nginxIngress,
  envoy,
  common,
]
