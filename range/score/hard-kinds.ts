/** What a stealthy attack of a kind does, and why it is taken for use where it is: for kinds that are missed more often than found. */
export const hardKinds: Readonly<Record<string, string>> = {
  'account-creation':
    'ten accounts, each from another address, an hour and a half apart: with a device that many have, nothing but the number of new accounts speaks, and that is within what busy days bring',
  'account-takeover':
    'one right password at the first try, from a residential address, the steps minutes apart: without a second factor only the new device tells, and people buy telephones',
  'coupon-abuse':
    'six new customers in a day, each from another address, each using one coupon once, as new customers do',
  'data-exposure':
    'four calls with a parameter of the developers, hours apart, for own records: where the application leaves the parameter out, or the field is no sensitive one, the answer is an ordinary one',
  'flow-skip':
    'four last steps, hours apart, among ordinary visits that did the earlier steps: what was done in another visit counts as done',
  'flow-velocity':
    'nine runs in two hours at twice the pace of the same person: some customers are as quick, and counts of a day stay within what the best ones do',
  'graphql-aliases':
    'five documents of 35 to 60 names, hours apart: reports of the same application ask for as many names in one document',
  'mcp-header-mismatch':
    'four calls a day among ordinary sessions: where agents send no header for the tool as a rule, a header that differs says little',
  'prompt-injection-chain':
    'two mails whose words are no orders on their face; the tool that follows is one that the same agents use',
  'schema-violation':
    'ten odd requests, forty minutes apart, half of the time among ordinary visits: people send empty and over-long fields, too, and single refusals are daily',
  'stock-hoarding':
    'sixteen filled carts in five hours, some among ordinary visits: many carts are never bought',
}
