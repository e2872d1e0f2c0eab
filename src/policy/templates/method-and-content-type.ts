import { celList, type PolicyTemplate, renderHead } from './template.ts'

export const methodAndContentType: PolicyTemplate<{
  readonly methods: readonly string[]
  readonly contentTypes: readonly string[]
}> = {
  id: 'method-and-content-type',
  title: 'Method and content type',
  summary: 'Lets only the listed methods and media types of bodies through.',
  defaults: {
    methods: ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'],
    contentTypes: ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'],
  },
  render: options => {
    const { methods, contentTypes } = { ...methodAndContentType.defaults, ...options }
    return `${renderHead('method-and-content-type', 'request', options ?? {})}  when: >-
    !(request.method in ${celList(methods)})
    || (request.bodyKind != "empty" && !(request.contentType in ${celList(contentTypes)}))
  action: { type: block, status: 415 }
  mode: ${options?.mode ?? 'shadow'}
  reason: This method or media type is not accepted.
  tests:
    - name: a method that is not listed
      input: { request: { method: TRACE }, endpoint: { template: / } }
      expect: ${options?.endpoints === undefined ? 'block' : 'pass'}
    - name: XML
      input: { request: { bodyKind: text, contentType: application/xml } }
      expect: block
    - name: JSON
      input: { request: { contentType: ${contentTypes[0] ?? ''}, body: {} } }
      expect: ${contentTypes.length === 0 ? 'block' : 'pass'}
    - name: no body
      input: {}
      expect: pass
`
  },
}
