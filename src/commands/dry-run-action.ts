import { environment } from '../config.ts';
import type { DryRunContext } from '../launch/dry-run.ts';
import { asciiOnly } from '../report/ascii.ts';
import { maskSecrets } from '../util/mask-secrets.ts';
import type { CommandContext } from './context.ts';
import { dryRunPage } from './dry-run-page.ts';
import { handedSecrets } from './handed-secrets.ts';
import { openLook, wantsJson } from './output-options.ts';
import { openReporter } from './reporter.ts';
import { resumeRequest, runRequest } from './run-request.ts';

/** `slipway run --dry-run`: says on standard output what would be done. Throws what would fail the launch. */
export async function dryRunAction(given: Readonly<Record<string, unknown>>, context: CommandContext): Promise<void> {
  const variables = environment();
  const words = process.argv.slice(2);
  const isJson = wantsJson(given, variables);
  // Warnings of an answer in JSON are for people, too, and stand in it besides.
  const reporter = openReporter({ ...given, json: false }, variables, { isLive: false });
  const dryContext: DryRunContext = {
    environment: variables,
    signal: context.politeStop,
    onSecrets: (secrets) => void handedSecrets.push(...secrets),
  };
  try {
    const { dryResume, dryRun } = await import('../launch/dry-run.ts');
    const resumed = resumeRequest(given, words, variables);
    const described =
      resumed === null
        ? await dryRun(runRequest(given, words, variables), dryContext)
        : await dryResume(resumed, dryContext);
    const look = openLook(given, variables);
    const text = isJson ? JSON.stringify(described, null, 2) : dryRunPage(described, look).join('\n');
    process.stdout.write(`${maskSecrets(look.isUnicode || isJson ? text : asciiOnly(text), handedSecrets)}\n`);
    for (const each of described.told) reporter.sink({ timeMs: Date.now(), ...each });
  } finally {
    reporter.close();
  }
}
