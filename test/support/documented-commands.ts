/** A fenced block of a Markdown document. */
export interface CodeBlock {
  /** What stands behind the fence: `sh`, `python`; empty where there is nothing. */
  readonly language: string;
  readonly text: string;
  /** The line of the fence, from 1. */
  readonly line: number;
}

/** The fenced blocks of a Markdown document, in order. */
export function codeBlocks(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { language: string; lines: string[]; line: number } | null = null;
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^```(\w*)/.exec(line);
    if (fence === null) open?.lines.push(line);
    else if (open === null) open = { language: fence[1] ?? '', lines: [], line: index + 1 };
    else {
      blocks.push({ language: open.language, text: open.lines.join('\n'), line: open.line });
      open = null;
    }
  }
  return blocks;
}

/**
 * The commands of a block of shell lines: comments at their end are taken off, lines that end in a backslash joined, and
 * what only sets the environment (`export A=b`) is one as well.
 */
export function shellCommands(text: string): string[] {
  return text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/\s+#\s.*$/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/**
 * A line of output without what differs from run to run: numbers, ids, digests, durations, drawn bars and spaces. So a
 * line that a document shows can be looked for in what a command really printed.
 */
export function shapeOf(line: string): string {
  return line
    .replaceAll(/\u001b\[[0-9;]*m/g, '')
    .replaceAll(/\b\d{8}-\d{6}-[0-9a-z]{4}\b/g, '<run>')
    .replaceAll(/\b[0-9a-f]{12,64}\b/g, '<digest>')
    .replaceAll(/[▁▂▃▄▅▆▇█━╸┄]+/g, '<bar>')
    .replaceAll(/-?\d+(?:\.\d+)?(?:e-?\d+)?/g, '#')
    .replaceAll(/# (?:ms|s|min # s|h # min)\b/g, '<time>')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
