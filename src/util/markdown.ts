/**
 * A text of somebody else within a line of Markdown, shown as it was written: no HTML, emphasis, link, picture or heading
 * of it comes alive, neither in CommonMark nor in Showdown (GitHub's flavour), which MLflow's UI have used. Line breaks
 * become spaces. What is harmless stays as it is, because some lists show the source: the dashes of a run's name, the
 * underscore within a metric's.
 */
export function escapeMarkdown(text: string): string {
  return (
    text
      .replace(/\s+/g, ' ')
      // An ampersand that would begin an entity; angle brackets have no escape in Showdown but these.
      .replace(/&(?=#?\w+;)/g, '&amp;')
      .replace(/[\\`*[\]~|#]/g, '\\$&')
      .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
      // Addresses and names become links by themselves, and words between colons pictures.
      .replace(/:(?=\/\/|[\w+-]+:)/g, '&#58;')
      .replaceAll('@', '&#64;')
      .replace(/\bwww\./gi, (start) => `${start.slice(0, -1)}\\.`)
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
  );
}

/** A text as code within a line of Markdown, between more backticks than stand side by side in it. */
export function markdownCode(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  const fence = '`'.repeat(longestRun(line) + 1);
  // One space on each side is taken away again where the text has a backtick there.
  const space = /^`|`$/.test(line) ? ' ' : '';
  return `${fence}${space}${line}${space}${fence}`;
}

/** A block of code in Markdown, between more backticks than stand side by side in it. */
export function markdownBlock(language: string, code: readonly string[]): string[] {
  const fence = '`'.repeat(Math.max(3, longestRun(code.join('\n')) + 1));
  return [`${fence}${language}`, ...code, fence];
}

/** A link in Markdown whose text is shown as it was written. */
export function markdownLink(text: string, url: string): string {
  const address = url.replace(/[\s()<>\\]/g, (sign) => `%${sign.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `[${escapeMarkdown(text)}](${address})`;
}

/** How many backticks stand side by side at most. */
function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
}
