const words =
  /(?:^|[^a-z])(?:delete|remove|drop|purge|wipe|transfer|payout|refund|pay|withdraw|grant|admin|exec|execute|shell|run|deploy|export|dump|impersonate|disable|revoke|rotate|send|forward|share|upload|secrets?|keys?|credentials?)(?:$|[^a-z])/i

/** Whether a tool's name says that it does harm, sends something away or gives much away. */
export const isGraveTool = (name: string): boolean => words.test(name.replace(/([a-z])([A-Z])/g, '$1_$2'))
