import { isDescriptorSet, readDescriptorSet } from '../../../call/protocols/grpc/descriptor-set.ts'
import { SallyportError } from '../../../kit/error.ts'
import { defineTextFormat, maxOperations } from '../format.ts'
import { MessageSchemas } from '../grpc/message-schemas.ts'
import type { SpecBody, SpecOperation } from '../specification.ts'

/** A `FileDescriptorSet`, as `protoc --descriptor_set_out` and `buf build` write it. */
export const protobuf = defineTextFormat({
  id: 'protobuf',
  title: 'Protobuf descriptor set',
  recognises: ({ bytes }) => bytes !== undefined && isDescriptorSet(bytes),
  read({ bytes }, { file, tell }) {
    if (bytes === undefined) return undefined
    try {
      const descriptors = readDescriptorSet(bytes)
      const schemas = new MessageSchemas(descriptors)
      const body = (message: string, streaming: boolean): SpecBody => ({
        required: false,
        media: new Map([['*/*', schemas.message(message, streaming)]]),
      })
      const operations: SpecOperation[] = []
      for (const service of descriptors.services)
        for (const method of service.methods) {
          if (operations.length >= maxOperations) break
          operations.push({
            protocol: 'grpc',
            method: 'POST',
            path: `/${service.name}/${method.name}`,
            servers: [{ basePath: '' }],
            parameters: [],
            body: body(method.input, method.clientStreaming),
            exhaustive: true,
            responses: new Map([['default', body(method.output, method.serverStreaming)]]),
            security: [],
            deprecated: method.deprecated,
          })
        }
      if (operations.length >= maxOperations)
        tell('warning', `More than ${maxOperations} methods: the rest is left out.`)
      if (operations.length === 0) tell('warning', 'There is no service: no operation to compare with.')
      const missing = [...schemas.missing].slice(0, 20)
      for (const name of missing)
        tell(
          'warning',
          `Message \`${name.slice(0, 100)}\` is not in the set: read as "anything". Make it with its imports.`,
        )
      return {
        format: 'protobuf',
        file,
        title: descriptors.services[0]?.name ?? file,
        version: '',
        servers: [{ basePath: '' }],
        operations,
        descriptors,
      }
    } catch (error) {
      if (!(error instanceof SallyportError)) throw error
      tell(
        'error',
        `${error.message}${error.where === undefined ? '' : ` (${error.where})`} ${error.mend ?? ''}`.trim(),
      )
      return undefined
    }
  },
  example:
    'data:application/x-protobuf;base64,CloKCWFwaS5wcm90bxIEc2hvcCIHCgVPcmRlciIJCgdSZXF1ZXN0MisKBk9yZGVycxIhCgNHZXQSDS5zaG9wLlJlcXVlc3QaCy5zaG9wLk9yZGVyYgZwcm90bzM=',
})
