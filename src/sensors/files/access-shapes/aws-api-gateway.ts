import type { AccessShape } from './access-shape.ts'

/**
 * Access logs of Amazon API Gateway in JSON (API Gateway Developer Guide, "Set up API logging", `$context` variables), for REST, HTTP and
 * WebSocket APIs, by the names that its templates give.
 */
export const awsApiGateway: AccessShape = {
  id: 'aws-api-gateway',
  title: 'Amazon API Gateway',
  is: record =>
    ('httpMethod' in record || 'routeKey' in record || 'eventType' in record) &&
    ('requestId' in record || 'extendedRequestId' in record || 'apiId' in record) &&
    ('resourcePath' in record || 'routeKey' in record || 'path' in record),
  fields: {
    time: ['requestTimeEpoch', 'requestTime', 'time', 'timestamp'],
    method: ['httpMethod', 'method'],
    target: ['path', 'rawPath', 'resourcePath'],
    line: ['routeKey'],
    query: ['rawQueryString', 'queryString'],
    route: ['resourcePath', 'routeKey'],
    status: ['status', 'responseStatus', 'statusCode'],
    ip: ['sourceIp', 'ip', 'identity.sourceIp', 'clientIp'],
    host: ['domainName', 'host', 'apiDomain'],
    bytes: ['responseLength', 'responseSize'],
    agent: ['userAgent', 'identity.userAgent'],
    user: [
      'authorizer.claims.sub',
      'authorizer.principalId',
      'authorizerPrincipalId',
      'principalId',
      'claimsSub',
      'sub',
      'cognitoIdentityId',
      'userArn',
      'caller',
      'user',
    ],
    trace: ['xrayTraceId'],
    version: ['protocol'],
  },
  durations: [
    ['responseLatency', 1],
    ['latency', 1],
  ],
  extra: { api: ['apiId'], stage: ['stage'] },
}
