import type { Config } from './config/config.ts'
import type { Variables } from './config/env.ts'
import { showSettings } from './config/show-settings.ts'
import { showTemplates } from './config/show-templates.ts'
import type { ConfigurationView } from './loop/view-types.ts'

export interface ConfigurationSources {
  readonly variables: Variables
  /** As it holds now. */
  readonly config: Config
  readonly files: readonly string[]
  readonly warnings: readonly string[]
  /** Why what the files have now is not used. */
  readonly mistakes: readonly string[]
  readonly logLevel: string
}

/** What is set, for people who ask what holds and where it comes from. Holds no secret. */
export function configurationView(sources: ConfigurationSources): ConfigurationView {
  const { variables, config, files, warnings, mistakes, logLevel } = sources
  return {
    settings: showSettings(variables, config),
    templates: showTemplates(config.templates),
    files,
    warnings,
    mistakes,
    logLevel,
  }
}
