const inside =
  /^https?:\/\/(?:[^/@]*@)?(?:localhost|127\.|10\.|192\.168\.|169\.254\.|100\.100\.|0177\.|0x7f|2130706433|\[|metadata\.|[^/]*\.svc|[^/]*\.nip\.io)/i

/** Is this an address that a fetch from inside the network reaches and one from outside does not? */
export const isInside = (url: string): boolean => inside.test(url)
