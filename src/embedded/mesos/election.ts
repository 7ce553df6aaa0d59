import type { Address } from './host-spec.ts'
import type { Master } from './master.ts'
import { networkOrder } from './subscriptions.ts'

/** What ZooKeeper holds of one master. */
export interface Candidate {
  /** `json.info_0000000001`, ephemeral: it outlives a killed master until its session expires. */
  readonly znode: string
  /** The JSON in it. */
  readonly data: string
}

/** `json.info_…` and its content, as a real master writes it. */
export function candidateOf({ cluster }: Master, sequence: number): Candidate {
  return {
    znode: `json.info_${String(sequence).padStart(10, '0')}`,
    data: JSON.stringify(masterInfo(cluster.masterId, cluster.address)),
  }
}

function masterInfo(id: string, { hostname, ip, port }: Address): unknown {
  return {
    address: { hostname, ip, port },
    capabilities: [{ type: 'AGENT_UPDATE' }, { type: 'AGENT_DRAINING' }, { type: 'QUOTA_V2' }],
    hostname,
    id,
    ip: networkOrder(ip),
    pid: `master@${ip}:${port}`,
    port,
    version: '1.12.0',
  }
}
