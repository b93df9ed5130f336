import type { RunPlan } from '../runs/plan.ts';
import { escapeMarkdown, markdownCode, quoteForShell, sha256 } from '../util/index.ts';
import { slipwayOf } from './again-command.ts';

export interface ExperimentNoteFacts {
  /** As the server has it. */
  readonly experimentName: string;
  readonly runsUrl: string;
  readonly chartsUrl: string;
  readonly primaryMetric: string | null;
  readonly isLowerBetter: boolean;
}

/** The experiment's note in Markdown. MLflow's UI shows the first line of a folded note, so that it is a heading. */
export function experimentNote(plan: RunPlan, facts: ExperimentNoteFacts): string {
  const { experimentName } = facts;
  const isOwn = experimentName === plan.project.name;
  const named = isOwn ? '' : ` --experiment-name ${quoteForShell(experimentName)}`;
  const origin = plan.source.repositoryUrl ?? plan.project.uri;
  const text = [
    `### Runs of ${escapeMarkdown(experimentName)}`,
    '',
    `[Table](${facts.runsUrl}) · [charts of the last runs](${facts.chartsUrl})`,
    '',
    ...(facts.primaryMetric === null
      ? []
      : [
          `- Look at first: ${markdownCode(facts.primaryMetric)}, the ${facts.isLowerBetter ? 'lower' : 'higher'} the better`,
        ]),
    `- Code: ${markdownCode(origin)}`,
    `- One more run, from a clone: ${markdownCode(`${slipwayOf(plan)} run .${named}`)}`,
  ].join('\n');
  return `${text}\n\n${mark(text)}`;
}

/** Whether a note is one of ours that nobody has changed, or none at all. */
export function mayReplaceNote(note: string | undefined): boolean {
  if (note === undefined || note.trim() === '') return true;
  const [, text = '', digest] = /^([\s\S]*)\n\n<!-- slipway (\w+) -->$/.exec(note) ?? [];
  return digest !== undefined && mark(text) === `<!-- slipway ${digest} -->`;
}

/** A comment, which Markdown does not show: by it a later change of the text is noticed. */
function mark(text: string): string {
  return `<!-- slipway ${sha256(text).slice(0, 16)} -->`;
}
