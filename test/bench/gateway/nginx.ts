import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const modules = '/usr/lib/nginx/modules'

/** What must be on the machine, and the Debian package it comes in. */
export const requirements: readonly (readonly [path: string, debianPackage: string])[] = [
  ['/usr/sbin/nginx', 'nginx'],
  [`${modules}/ngx_http_modsecurity_module.so`, 'libnginx-mod-http-modsecurity'],
  ['/usr/share/modsecurity-crs/rules', 'modsecurity-crs'],
  ['/etc/modsecurity/crs/crs-setup.conf', 'modsecurity-crs'],
  ['/usr/bin/wrk', 'wrk'],
]

/** One nginx process without a master, so that all its CPU time stands under one pid. */
function configuration(folder: string, load: string, http: string): string {
  mkdirSync(join(folder, 'tmp'), { recursive: true })
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    kind => `  ${kind}_temp_path ${join(folder, 'tmp', kind)};`,
  )
  const path = join(folder, 'nginx.conf')
  const text = `${load}
daemon off;
master_process off;
pid ${join(folder, 'nginx.pid')};
error_log ${join(folder, 'error.log')} error;
worker_rlimit_nofile 4096;
events { worker_connections 2048; }
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 75s;
  client_body_buffer_size 64k;
${temporary.join('\n')}
${http}
}
`
  writeFileSync(path, text)
  return path
}

export function upstreamConfiguration(folder: string, port: number, body: string): string {
  return configuration(
    folder,
    '',
    `  default_type application/json;
  server { listen 127.0.0.1:${port} backlog=1024; location / { return 200 '${body}'; } }`,
  )
}

export function proxyConfiguration(
  folder: string,
  port: number,
  upstreamPort: number,
  modsecurity: string | undefined,
  tls?: { readonly port: number; readonly certificate: string; readonly key: string },
): string {
  const load = modsecurity === undefined ? '' : `load_module ${modules}/ngx_http_modsecurity_module.so;`
  const rules = modsecurity === undefined ? '' : `modsecurity on; modsecurity_rules_file ${modsecurity};`
  const secure =
    tls === undefined
      ? ''
      : `listen 127.0.0.1:${tls.port} ssl http2 backlog=1024;
    ssl_certificate ${tls.certificate};
    ssl_certificate_key ${tls.key};
    ssl_protocols TLSv1.2 TLSv1.3;`
  return configuration(
    folder,
    load,
    `  upstream behind { server 127.0.0.1:${upstreamPort}; keepalive 128; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port} backlog=1024;
    ${secure}
    ${rules}
    location / {
      proxy_pass http://behind;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host;
    }
  }`,
  )
}

/** ModSecurity as it protects JSON APIs: enforcing, bodies parsed as JSON, the whole Core Rule Set, no audit log. */
export function modsecurityRules(folder: string): string {
  const path = join(folder, 'modsecurity.conf')
  writeFileSync(
    path,
    `SecRuleEngine On
SecRequestBodyAccess On
SecRule REQUEST_HEADERS:Content-Type "^application/json" "id:'200001',phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=JSON"
SecRequestBodyLimit 13107200
SecRequestBodyNoFilesLimit 131072
SecRequestBodyLimitAction Reject
SecPcreMatchLimit 100000
SecPcreMatchLimitRecursion 100000
SecResponseBodyAccess Off
SecAuditEngine Off
SecArgumentSeparator &
SecCookieFormat 0
SecTmpDir ${join(folder, 'tmp')}
SecDataDir ${join(folder, 'tmp')}
Include /etc/modsecurity/crs/crs-setup.conf
Include /usr/share/modsecurity-crs/rules/*.conf
`,
  )
  return path
}
