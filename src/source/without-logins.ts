/** A text of git without the logins of the addresses that it repeats. */
export function withoutLogins(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^/\s]*@/gi, '$1').replace(/([?&][\w.-]*=)[^\s&'"]+/g, '$1***');
}
