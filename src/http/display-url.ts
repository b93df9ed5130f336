/** An address that can be shown: without user info, and without the query where that is a signature. */
export function displayUrl(address: string | URL, isPresigned = false): string {
  const url = new URL(address);
  url.username = '';
  url.password = '';
  if (isPresigned) url.search = '';
  return url.toString();
}
