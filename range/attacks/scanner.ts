import { defineAttack } from '../world/attack.ts'
import { browser, program } from '../world/device.ts'

const paths =
  '/.env /.git/config /admin /administrator /actuator/env /actuator/health /api-docs /backup.zip /config.json /console /debug /dump.sql /graphql /info.php /login.action /metrics /openapi.json /phpmyadmin /robots.txt /server-status /swagger.json /swagger-ui.html /test /v1/users /v2/api-docs /wp-admin /wp-login.php /xmlrpc.php /.aws/credentials /.DS_Store /cgi-bin/test /env /trace /heapdump /jolokia /manager/html /solr/admin /telescope /vendor/phpunit /.well-known/security.txt /id_rsa /web.config /storage/logs/laravel.log /api/v1/pods /old /tmp /staging /internal /private'.split(
    ' ',
  )

export default defineAttack({
  id: 'scanner',
  title: 'a scanner looks for what should not be there',
  owasp: ['API8:2023', 'API9:2023'],
  supports: () => true,
  *play(attack) {
    const { stream } = attack
    const device =
      attack.level === 'loud'
        ? program(
            'go',
            `${attack.id}/tool`,
            'Mozilla/5.0 (compatible; Nuclei - Open-source project (github.com/projectdiscovery/nuclei))',
          )
        : browser(stream, `${attack.id}/tool`)
    const client = attack.outsider(device)
    for (const path of stream.some(
      [...paths, ...paths.map(one => `/api${one}`)],
      attack.count({ loud: 90, medium: 60, stealthy: 24 }),
    )) {
      yield* attack.act(client, { method: 'GET', path }, () => false)
      yield* attack.pause({ loud: 150, medium: 8_000, stealthy: 25 * 60_000 })
    }
  },
})
