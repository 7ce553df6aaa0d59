/** Mesos' own rules for the name of a role. */
export function isRole(role: string): boolean {
  return (
    role === '*' ||
    role.split('/').every((part) => /^[^\s\p{Cc}*/-][^\s\p{Cc}*/]*$/u.test(part) && !/^\.\.?$/.test(part))
  )
}
