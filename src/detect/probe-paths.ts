/** What somebody looks for who asks for a path of that form. */
export type ProbeKind =
  | 'secret file'
  | 'source control'
  | 'backup'
  | 'debug page'
  | 'foreign software'
  | 'server file'

/**
 * Paths that scanners try wherever they come, by form; after the OWASP Web Security Testing Guide, WSTG-CONF-04, 05 and 07. Each
 * pattern is linear, and is run on at most 300 characters in lower case.
 */
const forms: readonly (readonly [ProbeKind, RegExp])[] = [
  [
    'secret file',
    /\/\.(?:env|aws|ssh|npmrc|netrc|pgpass|htpasswd|dockercfg|docker|kube|bash_history)(?:$|[/._-])/,
  ],
  [
    'secret file',
    /\/(?:id_rsa|credentials|secrets?|wp-config|web\.config|appsettings|database)\.?(?:json|ya?ml|xml|php|txt|pem|key|bak)?$/,
  ],
  ['source control', /\/\.(?:git|svn|hg|bzr)(?:$|\/)/],
  ['backup', /\.(?:bak|old|orig|swp|save|sql|sql\.gz|dump|tar|tar\.gz|tgz|zip|rar|7z)$/],
  ['backup', /\/(?:backup|dump|db)(?:s|up)?\.[a-z]{2,6}$/],
  [
    'debug page',
    /\/(?:phpinfo|info\.php|server-status|server-info|elmah\.axd|trace\.axd|heapdump|threaddump|jolokia|pprof)(?:$|[/.])/,
  ],
  ['debug page', /\/(?:actuator|debug|_debug|__debug__|_profiler|telescope|console)(?:$|\/)/],
  [
    'foreign software',
    /\/(?:wp-login\.php|wp-admin|xmlrpc\.php|wp-content|phpmyadmin|pma|myadmin|fckeditor|joomla|drupal|cgi-bin|manager\/html|solr\/admin|owa|boaform|hnap1|setup\.cgi)(?:$|[/.?])/,
  ],
  ['server file', /(?:^|[^a-z])(?:etc(?:\/|%2f|\\)passwd|web-inf|win\.ini|boot\.ini|proc(?:\/|%2f)self)/],
]

/** @param target path and query as sent */
export function probeOf(target: string): ProbeKind | undefined {
  const text = target.slice(0, 300).toLowerCase()
  const question = text.indexOf('?')
  const path = question < 0 ? text : text.slice(0, question)
  for (const [kind, form] of forms) if (form.test(kind === 'server file' ? text : path)) return kind
  return undefined
}

const management =
  /\/(?:actuator|_?debug|__debug__|_profiler|telescope|phpinfo(?:\.php)?|server-status|server-info|heapdump|threaddump|jolokia|pprof|trace\.axd|elmah\.axd|env|configprops|createdb|resetdb|reset-?db|seed|testdata|test-?data)(?:$|\/)/

/** Whether a path is one for those who run the software: debugging, management, setting up its database. */
export const isManagementPath = (path: string): boolean => management.test(path.slice(0, 300).toLowerCase())
