/** `name:tag` in two; a digest stays with the name, a missing tag is `latest`. */
export function splitReference(reference: string): [name: string, tag: string] {
  if (reference.includes('@')) return [reference, ''];
  const colon = reference.lastIndexOf(':');
  return colon > reference.lastIndexOf('/')
    ? [reference.slice(0, colon), reference.slice(colon + 1)]
    : [reference, 'latest'];
}
