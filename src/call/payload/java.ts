import type { PatternRule, PayloadGrammar, PayloadHit } from './grammar.ts'
import { firstMatch } from './grammar.ts'

const kind = 'java-injection'

/** Expressions of OGNL, SpEL, EL and the like that reach for classes, and Java that runs something. */
const rules: readonly PatternRule[] = [
  [
    'type-expression',
    0.97,
    /\bt\(\s?(?:java|javax|org|com)\.|@(?:java|javax|org|com)\.[\w.]{1,120}@|\bnew\s+(?:java|javax|org\.springframework)\.[\w.]{1,120}[({]/,
  ],
  [
    'ognl-context',
    0.96,
    /#_?memberaccess|#(?:context|request|session|parameters|application|attr|rt|cmd|dm|container|ognlutil|res(?:ponse)?)\b\s?[.[=]|@ognl|\bognl\.|xwork\.methodaccessor|allowstaticmethodaccess|com\.opensymphony|\w{3,40}applicationcontext\(\s?['"]|springframework\.context\.support/,
  ],
  [
    'class-loader',
    0.96,
    /\bclass\.(?:module\.)?classloader\b|\bclass\[["']?(?:module|classloader)|getclass\(\)|\.class\.forname|class\.forname\(|\bforname\(\s?["']|\.getdeclared(?:method|constructor|field)|getclassloader\(/,
  ],
  [
    'process',
    0.96,
    /getruntime\(\)|runtime\.getruntime|processbuilder\s?\(|\bjava\.(?:lang\.)?(?:runtime|processbuilder|processimpl|unixprocess)\b|new\s+processbuilder|scriptenginemanager|getenginebyname\(/,
  ],
  [
    'gadget',
    0.93,
    /\b(?:java\.beans\.xmldecode|javax\.naming\.initialcontext|org\.springframework\.context\.support\.\w*applicationcontext|groovy\.(?:lang|util)\.(?:groovyshell|eval)|javassist\.|org\.omg\.corba|com\.sun\.(?:org\.apache|rowset|jndi))/,
  ],
  [
    'library',
    0.93,
    /\borg\.apache\.(?:struts2?|xalan|bcel|tomcat|catalina|ibatis|xbean|commons\.(?:fileupload|configuration|jxpath|ognl|jexl))\.[a-z][\w.]{0,120}[@(#]|freemarker\.template\.utility|freemarker\.template\.(?:objectconstructor|execute)/,
  ],
]

/** Qualified names of classes of the platform. */
const platform =
  /(?:^|[^\w.])(?:java|javax|jakarta)\.(?:lang|util|io|nio|net|script|naming|beans|rmi|sql|security|management|el|xml|crypto)\.[a-z][\w.$]{1,120}/
/** Inside an expression that is opened in the text. */
const opened =
  /(?:[$#%@*]\{|\{\{|\bt\(|@(?=[a-z])|\bnew\s|=\s?#|\(#)[^}]{0,200}\b(?:java|javax|org\.apache|org\.springframework|com\.sun)\./

function inspect(_value: string, lower: string): PayloadHit | undefined {
  const hit = firstMatch(kind, rules, lower)
  if (hit !== undefined) return hit
  if (opened.test(lower)) return { kind, rule: 'type-expression', confidence: 0.9 }
  if (platform.test(lower)) {
    // Alone in a value it is a probe; among words or in a stack trace it is a report.
    const alone = /^[\s"'=]{0,4}[\w.$]{1,160}["']?\s?(?:\(\s?\)?)?;?$/.test(lower)
    const reported = /(?:exception|error|throwable)\b/.test(lower)
    return { kind, rule: 'class-name', confidence: alone && !reported ? 0.6 : 0.35 }
  }
  if (/(?:^|[^\w.])org\.(?:apache|springframework|hibernate)\.[a-z]/.test(lower))
    return { kind, rule: 'library-name', confidence: 0.2 }
  if (/\bjava\b[^\n]{1,80}\b(?:runtime|processbuilder)\b/.test(lower))
    return { kind, rule: 'process', confidence: /\s/.test(lower.trim()) ? 0.4 : 0.7 }
  return /\bprocessbuilder\b|\bgetruntime\b/.test(lower)
    ? { kind, rule: 'process', confidence: /\s/.test(lower.trim()) ? 0.4 : 0.8 }
    : undefined
}

export const javaInjection: PayloadGrammar = {
  kind,
  triggers: [
    'java',
    'jakarta',
    'ognl',
    '#_',
    '#context',
    '#request',
    '#session',
    '#parameters',
    '#application',
    '#attr',
    '#rt',
    '#cmd',
    '#dm',
    '#container',
    '#res',
    'memberaccess',
    'xwork',
    'opensymphony',
    'classloader',
    'getclass',
    'forname',
    'getdeclared',
    'getruntime',
    'processbuilder',
    'scriptengine',
    'getenginebyname',
    'springframework',
    'org.apache',
    'org.omg',
    'groovy.',
    'com.sun.',
    'freemarker',
    'allowstatic',
    't(org',
    't(com',
    'org.hibernate',
  ],
  inspect,
  examples: {
    hits: [
      '${T(java.lang.Runtime).getRuntime()}',
      '%{(#_memberAccess=@ognl.OgnlContext@DEFAULT_MEMBER_ACCESS)}',
      "#context['com.opensymphony.xwork2.dispatcher.HttpServletResponse']",
      'class.module.classLoader.resources',
      'new java.net.URL("http://x").openStream()',
      "''.getClass().forName('java.lang.Runtime')",
      'java.io.FileOutputStream',
      'java.lang.ProcessBuilder',
    ],
    misses: [
      'C++ & Java',
      'JavaScript',
      'javac 21',
      'the class loader of the boat',
      'forname and surname',
      'jakarta, Indonesia',
    ],
  },
}
