import type { PayloadHit } from '../grammar.ts'
import type { PlacedRule } from './placed-rule.ts'

const kind = 'sensitive-file'

/** Directories and files that begin with a dot are for programs on the server. Endings that stand alone are an empty name in a template. */
const hidden =
  /\/\.(?!well-known(?:\/|$)|(?:json|xml|html?|css|js|txt|csv|rss|atom|png|jpe?g|gif|svg|ico|webp)$)[a-z_][\w.-]{0,64}(?:\/|$)/
/** Copies, dumps and logs that were left lying about. */
const leftover =
  /\/[\w.-]{1,64}(?:\.(?:sql|dump|bak|old|orig|swp|save)(?:\.(?:gz|zip|bz2|7z|rar|xz))?|~|\.(?:php|jsp|aspx?|config|ya?ml|json|env)\.(?:bak|old|save|orig|zip|gz))$|\/(?:php_)?(?:debug|errors?|access|npm-debug|laravel)[._-]?logs?$/
const system =
  /\/(?:sys\/(?:class|kernel|devices)|proc\/(?:self|interrupts|version|cpuinfo|cmdline|environ|mounts|net))\b/
const development =
  /\/@(?:id|fs|vite)\/[^?]*|\/wp-config\b|\/(?:actuator\/(?:heapdump|env|jolokia|gateway)|server-status|server-info|phpinfo(?:\.php)?|phpmyadmin|adminer(?:\.php)?|web-inf\b|meta-inf\b)/

/** One of these is in every such path. */
const suspicious = /[.~@]|logs?$|\/(?:sys|proc|server-|actuator|php|adminer|web-inf|meta-inf|wp-)/i

/** @returns What the path of a request asks for that no application offers. */
export function inspectPath(path: string): PayloadHit | undefined {
  if (!suspicious.test(path)) return undefined
  const lower = path.toLowerCase().slice(0, 4_096)
  if (hidden.test(lower)) return { kind, rule: 'hidden-file', confidence: 0.6 }
  if (system.test(lower)) return { kind, rule: 'system-file', confidence: 0.7 }
  if (leftover.test(lower)) return { kind, rule: 'leftover', confidence: 0.6 }
  if (development.test(lower)) return { kind, rule: 'development', confidence: 0.55 }
  return undefined
}

export const sensitiveFile: PlacedRule = {
  kind,
  place: 'the path of the request',
  inspect: inspectPath,
  examples: {
    hits: [
      '/.cursor/mcp.json',
      '/app/.env',
      '/backup.sql.gz',
      '/wp-content/debug.log',
      '/index.php.bak',
      '/sys/class/x',
    ],
    misses: [
      '/.well-known/openid-configuration',
      '/users/.json',
      '/v1.2/orders',
      '/logs/7',
      '/files/report.pdf',
      '/backups/latest',
      '/catalogs',
    ],
  },
}
