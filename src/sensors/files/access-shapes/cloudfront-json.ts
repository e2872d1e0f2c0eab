import type { AccessShape } from './access-shape.ts'

/** Amazon CloudFront's standard logs (v2) and real-time logs in JSON, under the names of the W3C fields. */
export const cloudfrontJson: AccessShape = {
  id: 'cloudfront-json',
  title: 'Amazon CloudFront (JSON)',
  is: record => 'cs-method' in record && 'cs-uri-stem' in record,
  fields: {
    time: ['timestamp(ms)', 'timestamp'],
    method: ['cs-method'],
    target: ['cs-uri-stem'],
    query: ['cs-uri-query'],
    status: ['sc-status'],
    ip: ['c-ip'],
    port: ['c-port'],
    host: ['x-host-header', 'cs(Host)', 'cs-host'],
    bytes: ['sc-bytes'],
    received: ['cs-bytes'],
    agent: ['cs(User-Agent)', 'cs-user-agent'],
    referer: ['cs(Referer)', 'cs-referer'],
    forwarded: ['x-forwarded-for'],
    version: ['cs-protocol-version'],
  },
  durations: [['time-taken', 1_000]],
}
