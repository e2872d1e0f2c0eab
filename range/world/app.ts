import type { Account } from './accounts.ts'
import type { Client, Partner } from './client.ts'
import type { Crowd, Visit } from './crowd.ts'
import type { Device } from './device.ts'
import type { Answer, Ask, JsonObject } from './http.ts'
import type { Network } from './network.ts'
import type { Person } from './person.ts'
import type { Stream } from './stream.ts'
import type { Script, Step } from './timeline.ts'
import type { World } from './world.ts'

/** A kind of object that has owners and endpoints of its own. */
export interface Resource {
  readonly type: string
  /** Ids and the account each belongs to, as they are now. */
  owned(): readonly { readonly id: string; readonly owner: string; readonly tenant?: string }[]
  /** `client`: as they ask from within their own tenant; without it in the tenant that has it. */
  read(id: string, client?: Client): Ask
  /** Changes or deletes it. */
  write?(id: string, stream: Stream, client?: Client): Ask
  /** An id of this form that may not exist. */
  guess(stream: Stream): string
  /** The caller's own, a page at a time. */
  list?(offset: number): Ask
}

/** A program that acts for somebody with tools (Model Context Protocol). */
export interface AgentSession {
  readonly client: Client
  /** One call of a tool. `header`: named there in place of what the body names. */
  call(tool: string, args: JsonObject, header?: string): Ask
  /** The tools of the server that has this one. */
  list(tool: string): Ask
  /** The handshake with the server of a tool, where there is one. */
  meet(tool: string): Script
  /** What this agent does every day. */
  usual(): Script
}

export interface ToolUse {
  readonly tool: string
  args(stream: Stream): JsonObject
}

export interface AgentSurface {
  /** An agent that people use begins to act for who is signed in with `user`. */
  begin(
    make: (device: Device, network: Network) => Client,
    user: Client,
    stream: Stream,
  ): Step<AgentSession | undefined>
  /** Tools that this agent never uses, with what somebody would do with them. */
  readonly unusual: readonly ToolUse[]
  /** Is the tool told by a header besides the body? */
  readonly headers: boolean
  /** Tools that take free text. */
  readonly texts: readonly { readonly tool: string; args(text: string, stream: Stream): JsonObject }[]
  /** Somebody outside writes a text that the agent reads for this account, until it is taken away. */
  plant(
    account: string,
    text: string,
    stream: Stream,
  ): { readonly tool: string; readonly args: JsonObject; remove(): void }
  /** What an agent does that follows such a text. */
  follow(
    account: string,
    address: string,
    stream: Stream,
  ): { readonly tool: string; readonly args: JsonObject }
}

/** What an application offers to an attack: the more of it there is, the more kinds it supports. */
export interface Surface {
  readonly resources: readonly Resource[]
  /** Ordinary use by somebody who is signed in: what patient attackers mix their acts with. */
  readonly browse: (visit: Visit) => Script
  /** Functions of higher roles. `verb`: an endpoint that everybody may read with another method. */
  readonly privileged: readonly {
    readonly title: string
    readonly verb: boolean
    ask(stream: Stream, client: Client): Ask
  }[]
  /** Fields that nobody should set themselves, and how to see afterwards whether it worked. */
  readonly massAssignment?: readonly {
    ask(client: Client, stream: Stream): Ask
    took(answer: JsonObject): boolean
  }[]
  /** Lists with more than their reader needs, a page at a time: what a scraper walks through. */
  readonly catalogue?: { page(offset: number, limit?: number): Ask; item(id: string): Ask; total(): number }
  /** Exports of much data at once, and a role that may ask for them. */
  readonly exports?: readonly { readonly role: string; ask(stream: Stream): Ask }[]
  /** Records that a role may read one after the other: what an insider carries away. */
  readonly bulk?: { readonly role: string; ask(index: number): Ask; total(): number }
  /** Calls that cost the application much. */
  readonly expensive?: readonly { ask(stream: Stream, client: Client): Ask }[]
  /** Own objects with a field that was never meant for their owner. */
  readonly exposure?: {
    ask(account: Account, stream: Stream): Ask | undefined
    exposed(answer: JsonObject): boolean
  }
  /** A code that is worth something and can be tried. */
  readonly vouchers?: { ask(code: string): Ask; guess(stream: Stream): string }
  /** Steps of a business flow in order, and which of them may be left out by a cheat. */
  readonly flow?: {
    readonly title: string
    /** The whole of it as people do it. */
    run(visit: Visit): Script
    /** The last step without those before it. */
    skip(visit: Visit): Script
  }
  /** Endpoints that take a text, an address or a document: where payloads go. */
  readonly inputs?: readonly {
    readonly kind: 'text' | 'url' | 'path' | 'json' | 'xml'
    ask(value: string, client: Client): Ask
    /** Did the application do what the payload wanted? Without it nothing ever does. */
    worked?(answer: Answer): boolean
  }[]
  /** Staff who may read objects of others within their cases. */
  readonly support?: { readonly role: string; reads(id: string): Ask; readonly resource: string }
  /** A graph that is asked by documents: a field that leads back to itself, and one that takes a code. */
  readonly graphql?: {
    ask(client: Client, document: string): Ask
    /** Opening, one turn, the end of a turn, the innermost fields with the end of the opening. */
    readonly cycle: readonly [open: string, turn: string, end: string, inner: string]
    /** A field of a mutation that tries a code, under this name. */
    guess(alias: string, stream: Stream): string
  }
  readonly agents?: AgentSurface
  /** A language model: a question of so many words. */
  readonly model?: { ask(words: number, stream: Stream): Ask }
  /** An API of somebody else that a workload of the application calls, from where and how. */
  readonly partner?: {
    readonly device: Device
    readonly network: Network
    readonly partner: Partner
    usual(stream: Stream): Ask
  }
  /** A program with a credential of its own. */
  readonly services?: readonly { readonly client: () => Client; readonly usual: (stream: Stream) => Ask }[]
  /** The account of a person changed: payout, address, e-mail. What a thief does first. */
  readonly afterTakeover?: (client: Client, stream: Stream) => readonly Ask[]
  /** Anything an application adds for kinds of its own. */
  readonly more?: Readonly<Record<string, (client: Client, stream: Stream) => readonly Ask[]>>
}

export interface Deploy {
  readonly id: string
  readonly time: number
  readonly changes: readonly string[]
  apply(): void
}

/** An application in a world. */
export interface App {
  readonly crowd: Crowd
  readonly surface: Surface
  readonly deploys: readonly Deploy[]
  /** Its own parameters and switches, for the truth. */
  readonly parameters: JsonObject
  /** Plans what happens on a day besides the visits of its people: batch jobs, partners, monitors. */
  plan(midnight: number): void
  /** Accounts that an outsider can steal from, and insiders can turn from. */
  readonly ordinary: () => readonly Person[]
}

/** An application as a definition: one folder in `range/apps`, one line in its index. */
export interface AppDefinition {
  readonly id: string
  readonly title: string
  readonly build: (world: World) => App
}

export const defineApp = (definition: AppDefinition): AppDefinition => definition
