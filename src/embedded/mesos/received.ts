import type {
  Value,
  WireCommand,
  WireContainer,
  WireFilters,
  WireFrameworkInfo,
  WireResource,
  WireTaskInfo,
  WireTaskRef,
} from '../../mesos/protocol.ts'
import type { CallType } from './call-schema.ts'

/** What comes out of the conversion: any call, every part of it still optional. */
export interface ReceivedCall {
  readonly framework_id?: Value
  readonly type?: CallType
  readonly subscribe?: Subscription
  readonly accept?: {
    readonly offer_ids?: readonly Value[]
    readonly operations?: readonly ReceivedOperation[]
    readonly filters?: WireFilters
  }
  readonly decline?: { readonly offer_ids?: readonly Value[]; readonly filters?: WireFilters }
  readonly accept_inverse_offers?: InverseAnswer
  readonly decline_inverse_offers?: InverseAnswer
  readonly revive?: { readonly roles?: readonly string[] }
  readonly suppress?: { readonly roles?: readonly string[] }
  readonly kill?: { readonly task_id: Value; readonly agent_id?: Value }
  readonly shutdown?: { readonly executor_id: Value; readonly agent_id: Value }
  readonly acknowledge?: { readonly agent_id: Value; readonly task_id: Value; readonly uuid: string }
  readonly reconcile?: { readonly tasks?: readonly WireTaskRef[] }
  readonly update_framework?: Subscription
}

interface InverseAnswer {
  readonly inverse_offer_ids?: readonly Value[]
  readonly filters?: WireFilters
}

export interface Subscription {
  readonly framework_info: ReceivedFrameworkInfo
  readonly suppressed_roles?: readonly string[]
  readonly offer_constraints?: OfferConstraints
}

export interface OfferConstraints {
  readonly role_constraints?: Readonly<Record<string, RoleConstraints>>
}

/** Groups are alternatives. */
interface RoleConstraints {
  readonly groups?: readonly { readonly attribute_constraints?: readonly AttributeConstraint[] }[]
}

export interface AttributeConstraint {
  readonly selector: { readonly attribute_name?: string; readonly pseudoattribute_type?: string }
  readonly predicate: {
    readonly exists?: object
    readonly not_exists?: object
    readonly text_equals?: { readonly value?: string }
    readonly text_not_equals?: { readonly value?: string }
    readonly text_matches?: { readonly regex?: string }
    readonly text_not_matches?: { readonly regex?: string }
  }
}

export type ReceivedFrameworkInfo = WireFrameworkInfo

export interface ReceivedOperation {
  readonly type?: string
  readonly id?: Value
  readonly launch?: { readonly task_infos?: readonly ReceivedTask[] }
  readonly launch_group?: {
    readonly executor: ReceivedExecutor
    readonly task_group: { readonly tasks?: readonly ReceivedTask[] }
  }
}

export interface ReceivedTask extends Omit<WireTaskInfo, 'resources'> {
  readonly resources?: WireTaskInfo['resources']
  readonly executor?: ReceivedExecutor
  readonly health_check?: ReceivedHealthCheck
  readonly max_completion_time?: { readonly nanoseconds: number }
  readonly limits?: Readonly<Record<string, Value<number>>>
  readonly data?: string
  readonly discovery?: { readonly visibility: string; readonly name?: string }
}

/** ExecutorInfo: of a task group, or of a task that is refused for it. */
export interface ReceivedExecutor {
  readonly executor_id: Value
  readonly type?: string
  readonly name?: string
  readonly command?: WireCommand
  readonly container?: WireContainer
  readonly resources?: readonly WireResource[]
}

/** Times in seconds; what is absent has the value of Mesos. */
export interface ReceivedHealthCheck {
  readonly type?: string
  readonly command?: WireCommand
  readonly http?: {
    readonly port: number
    readonly path?: string
    readonly scheme?: string
    readonly statuses?: readonly number[]
  }
  readonly tcp?: { readonly port: number }
  readonly delay_seconds?: number
  readonly interval_seconds?: number
  readonly timeout_seconds?: number
  /** So many failures in a row, and the task is killed. */
  readonly consecutive_failures?: number
  /** Failures so soon after the first look do not count until one look went well. */
  readonly grace_period_seconds?: number
}

export interface EnvironmentVariable {
  readonly name: string
  readonly type?: string
  readonly value?: string
  readonly secret?: unknown
}
