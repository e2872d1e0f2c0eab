import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import {
  V1Capabilities,
  V1ConfigMap,
  V1ConfigMapVolumeSource,
  V1Container,
  V1ContainerPort,
  V1Deployment,
  V1DeploymentSpec,
  V1DeploymentStrategy,
  V1EnvVar,
  V1EnvVarSource,
  V1IPBlock,
  V1LabelSelector,
  V1LabelSelectorRequirement,
  V1Namespace,
  V1NetworkPolicy,
  V1NetworkPolicyEgressRule,
  V1NetworkPolicyIngressRule,
  V1NetworkPolicyPeer,
  V1NetworkPolicyPort,
  V1NetworkPolicySpec,
  V1ObjectMeta,
  V1PersistentVolumeClaim,
  V1PersistentVolumeClaimSpec,
  V1PersistentVolumeClaimVolumeSource,
  V1PodSecurityContext,
  V1PodSpec,
  V1PodTemplateSpec,
  V1PolicyRule,
  V1Probe,
  V1ResourceRequirements,
  V1Role,
  V1SeccompProfile,
  V1SecretKeySelector,
  V1SecurityContext,
  V1Service,
  V1ServicePort,
  V1ServiceSpec,
  V1TCPSocketAction,
  V1Volume,
  V1VolumeMount,
  V1VolumeResourceRequirements,
} from '@kubernetes/client-node'
import { Ajv, type ValidateFunction } from 'ajv'
import { parseAllDocuments } from 'yaml'

/** Definitions of the objects that policies are, as their projects publish them; fields that they do not know are refused. */

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sallyport-tests', 'go')

/** Go modules that hold the definitions; `scripts/test.mjs` brings them. */
const istio = join(cache, 'istio.io/api@v1.31.1/kubernetes/customresourcedefinitions.gen.yaml')
const envoyGateway = join(cache, 'github.com/envoyproxy/gateway@v1.9.1/charts/gateway-helm/charts/crds/crds')
const published = {
  AuthorizationPolicy: istio,
  EnvoyFilter: istio,
  DestinationRule: istio,
  EnvoyExtensionPolicy: join(envoyGateway, 'generated/gateway.envoyproxy.io_envoyextensionpolicies.yaml'),
  SecurityPolicy: join(envoyGateway, 'generated/gateway.envoyproxy.io_securitypolicies.yaml'),
  ReferenceGrant: join(envoyGateway, 'gatewayapi-crds.yaml'),
  CiliumNetworkPolicy: join(
    cache,
    'github.com/cilium/cilium@v1.20.2/pkg/k8s/apis/cilium.io/client/crds/v2/ciliumnetworkpolicies.yaml',
  ),
} as const

type Schema = Readonly<Record<string, unknown>>

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A structural schema that takes no field it does not name, unless it says that it keeps them. */
function closed(schema: Schema): Schema {
  const { properties, items, additionalProperties } = schema
  return {
    ...schema,
    ...(isSchema(properties)
      ? {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, one]) => [name, isSchema(one) ? closed(one) : one]),
          ),
          ...(additionalProperties === undefined && schema['x-kubernetes-preserve-unknown-fields'] !== true
            ? { additionalProperties: false }
            : {}),
        }
      : {}),
    ...(isSchema(items) ? { items: closed(items) } : {}),
    ...(isSchema(additionalProperties) ? { additionalProperties: closed(additionalProperties) } : {}),
  }
}

const ajv = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false, allErrors: true })

export const compiled = (schema: Schema): ValidateFunction => ajv.compile(closed(schema))

/** The published definition of a version of a kind; undefined where it could not be had. */
export function publishedDefinition(
  kind: keyof typeof published,
  version: string,
): ValidateFunction | undefined {
  const file = published[kind]
  if (!existsSync(file)) return undefined
  for (const document of parseAllDocuments(readFileSync(file, 'utf8'))) {
    const { spec } = (document.toJS() ?? {}) as {
      readonly spec?: {
        readonly names: { readonly kind: string }
        readonly versions: readonly {
          readonly name: string
          readonly schema: { readonly openAPIV3Schema: Schema }
        }[]
      }
    }
    if (spec?.names.kind !== kind) continue
    const found = spec.versions.find(({ name }) => name === version)
    if (found === undefined) continue
    const whole = found.schema.openAPIV3Schema
    // Some leave what every object has to the API server.
    return compiled({ ...whole, properties: { ...common, ...(whole.properties as Schema) } })
  }
  return undefined
}

const text = { type: 'string' } as const
const common = { apiVersion: text, kind: text, metadata: { type: 'object' } } as const

interface Model {
  readonly attributeTypeMap: readonly { readonly baseName: string; readonly type: string }[]
}

const models: Readonly<Record<string, Model>> = {
  V1NetworkPolicy,
  V1NetworkPolicySpec,
  V1NetworkPolicyIngressRule,
  V1NetworkPolicyEgressRule,
  V1NetworkPolicyPeer,
  V1NetworkPolicyPort,
  V1IPBlock,
  V1LabelSelector,
  V1LabelSelectorRequirement,
  V1ObjectMeta,
  V1Role,
  V1PolicyRule,
  V1Namespace,
  V1ConfigMap,
  V1PersistentVolumeClaim,
  V1PersistentVolumeClaimSpec,
  V1VolumeResourceRequirements,
  V1Deployment,
  V1DeploymentSpec,
  V1DeploymentStrategy,
  V1PodTemplateSpec,
  V1PodSpec,
  V1PodSecurityContext,
  V1SeccompProfile,
  V1Container,
  V1EnvVar,
  V1EnvVarSource,
  V1SecretKeySelector,
  V1ContainerPort,
  V1Probe,
  V1TCPSocketAction,
  V1ResourceRequirements,
  V1SecurityContext,
  V1Capabilities,
  V1VolumeMount,
  V1Volume,
  V1ConfigMapVolumeSource,
  V1PersistentVolumeClaimVolumeSource,
  V1Service,
  V1ServiceSpec,
  V1ServicePort,
}

/** The schema of a Kubernetes type as the official client has it, made from the API server's own OpenAPI document. */
export function kubernetesDefinition(type: string): ValidateFunction {
  return compiled(schemaOf(type))
}

function schemaOf(type: string): Schema {
  const list = /^Array<(.+)>$/.exec(type)?.[1]
  if (list !== undefined) return { type: 'array', items: schemaOf(list) }
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1]
  if (map !== undefined) return { type: 'object', additionalProperties: schemaOf(map) }
  if (type === 'IntOrString') return { anyOf: [{ type: 'integer' }, text] }
  if (type === 'number') return { type: 'integer' }
  if (type === 'string' || type === 'boolean') return { type }
  const model = models[type]
  // Parts that no policy of ours has are taken as they are.
  if (model === undefined) return {}
  return {
    type: 'object',
    properties: Object.fromEntries(
      model.attributeTypeMap.map(({ baseName, type: of }) => [baseName, schemaOf(of)]),
    ),
  }
}

const severity = { type: 'integer', minimum: 1, maximum: 10 } as const
const path = { type: 'string', maxLength: 200, pattern: '^/+.*[^/]$' } as const
const fromSource = { type: 'array', items: { type: 'object', properties: { path } } } as const
const action = { enum: ['Allow', 'Audit', 'Block'] } as const

/**
 * The parts of `security.kubearmor.com/v1` KubeArmorPolicy that ours use, written down from its reference: its definition is in no package
 * registry.
 */
export const kubearmorDefinition = (): ValidateFunction =>
  compiled({
    type: 'object',
    required: ['apiVersion', 'kind', 'metadata', 'spec'],
    properties: {
      ...common,
      apiVersion: { const: 'security.kubearmor.com/v1' },
      kind: { const: 'KubeArmorPolicy' },
      spec: {
        type: 'object',
        properties: {
          action,
          severity,
          selector: {
            type: 'object',
            properties: { matchLabels: { type: 'object', additionalProperties: text } },
          },
          process: {
            type: 'object',
            properties: {
              matchPaths: {
                type: 'array',
                items: { type: 'object', required: ['path'], properties: { path, fromSource, action } },
              },
            },
          },
          file: {
            type: 'object',
            properties: {
              matchPaths: {
                type: 'array',
                items: {
                  type: 'object',
                  required: ['path'],
                  properties: { path, fromSource, action, readOnly: { type: 'boolean' } },
                },
              },
              matchDirectories: {
                type: 'array',
                items: {
                  type: 'object',
                  required: ['dir'],
                  properties: {
                    dir: { type: 'string', pattern: '^/$|^/.*/$' },
                    recursive: { type: 'boolean' },
                    readOnly: { type: 'boolean' },
                    fromSource,
                    action,
                  },
                },
              },
            },
          },
          network: {
            type: 'object',
            properties: {
              matchProtocols: {
                type: 'array',
                items: {
                  type: 'object',
                  required: ['protocol'],
                  properties: {
                    protocol: { enum: ['tcp', 'udp', 'icmp', 'raw', 'sctp', 'all'] },
                    fromSource,
                    action,
                  },
                },
              },
            },
          },
        },
      },
    },
  })
