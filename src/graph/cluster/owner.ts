import type { KubernetesObject } from '../../call/resource-event.ts'

export interface Owner {
  readonly kind: string
  readonly name: string
}

/** How to look at other objects of the namespace. */
export type Find = (kind: string, name: string) => KubernetesObject | undefined

/** Owners above owners that are followed. */
const maxSteps = 6

const controllerOf = (object: KubernetesObject): Owner | undefined => object.metadata.ownerReferences?.[0]

/**
 * What stands above all for an object: the Deployment of a ReplicaSet, the CronJob of a Job. Where the one between is not known, its
 * name says it: a ReplicaSet is its Deployment's name and a hash, a CronJob's Job its name and a time.
 */
export function topOwner(start: Owner, owner: Owner | undefined, find: Find): Owner {
  let at = start
  let above = owner
  for (let step = 0; step < maxSteps && above !== undefined && above.kind !== 'Node'; step += 1) {
    at = above
    const object = find(at.kind, at.name)
    if (object === undefined) return byName(at, find)
    above = controllerOf(object)
  }
  return at
}

export const topOwnerOf = (object: KubernetesObject, find: Find): Owner =>
  topOwner({ kind: object.kind, name: object.metadata.name }, controllerOf(object), find)

/** Words of a hash as Kubernetes makes them: no vowels, nothing that looks like one. */
const replicaSetHash = /-[bcdfghjklmnpqrstvwxz2456789]{5,10}$/
const jobTime = /-\d{8,10}$/

function byName({ kind, name }: Owner, find: Find): Owner {
  if (kind === 'ReplicaSet' && replicaSetHash.test(name)) {
    const above = name.replace(replicaSetHash, '')
    return { kind: find('Rollout', above) === undefined ? 'Deployment' : 'Rollout', name: above }
  }
  if (kind === 'Job' && jobTime.test(name)) return { kind: 'CronJob', name: name.replace(jobTime, '') }
  if (kind === 'ReplicationController' && /-\d{1,6}$/.test(name)) {
    const above = name.replace(/-\d{1,6}$/, '')
    if (find('DeploymentConfig', above) !== undefined) return { kind: 'DeploymentConfig', name: above }
  }
  return { kind, name }
}
