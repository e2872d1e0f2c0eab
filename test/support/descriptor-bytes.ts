/** A tiny `FileDescriptorSet`, written as `protoc --descriptor_set_out` would. */
export interface FileText {
  readonly package: string
  readonly messages?: readonly MessageText[]
  readonly enums?: readonly {
    readonly name: string
    readonly values: readonly (readonly [string, number])[]
  }[]
  readonly services?: readonly {
    readonly name: string
    readonly methods: readonly {
      readonly name: string
      /** Full names. */
      readonly input: string
      readonly output: string
      readonly clientStreaming?: boolean
      readonly serverStreaming?: boolean
      readonly deprecated?: boolean
    }[]
  }[]
}

export interface MessageText {
  readonly name: string
  readonly fields?: readonly {
    readonly number: number
    readonly name: string
    /** Number of `FieldDescriptorProto.Type`. */
    readonly type: number
    readonly typeName?: string
    readonly repeated?: boolean
    readonly deprecated?: boolean
  }[]
  readonly nested?: readonly MessageText[]
  readonly mapEntry?: boolean
}

export function varint(value: number): number[] {
  const bytes: number[] = []
  let left = value
  while (left > 127) {
    bytes.push((left % 128) + 128)
    left = Math.floor(left / 128)
  }
  return [...bytes, left]
}

export const number = (field: number, value: number): number[] => [...varint(field * 8), ...varint(value)]
export const inner = (field: number, bytes: readonly number[]): number[] => [
  ...varint(field * 8 + 2),
  ...varint(bytes.length),
  ...bytes,
]
export const text = (field: number, value: string): number[] => inner(field, [...Buffer.from(value)])
const flag = (field: number, value: boolean | undefined): number[] => (value === true ? number(field, 1) : [])

function message(one: MessageText): number[] {
  const fields = (one.fields ?? []).flatMap(field =>
    inner(2, [
      ...text(1, field.name),
      ...number(3, field.number),
      ...number(4, field.repeated === true ? 3 : 1),
      ...number(5, field.type),
      ...(field.typeName === undefined ? [] : text(6, `.${field.typeName}`)),
      ...(field.deprecated === true ? inner(8, number(3, 1)) : []),
    ]),
  )
  return [
    ...text(1, one.name),
    ...fields,
    ...(one.nested ?? []).flatMap(nested => inner(3, message(nested))),
    ...(one.mapEntry === true ? inner(7, number(7, 1)) : []),
  ]
}

export function descriptorBytes(files: readonly FileText[]): Uint8Array {
  const bytes = files.flatMap(file =>
    inner(1, [
      ...text(1, 'api.proto'),
      ...text(2, file.package),
      ...(file.messages ?? []).flatMap(one => inner(4, message(one))),
      ...(file.enums ?? []).flatMap(({ name, values }) =>
        inner(5, [
          ...text(1, name),
          ...values.flatMap(([word, value]) => inner(2, [...text(1, word), ...number(2, value)])),
        ]),
      ),
      ...(file.services ?? []).flatMap(service =>
        inner(6, [
          ...text(1, service.name),
          ...service.methods.flatMap(method =>
            inner(2, [
              ...text(1, method.name),
              ...text(2, `.${method.input}`),
              ...text(3, `.${method.output}`),
              ...(method.deprecated === true ? inner(4, number(33, 1)) : []),
              ...flag(5, method.clientStreaming),
              ...flag(6, method.serverStreaming),
            ]),
          ),
        ]),
      ),
      ...text(12, 'proto3'),
    ]),
  )
  return Uint8Array.from(bytes)
}

/** Orders as gRPC serves them: a message that holds itself, a map, an enumeration, a method on its way out. */
export const ordersFile: FileText = {
  package: 'shop',
  enums: [
    {
      name: 'State',
      values: [
        ['OPEN', 0],
        ['PAID', 1],
      ],
    },
  ],
  messages: [
    { name: 'GetOrderRequest', fields: [{ number: 1, name: 'order_id', type: 3 }] },
    {
      name: 'Order',
      fields: [
        { number: 1, name: 'id', type: 3 },
        { number: 2, name: 'note', type: 9 },
        { number: 3, name: 'state', type: 14, typeName: 'shop.State' },
        { number: 4, name: 'parts', type: 11, typeName: 'shop.Order', repeated: true },
        { number: 5, name: 'labels', type: 11, typeName: 'shop.Order.LabelsEntry', repeated: true },
        { number: 6, name: 'old_total', type: 1, deprecated: true },
      ],
      nested: [
        {
          name: 'LabelsEntry',
          mapEntry: true,
          fields: [
            { number: 1, name: 'key', type: 9 },
            { number: 2, name: 'value', type: 9 },
          ],
        },
      ],
    },
  ],
  services: [
    {
      name: 'Orders',
      methods: [
        { name: 'Get', input: 'shop.GetOrderRequest', output: 'shop.Order' },
        { name: 'Watch', input: 'shop.GetOrderRequest', output: 'shop.Order', serverStreaming: true },
        { name: 'Find', input: 'shop.GetOrderRequest', output: 'shop.Order', deprecated: true },
      ],
    },
  ],
}
