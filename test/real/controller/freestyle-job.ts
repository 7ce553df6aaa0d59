export interface FreestyleJob {
  readonly name: string
  /** Label expression that the job asks for; without one it runs anywhere. */
  readonly label?: string
  /** Text of its only build step. */
  readonly shell: string
  /** Whether several builds may run at once. */
  readonly concurrent?: boolean
}

/** The `config.xml` of a freestyle job, with every element that the controller of 2011 insists on. */
export function freestyleJobXml(job: FreestyleJob): string {
  const assignedNode = job.label === undefined ? '' : `<assignedNode>${escapeXml(job.label)}</assignedNode>`
  return `<?xml version='1.0' encoding='UTF-8'?>
<project>
  <actions/>
  <description></description>
  <keepDependencies>false</keepDependencies>
  <properties/>
  <scm class="hudson.scm.NullSCM"/>
  <quietPeriod>0</quietPeriod>
  ${assignedNode}
  <canRoam>${job.label === undefined}</canRoam>
  <disabled>false</disabled>
  <blockBuildWhenDownstreamBuilding>false</blockBuildWhenDownstreamBuilding>
  <blockBuildWhenUpstreamBuilding>false</blockBuildWhenUpstreamBuilding>
  <triggers class="vector"/>
  <concurrentBuild>${job.concurrent ?? false}</concurrentBuild>
  <builders>
    <hudson.tasks.Shell>
      <command>${escapeXml(job.shell)}</command>
    </hudson.tasks.Shell>
  </builders>
  <publishers/>
  <buildWrappers/>
</project>
`
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
