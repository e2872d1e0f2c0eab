/** `service-account:shop/orders`. */
export const serviceAccountName = (namespace: string | undefined, name: string): string =>
  `service-account:${namespace === undefined ? name : `${namespace}/${name}`}`
