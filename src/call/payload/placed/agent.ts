import type { PayloadHit } from '../grammar.ts'
import type { PlacedRule } from './placed-rule.ts'

/** Security scanners that say who they are. Who hides it is found by what it sends. */
const scanners =
  /\b(?:sqlmap|nikto|nuclei|openvas|nessus|acunetix|netsparker|invicti|w3af|arachni|wpscan|joomscan|droopescan|whatweb|wfuzz|ffuf|fuzz faster u fool|gobuster|feroxbuster|dirbuster|dirsearch|masscan|zgrab|nmap|havij|jorgee|skipfish|vega\/|commix|xsstrike|dalfox|jaeles|zaproxy|owasp zap|burp ?(?:suite|collaborator)|metasploit|hydra|qualys|detectify|appscan|webinspect|httpx - |interactsh|xray\/|testssl)|openvas|\.nasl\b/i

/** @returns The scanner that a `user-agent` names. */
export function inspectAgent(value: string): PayloadHit | undefined {
  return scanners.test(value.slice(0, 512))
    ? { kind: 'scanner', rule: 'named-scanner', confidence: 0.7 }
    : undefined
}

export const scannerAgent: PlacedRule = {
  kind: 'scanner',
  place: 'the header `user-agent`',
  inspect: inspectAgent,
  examples: {
    hits: [
      'sqlmap/1.8#stable (https://sqlmap.org)',
      'Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)',
      'Fuzz Faster U Fool v2.1.0-dev',
      'Mozilla/5.00 (Nikto/2.5.0) (Evasions:None) (Test:Port Check)',
    ],
    misses: [
      'Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0',
      'okhttp/4.12.0',
      'Go-http-client/2.0',
      'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
    ],
  },
}
