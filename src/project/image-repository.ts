/**
 * A project's name as the repository of an image: lower case, with only the characters a reference may hold
 * (https://github.com/distribution/reference/blob/main/reference.go). A slash parts components, as in `team/cells`.
 */
export function imageRepository(name: string): string {
  const components = name
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .split('/')
    .map((component) =>
      component
        .replace(/[^a-z0-9._-]+/g, '-')
        // Only one dot, one or two underscores, or dashes may part letters and digits.
        .replace(/[._-]*-[._-]*/g, '-')
        .replace(/_*\.[._]*/g, '.')
        .replace(/_{3,}/g, '__')
        .replace(/^[._-]+|[._-]+$/g, ''),
    )
    .filter((component) => component !== '');
  // A reference has room for 255 characters before the tag.
  return (
    components
      .join('/')
      .slice(0, 200)
      .replace(/[._/-]+$/, '') || 'project'
  );
}
