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

/** A command that a document tells its reader to type. */
export interface DocumentedCommand {
  readonly command: string;
  /** The line of its block's fence, from 1. */
  readonly line: number;
  /** The lines that the document shows as what it prints; empty where it shows none. */
  readonly output: readonly string[];
}

/** The commands of all `sh` blocks, in order. A `text` block that follows one is what its last command prints. */
export function documentedCommands(markdown: string): DocumentedCommand[] {
  const blocks = codeBlocks(markdown);
  return blocks.flatMap(({ language, text, line }, index) => {
    if (language !== 'sh') return [];
    const next = blocks[index + 1];
    const shown = next?.language === 'text' ? next.text.split('\n').filter((each) => each.trim() !== '') : [];
    const commands = shellCommands(text);
    return commands.map((command, at) => ({ command, line, output: at === commands.length - 1 ? shown : [] }));
  });
}

/** The commands of this project that stand in the text itself: `make doctor`, `bin/slipway runs`. */
export function inlineCommands(markdown: string): string[] {
  const text = markdown.replaceAll(/^```[\s\S]*?^```$/gm, '').replaceAll(/\s+/g, ' ');
  const quoted = [...text.matchAll(/`([^`]+)`/g)].map(([, quote = '']) => quote);
  return [...new Set(quoted.filter((quote) => /^(make|slipway|bin\/slipway) /.test(quote)))];
}

/**
 * The first line of a documented output that was not printed; null where all were, in this order. Lines are compared by
 * shape; `…` stands for anything, also for whole lines. A terminal may have wrapped a line between its words.
 */
export function firstMissing(output: readonly string[], printed: readonly string[]): string | null {
  const shapes = printed.map(shapeOf);
  let from = 0;
  for (const line of output) {
    const pattern = shapeOf(line)
      .split(/\s*…\s*/)
      .map(escapeForPattern)
      .join('.*');
    const expected = new RegExp(`^${pattern}$`);
    const found = placeOf(expected, shapes, from);
    if (found === null) return line;
    from = pattern === '.*' ? from : found;
  }
  return null;
}

/** A sentence takes no more lines than these on a narrow terminal. */
const wrappedAtMost = 4;

/** Behind the first line, or the first lines together, that are as expected; null where there are none. */
function placeOf(expected: RegExp, shapes: readonly string[], from: number): number | null {
  for (let start = from; start < shapes.length; start += 1) {
    for (let count = 1; count <= wrappedAtMost && start + count <= shapes.length; count += 1) {
      if (expected.test(shapes.slice(start, start + count).join(' '))) return start + count;
    }
  }
  return null;
}

/**
 * A line of output without what differs from run to run: numbers, ids, digests, made-up names, durations, drawn bars and
 * spaces. So a line that a document shows can be looked for in what a command really printed.
 */
export function shapeOf(line: string): string {
  return line
    .replaceAll(/\u001b\[[0-9;]*m/g, '')
    .replaceAll(/\b\d{8}-\d{6}-[0-9a-z]{4}\b/g, '<run>')
    .replaceAll(/\b[a-z]+-[a-z]+-\d+\b/g, '<name>')
    .replaceAll(/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,64}(?![0-9a-z])/g, '<digest>')
    .replaceAll(/\b\d{8,}\b/g, '<digest>')
    .replaceAll(/[▁▂▃▄▅▆▇█━╸┄─]+/g, '<bar>')
    .replaceAll(/-?\d+(?:\.\d+)?(?:e-?\d+)?\*?/g, '#')
    .replaceAll(/# (?:ms|s|min(?: # s)?|h(?: # min)?)(?![a-z])/g, '<time>')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function escapeForPattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
