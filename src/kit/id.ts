declare const brand: unique symbol

/** A string that can only be made by the one function that knows its form. */
export type Brand<Name extends string> = string & { readonly [brand]: Name }

export type CallId = Brand<'CallId'>
/** `METHOD host/template`, e.g. `GET api.shop.example/orders/{orderId}`. */
export type EndpointId = Brand<'EndpointId'>
/** `<kind>:<name>`, e.g. `user:alice`. */
export type PrincipalId = Brand<'PrincipalId'>
export type TenantId = Brand<'TenantId'>
/** 32 lower-case hex digits: the first 128 bits of a keyed HMAC-SHA-256. */
export type Fingerprint = Brand<'Fingerprint'>
export type SignalId = Brand<'SignalId'>
export type IncidentId = Brand<'IncidentId'>
export type PolicyName = Brand<'PolicyName'>
export type DecisionId = Brand<'DecisionId'>

export const callId = (value: string): CallId => value as CallId
export const endpointId = (method: string, host: string, template: string): EndpointId =>
  `${method} ${host}${template}` as EndpointId
export const principalId = (kind: PrincipalKind, name: string): PrincipalId =>
  `${kind}:${name}` as PrincipalId
export const tenantId = (value: string): TenantId => value as TenantId
export const policyName = (value: string): PolicyName => value as PolicyName

export type PrincipalKind = 'user' | 'service' | 'apikey' | 'agent' | 'session' | 'token' | 'anonymous'
