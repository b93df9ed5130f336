import type { Paint } from '../report/paint.ts';
import { printable, textWidth, wrap } from '../report/text-width.ts';
import { type Finding, type Group, groups, notChecked, type Status } from './check.ts';

const marks: Readonly<Record<Status, { readonly mark: string; readonly paint: keyof Paint }>> = {
  fine: { mark: '✓', paint: 'good' },
  warning: { mark: '!', paint: 'warning' },
  broken: { mark: '✗', paint: 'bad' },
  skipped: { mark: '·', paint: 'faint' },
};

/** Titles stand in a column of this width, texts beside them. */
const titleWidth = 16;
const textColumn = 4 + titleWidth;
const leastTextWidth = 20;

/**
 * The lines of one group: its heading, a line for each finding, and below it the command that mends it, which is never
 * broken, so that it can be copied. What was not checked for one reason is told in one line.
 * @param columns Width to keep to; infinity where nothing is wrapped.
 */
export function groupLines(group: Group, findings: readonly Finding[], paint: Paint, columns: number): string[] {
  const lines = [paint.strong(groups[group])];
  for (const bundle of bundles(findings)) lines.push(...bundleLines(bundle, paint, columns));
  return lines;
}

type Bundle = readonly [Finding, ...Finding[]];

/** Findings one by one, but for neighbours that were skipped for one reason. */
function bundles(findings: readonly Finding[]): Bundle[] {
  const result: [Finding, ...Finding[]][] = [];
  for (const finding of findings) {
    const blocker = findings.find(({ id }) => id === finding.blockedBy);
    // What nobody needs here has been told by the one above.
    if (blocker?.status === 'skipped') continue;
    const last = result.at(-1);
    if (finding.status === 'skipped' && last?.[0].text === finding.text) last?.push(finding);
    else result.push([finding]);
  }
  return result;
}

function bundleLines([first, ...others]: Bundle, paint: Paint, columns: number): string[] {
  const { status, title, text, mend } = first;
  const { mark, paint: name } = marks[status];
  const faint = status === 'skipped' ? paint.faint : (line: string) => line;
  const isBundle = others.length > 0;
  const indent = isBundle ? 4 : textColumn;
  const titles = [first, ...others].map((each) => each.title).join(', ');
  const words = printable(isBundle ? bundleText(titles, text) : text);
  const [firstLine = '', ...more] = wrap(words, Math.max(leastTextWidth, columns - indent - 1)).map(faint);
  const head = isBundle ? '' : faint(`${title}${' '.repeat(Math.max(1, titleWidth - textWidth(title)))}`);
  return [
    `  ${paint[name](mark)} ${head}${firstLine}`,
    ...more.map((line) => `${' '.repeat(indent)}${line}`),
    // What was passed over needs no mending: `--fix` and JSON have what could be done about it.
    ...(mend === null || status === 'skipped'
      ? []
      : [`    ${paint.accent('→')} ${paint.accent(printable(mend.command))}`]),
  ];
}

function bundleText(titles: string, text: string): string {
  if (text.startsWith(notChecked)) return `Not checked, as ${text.slice(notChecked.length)}: ${titles}`;
  return `${titles}: ${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;
}

/** The sentence at the end. `name` is `slipway` as this person calls it. */
export function summarySentence(findings: readonly Finding[], name: string): string {
  const count = (status: Status): number => findings.filter((finding) => finding.status === status).length;
  const [bad, odd] = [count('broken'), count('warning')];
  if (bad === 0 && odd === 0) return 'Everything a run needs is here.';
  const mendable = findings.filter(({ status, mend }) => mend?.isSafe && (status === 'broken' || status === 'warning'));
  const offer = mendable.length === 0 ? '' : `; \`${name} doctor --fix\` mends ${ofThem(mendable.length, bad + odd)}`;
  const worth = `${odd} ${odd === 1 ? 'thing deserves' : 'things deserve'} a look`;
  if (bad === 0) return `Nothing is broken; ${worth}${offer}.`;
  const broken = `${bad} ${bad === 1 ? 'thing is' : 'things are'} broken`;
  const rest = odd === 0 ? '' : `, ${odd} ${odd === 1 ? 'deserves' : 'deserve'} a look`;
  return `${broken}${rest}${offer}.`;
}

function ofThem(count: number, total: number): string {
  if (total === 1) return 'it';
  return count === total ? 'all of them' : `${count} of them`;
}
