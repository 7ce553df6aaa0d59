/** What the page uses of htm/preact/standalone, whose own types need a package that is not there. */
export interface VNode {
  readonly type: unknown
  readonly props: unknown
  readonly key: unknown
}
export type Child = VNode | string | number | boolean | null | undefined | readonly Child[]
export type Ref<T> = { current: T }
/** May give back what ends it. */
export type Effect = (() => () => void) | (() => void)
export type Inputs = readonly unknown[]

export declare function html(strings: TemplateStringsArray, ...values: readonly unknown[]): VNode
export declare function render(tree: VNode, parent: Element): void
export declare function useState<S>(initial: S | (() => S)): [S, (next: S | ((before: S) => S)) => void]
export declare function useEffect(effect: Effect, inputs?: Inputs): void
export declare function useLayoutEffect(effect: Effect, inputs?: Inputs): void
export declare function useRef<T>(initial: T): Ref<T>
export declare function useMemo<T>(make: () => T, inputs: Inputs): T
export declare function useCallback<F>(callback: F, inputs: Inputs): F
export declare function useErrorBoundary(callback?: (error: unknown) => void): [unknown, () => void]
