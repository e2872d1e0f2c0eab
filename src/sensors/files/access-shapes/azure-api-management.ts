import { textAt } from '../fields.ts'
import type { AccessShape } from './access-shape.ts'

/**
 * Azure API Management's gateway log: resource logs of category `GatewayLogs` and rows of Log Analytics' `ApiManagementGatewayLogs`
 * (Azure Monitor, "Supported logs for Microsoft.ApiManagement/service").
 */
export const azureApiManagement: AccessShape = {
  id: 'azure-api-management',
  title: 'Azure API Management',
  is: record =>
    (record.category === 'GatewayLogs' && textAt(record, 'properties.url') !== undefined) ||
    ('ApimSubscriptionId' in record && 'Url' in record) ||
    (record.Category === 'GatewayLogs' && 'Url' in record),
  fields: {
    time: ['time', 'TimeGenerated', 'TimeGenerated [UTC]'],
    method: ['properties.method', 'Method'],
    target: ['properties.url', 'Url'],
    status: ['properties.responseCode', 'ResponseCode'],
    ip: ['callerIpAddress', 'CallerIpAddress'],
    bytes: ['properties.responseSize', 'ResponseSize'],
    received: ['properties.requestSize', 'RequestSize'],
    user: ['properties.userId', 'UserId', 'properties.apimSubscriptionId', 'ApimSubscriptionId'],
    version: ['properties.clientProtocol', 'ClientProtocol'],
  },
  durations: [
    ['durationMs', 1],
    ['properties.totalTime', 1],
    ['DurationMs', 1],
    ['TotalTime', 1],
  ],
  requestHeaders: ['properties.requestHeaders', 'RequestHeaders'],
  responseHeaders: ['properties.responseHeaders', 'ResponseHeaders'],
  extra: {
    api: ['properties.apiId', 'ApiId'],
    operation: ['properties.operationId', 'OperationId'],
    product: ['properties.productId', 'ProductId'],
  },
}
