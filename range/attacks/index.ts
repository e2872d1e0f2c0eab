import type { AttackDefinition } from '../world/attack.ts'
import accountCreation from './account-creation.ts'
import accountTakeover from './account-takeover.ts'
import agentScopeCreep from './agent-scope-creep.ts'
import bflaEndpoint from './bfla-endpoint.ts'
import bflaVerb from './bfla-verb.ts'
import bolaAccounts from './bola-accounts.ts'
import bolaEnumeration from './bola-enumeration.ts'
import bolaGuess from './bola-guess.ts'
import bolaInsider from './bola-insider.ts'
import bolaRead from './bola-read.ts'
import bolaSlow from './bola-slow.ts'
import bolaWrite from './bola-write.ts'
import bruteForce from './brute-force.ts'
import cardTesting from './card-testing.ts'
import couponAbuse from './coupon-abuse.ts'
import credentialStuffing from './credential-stuffing.ts'
import credentialStuffingDistributed from './credential-stuffing-distributed.ts'
import crossTenant from './cross-tenant.ts'
import dataExposure from './data-exposure.ts'
import debugEndpoint from './debug-endpoint.ts'
import deserialisation from './deserialisation.ts'
import exfilExport from './exfil-export.ts'
import exfilLinked from './exfil-linked.ts'
import exfilQuota from './exfil-quota.ts'
import exfilSlow from './exfil-slow.ts'
import expensiveCall from './expensive-call.ts'
import flowSkip from './flow-skip.ts'
import flowVelocity from './flow-velocity.ts'
import graphqlAliases from './graphql-aliases.ts'
import graphqlDepth from './graphql-depth.ts'
import impossibleTravel from './impossible-travel.ts'
import injectionNosql from './injection-nosql.ts'
import injectionPath from './injection-path.ts'
import injectionShell from './injection-shell.ts'
import injectionSql from './injection-sql.ts'
import injectionTemplate from './injection-template.ts'
import injectionXxe from './injection-xxe.ts'
import jndi from './jndi.ts'
import ldap from './ldap.ts'
import llmTokens from './llm-tokens.ts'
import massAssignment from './mass-assignment.ts'
import mcpHeaderMismatch from './mcp-header-mismatch.ts'
import mcpSecretArgument from './mcp-secret-argument.ts'
import mcpToolDrift from './mcp-tool-drift.ts'
import otpCracking from './otp-cracking.ts'
import pageSize from './page-size.ts'
import parameterPollution from './parameter-pollution.ts'
import passwordSpraying from './password-spraying.ts'
import promptInjectionChain from './prompt-injection-chain.ts'
import prototypePollution from './prototype-pollution.ts'
import scanner from './scanner.ts'
import schemaViolation from './schema-violation.ts'
import scopeDrift from './scope-drift.ts'
import scraping from './scraping.ts'
import serviceTokenElsewhere from './service-token-elsewhere.ts'
import ssrf from './ssrf.ts'
import stockHoarding from './stock-hoarding.ts'
import thirdPartyResponse from './third-party-response.ts'
import tokenClientChange from './token-client-change.ts'
import tokenConcurrent from './token-concurrent.ts'
import tokenCracking from './token-cracking.ts'
import tokenForged from './token-forged.ts'
import tokenReplayExpired from './token-replay-expired.ts'
import tokenReplayLogout from './token-replay-logout.ts'
import tokenReplayRevoked from './token-replay-revoked.ts'
import tokenUnsigned from './token-unsigned.ts'
import unknownPaths from './unknown-paths.ts'
import userEnumeration from './user-enumeration.ts'

/** Every kind of attack, one file each. */
export const attacks: readonly AttackDefinition[] = [
  // authorization
  bolaRead,
  bolaWrite,
  bolaGuess,
  bolaEnumeration,
  bolaSlow,
  bolaAccounts,
  bolaInsider,
  crossTenant,
  parameterPollution,
  bflaEndpoint,
  bflaVerb,
  massAssignment,
  // authentication
  credentialStuffing,
  credentialStuffingDistributed,
  passwordSpraying,
  bruteForce,
  accountTakeover,
  otpCracking,
  tokenCracking,
  userEnumeration,
  // tokens
  tokenReplayLogout,
  tokenReplayExpired,
  tokenReplayRevoked,
  tokenConcurrent,
  impossibleTravel,
  tokenClientChange,
  scopeDrift,
  serviceTokenElsewhere,
  tokenForged,
  tokenUnsigned,
  // exfiltration
  exfilSlow,
  exfilQuota,
  exfilLinked,
  scraping,
  exfilExport,
  // resources
  pageSize,
  graphqlDepth,
  graphqlAliases,
  expensiveCall,
  llmTokens,
  // flows
  flowSkip,
  flowVelocity,
  couponAbuse,
  cardTesting,
  stockHoarding,
  accountCreation,
  // data
  dataExposure,
  thirdPartyResponse,
  // payloads
  ssrf,
  injectionSql,
  injectionShell,
  injectionPath,
  injectionTemplate,
  injectionNosql,
  injectionXxe,
  prototypePollution,
  deserialisation,
  jndi,
  ldap,
  // scanning
  scanner,
  unknownPaths,
  schemaViolation,
  debugEndpoint,
  // agents
  mcpToolDrift,
  mcpHeaderMismatch,
  mcpSecretArgument,
  promptInjectionChain,
  agentScopeCreep,
]
