/** Signals of one family are one witness: only the strongest of them counts for an incident's risk. */
export type DetectorFamily =
  | 'authorization'
  | 'authentication'
  | 'token'
  | 'injection'
  | 'automation'
  | 'exposure'
  | 'movement'
  | 'runtime'
  | 'request-forgery'
  | 'exfiltration'
