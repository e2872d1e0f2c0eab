/** Something that a principal was seen with. */
export interface LinkView {
  /** Fingerprint of a token, id of a device, address (of IPv6 its /64). */
  readonly name: string
  readonly calls: number
  readonly firstSeen: string
  readonly lastSeen: string
}

/** With what a principal was seen, the heaviest first, and who is linked to it by that. */
export interface TiesView {
  readonly tokens: readonly LinkView[]
  readonly devices: readonly LinkView[]
  /** `shared` where more users come from it than one person could be: an office, a carrier. */
  readonly addresses: readonly (LinkView & { readonly shared: boolean })[]
  readonly linked: readonly {
    readonly principal: string
    readonly by: string
    readonly name: string
    /** 0 to 1. */
    readonly strength: number
  }[]
}
