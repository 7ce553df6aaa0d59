/**
 * Wire types of the Mesos v1 scheduler API in JSON, only what this program and its embedded Mesos use.
 * Names are protobuf's. Shapes after recorded exchanges, not after the prose documentation.
 * @see https://mesos.apache.org/documentation/latest/scheduler-http-api/
 */
export interface Value<T = string> {
  readonly value: T
}

export interface WireRange {
  readonly begin: number
  readonly end: number
}

export interface WireResource {
  readonly name: string
  readonly type: 'SCALAR' | 'RANGES' | 'SET'
  readonly scalar?: Value<number>
  /** Both ends belong to the range. */
  readonly ranges?: { readonly range: readonly WireRange[] }
  readonly set?: { readonly item: readonly string[] }
  /** Before RESERVATION_REFINEMENT; `*` is unreserved. */
  readonly role?: string
  readonly reservations?: readonly { readonly type: string; readonly role: string; readonly principal?: string }[]
  readonly allocation_info?: { readonly role: string }
  readonly disk?: Readonly<Record<string, unknown>>
  readonly revocable?: Readonly<Record<string, unknown>>
  readonly shared?: Readonly<Record<string, unknown>>
  readonly provider_id?: Value
}

export interface WireAttribute {
  readonly name: string
  readonly type: 'TEXT' | 'SCALAR' | 'RANGES' | 'SET'
  readonly text?: Value
  readonly scalar?: Value<number>
  readonly ranges?: { readonly range: readonly WireRange[] }
  readonly set?: { readonly item: readonly string[] }
}

export interface WireOffer {
  readonly id: Value
  readonly framework_id: Value
  readonly agent_id: Value
  readonly hostname: string
  readonly url?: {
    readonly scheme: string
    readonly address: { readonly hostname?: string; readonly ip?: string; readonly port: number }
    readonly path?: string
  }
  readonly resources?: readonly WireResource[]
  readonly attributes?: readonly WireAttribute[]
  readonly allocation_info?: { readonly role: string }
  readonly unavailability?: WireUnavailability
  readonly domain?: WireDomain
}

/** Nanoseconds since the epoch are more than a number of JavaScript holds exactly: the last digits are lost. */
export interface WireUnavailability {
  readonly start: { readonly nanoseconds: number }
  /** Absent: until further notice. */
  readonly duration?: { readonly nanoseconds: number }
}

export interface WireDomain {
  readonly fault_domain?: { readonly region: { readonly name: string }; readonly zone: { readonly name: string } }
}

/** Asks to give a host back for maintenance; the answer is advice. */
export interface WireInverseOffer {
  readonly id: Value
  readonly agent_id?: Value
  readonly url?: WireOffer['url']
  readonly unavailability: WireUnavailability
}

export type TaskState =
  | 'TASK_STAGING'
  | 'TASK_STARTING'
  | 'TASK_RUNNING'
  | 'TASK_KILLING'
  | 'TASK_FINISHED'
  | 'TASK_FAILED'
  | 'TASK_KILLED'
  | 'TASK_ERROR'
  | 'TASK_LOST'
  | 'TASK_DROPPED'
  | 'TASK_UNREACHABLE'
  | 'TASK_GONE'
  | 'TASK_GONE_BY_OPERATOR'
  | 'TASK_UNKNOWN'

export interface WireTaskStatus {
  readonly task_id: Value
  readonly state: TaskState
  readonly message?: string
  readonly source?: 'SOURCE_MASTER' | 'SOURCE_AGENT' | 'SOURCE_EXECUTOR'
  readonly reason?: string
  readonly agent_id?: Value
  readonly executor_id?: Value
  /** Seconds since the epoch. */
  readonly timestamp?: number
  /** 16 bytes in base64; absent where the master made the status: never acknowledge then. */
  readonly uuid?: string
  readonly healthy?: boolean
  readonly data?: string
  readonly container_status?: {
    /** Nested in that of its executor where it came by LAUNCH_GROUP. */
    readonly container_id?: Value & { readonly parent?: Value }
    readonly executor_pid?: number
    readonly network_infos?: readonly {
      readonly ip_addresses?: readonly { readonly protocol?: string; readonly ip_address?: string }[]
    }[]
  }
  readonly unreachable_time?: { readonly nanoseconds: number }
}

export interface WireUri {
  readonly value: string
  readonly executable?: boolean
  readonly extract?: boolean
  readonly cache?: boolean
  readonly output_file?: string
}

export interface WireCommand {
  readonly shell?: boolean
  readonly value?: string
  readonly arguments?: readonly string[]
  readonly user?: string
  readonly uris?: readonly WireUri[]
  readonly environment?: { readonly variables: readonly { readonly name: string; readonly value: string }[] }
}

/** Exactly one of `host_path`, `image` and `source`. A `host_path` that is relative begins at the sandbox. */
export interface WireVolume {
  readonly mode: 'RW' | 'RO'
  readonly container_path: string
  readonly host_path?: string
  readonly image?: WireImage
  readonly source?: {
    readonly type: 'DOCKER_VOLUME' | 'HOST_PATH' | 'SANDBOX_PATH'
    readonly docker_volume?: {
      readonly driver?: string
      readonly name: string
      readonly driver_options?: { readonly parameter: readonly WireParameter[] }
    }
    readonly host_path?: { readonly path: string }
    /** SELF: the sandbox of the task itself. */
    readonly sandbox_path?: { readonly type: 'SELF' | 'PARENT'; readonly path: string }
  }
}

export interface WireParameter {
  readonly key: string
  readonly value: string
}

/** A VALUE (base64) is shown by the state of master and agents to whoever may read it. */
export interface WireSecret {
  readonly type: 'REFERENCE' | 'VALUE'
  readonly reference?: { readonly name: string; readonly key?: string }
  readonly value?: { readonly data: string }
}

export interface WireImage {
  readonly type: 'DOCKER'
  readonly docker: { readonly name: string; readonly config?: WireSecret }
  readonly cached?: boolean
}

export interface WirePortMapping {
  readonly host_port: number
  readonly container_port: number
  readonly protocol?: string
}

export interface WireNetwork {
  readonly name?: string
  /** Of Mesos containers; those of Docker have theirs in `docker`. */
  readonly port_mappings?: readonly WirePortMapping[]
}

export interface WireContainer {
  readonly type: 'DOCKER' | 'MESOS'
  readonly docker?: {
    readonly image: string
    readonly network?: 'HOST' | 'BRIDGE' | 'NONE' | 'USER'
    readonly privileged?: boolean
    readonly parameters?: readonly WireParameter[]
    readonly port_mappings?: readonly WirePortMapping[]
    readonly force_pull_image?: boolean
  }
  readonly mesos?: { readonly image?: WireImage }
  readonly volumes?: readonly WireVolume[]
  readonly hostname?: string
  readonly network_infos?: readonly WireNetwork[]
}

export interface WireTaskInfo {
  readonly name: string
  readonly task_id: Value
  readonly agent_id: Value
  readonly resources: readonly WireResource[]
  readonly command?: WireCommand
  readonly container?: WireContainer
  readonly kill_policy?: { readonly grace_period?: { readonly nanoseconds: number } }
  readonly labels?: { readonly labels: readonly { readonly key: string; readonly value?: string }[] }
}

export interface WireFrameworkInfo {
  readonly user: string
  readonly name: string
  readonly id?: Value
  readonly failover_timeout?: number
  readonly checkpoint?: boolean
  readonly role?: string
  readonly roles?: readonly string[]
  readonly hostname?: string
  readonly principal?: string
  readonly webui_url?: string
  readonly capabilities?: readonly { readonly type: string }[]
  readonly labels?: { readonly labels: readonly { readonly key: string; readonly value?: string }[] }
  readonly offer_filters?: WireOfferFilters
}

/** By role. */
export type WireOfferFilters = Readonly<Record<string, { readonly min_allocatable_resources?: WireLeast }>>

/** Alternatives, of each of which all quantities must be there. */
export interface WireLeast {
  readonly quantities?: readonly { readonly quantities?: Readonly<Record<string, { readonly value: number }>> }[]
}

/** By role. Groups are alternatives, the constraints of one must all hold. */
export interface WireOfferConstraints {
  readonly role_constraints: Readonly<
    Record<
      string,
      { readonly groups: readonly { readonly attribute_constraints: readonly WireAttributeConstraint[] }[] }
    >
  >
}

export interface WireAttributeConstraint {
  readonly selector: {
    readonly attribute_name?: string
    readonly pseudoattribute_type?: 'HOSTNAME' | 'REGION' | 'ZONE'
  }
  readonly predicate: {
    readonly exists?: Readonly<Record<string, never>>
    readonly text_equals?: { readonly value: string }
    readonly text_matches?: { readonly regex: string }
    readonly text_not_matches?: { readonly regex: string }
  }
}

export interface WireFilters {
  readonly refuse_seconds?: number
}

export interface WireTaskRef {
  readonly task_id: Value
  readonly agent_id?: Value
}

export interface WireOperation {
  readonly type: 'LAUNCH'
  readonly launch: { readonly task_infos: readonly WireTaskInfo[] }
}

/** Every call but the first SUBSCRIBE carries `framework_id`. */
export type Call = { readonly framework_id?: Value } & (
  | {
      readonly type: 'SUBSCRIBE'
      readonly subscribe: {
        readonly framework_info: WireFrameworkInfo
        readonly suppressed_roles?: readonly string[]
        readonly offer_constraints?: WireOfferConstraints
      }
    }
  | {
      readonly type: 'UPDATE_FRAMEWORK'
      readonly update_framework: {
        readonly framework_info: WireFrameworkInfo
        readonly suppressed_roles?: readonly string[]
        readonly offer_constraints?: WireOfferConstraints
      }
    }
  | { readonly type: 'TEARDOWN' }
  | {
      readonly type: 'ACCEPT'
      readonly accept: {
        readonly offer_ids: readonly Value[]
        readonly operations?: readonly WireOperation[]
        readonly filters?: WireFilters
      }
    }
  | {
      readonly type: 'DECLINE'
      readonly decline: { readonly offer_ids: readonly Value[]; readonly filters?: WireFilters }
    }
  | { readonly type: 'REVIVE'; readonly revive?: { readonly roles?: readonly string[] } }
  | { readonly type: 'SUPPRESS'; readonly suppress?: { readonly roles?: readonly string[] } }
  | { readonly type: 'KILL'; readonly kill: { readonly task_id: Value; readonly agent_id?: Value } }
  | {
      readonly type: 'ACKNOWLEDGE'
      readonly acknowledge: { readonly agent_id: Value; readonly task_id: Value; readonly uuid: string }
    }
  | {
      readonly type: 'ACCEPT_INVERSE_OFFERS'
      readonly accept_inverse_offers: {
        readonly inverse_offer_ids: readonly Value[]
        readonly filters?: WireFilters
      }
    }
  | { readonly type: 'RECONCILE'; readonly reconcile: { readonly tasks?: readonly WireTaskRef[] } }
)

export interface WireMasterInfo {
  readonly id: string
  readonly hostname?: string
  readonly pid?: string
  readonly version?: string
  readonly address?: { readonly hostname?: string; readonly ip?: string; readonly port: number }
  readonly capabilities?: readonly { readonly type: string }[]
  readonly domain?: WireDomain
}

export type Event =
  | {
      readonly type: 'SUBSCRIBED'
      readonly subscribed: {
        readonly framework_id: Value
        readonly heartbeat_interval_seconds?: number
        readonly master_info?: WireMasterInfo
      }
    }
  | { readonly type: 'OFFERS'; readonly offers: { readonly offers: readonly WireOffer[] } }
  | { readonly type: 'RESCIND'; readonly rescind: { readonly offer_id: Value } }
  | {
      readonly type: 'INVERSE_OFFERS'
      readonly inverse_offers: { readonly inverse_offers?: readonly WireInverseOffer[] }
    }
  | { readonly type: 'RESCIND_INVERSE_OFFER'; readonly rescind_inverse_offer: { readonly inverse_offer_id: Value } }
  | { readonly type: 'UPDATE'; readonly update: { readonly status: WireTaskStatus } }
  | {
      readonly type: 'FAILURE'
      readonly failure: { readonly agent_id?: Value; readonly executor_id?: Value; readonly status?: number }
    }
  | { readonly type: 'ERROR'; readonly error: { readonly message: string } }
  | { readonly type: 'HEARTBEAT' }
