import { createInterface } from 'node:readline';
import {
  affectedChecks,
  allChecks,
  type DoctorRequest,
  type DoctorScreen,
  type Finding,
  openContext,
  openDoctorScreen,
  ownName,
  planRepairs,
  type Repair,
  type Repaired,
  runChecks,
  runRepair,
  summarySentence,
} from '../doctor/index.ts';
import { ExitCode, UsageError } from '../errors.ts';
import type { Look } from '../report/look.ts';
import { wrap } from '../report/text-width.ts';
import { exchangeText } from '../util/http-exchange.ts';
import { doctorRequest } from './doctor-request.ts';
import { openLook, wantsJson } from './output-options.ts';
import { breaksLines } from './reporter.ts';
import { chooseVerbosity } from './verbosity.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Given = Readonly<Record<string, unknown>>;

/** Carries out `slipway doctor`. Resolves with the exit code: 1 where something is broken. */
export async function doctorAction(given: Given, environment: Environment, signal: AbortSignal): Promise<number> {
  const verbosity = chooseVerbosity(given, environment);
  const request: DoctorRequest = {
    ...(await doctorRequest(given, environment)),
    ...(verbosity === 'debug' ? { onExchange: tellExchange } : {}),
  };
  const isJson = wantsJson(given, environment);
  if (given.fix === true && given.yes !== true && !(process.stdin.isTTY && process.stderr.isTTY)) {
    throw new UsageError('doctor --fix asks before it changes anything, and there is no terminal to ask at.', {
      hint: `${ownName()} doctor --fix --yes does not ask`,
    });
  }
  const look = openLook(given, environment);
  const isQuiet = verbosity === 'quiet';
  let findings = await round(allChecks, request, { look, isJson, isQuiet, signal });
  let repaired: readonly Repaired[] = [];
  if (!isJson) say([...(isQuiet ? [] : ['']), ...wrap(summarySentence(findings, ownName()), look.columns - 1)]);
  if (given.fix === true) {
    const repairs = planRepairs(findings);
    repaired = await repair(repairs, given.yes === true, environment, signal);
    if (repaired.length > 0) {
      if (!isJson) say(['']);
      findings = await roundAgain(findings, repairs, request, { look, isJson, isQuiet, signal });
      if (!isJson) say(['', ...wrap(summarySentence(findings, ownName()), look.columns - 1)]);
    }
  }
  const ok = findings.every(({ status }) => status !== 'broken');
  if (isJson) say([jsonAnswer(ok, findings, given.fix === true ? repaired : null)]);
  return ok ? ExitCode.ok : ExitCode.failed;
}

interface RoundOptions {
  readonly look: Look;
  readonly isJson: boolean;
  readonly isQuiet: boolean;
  readonly signal: AbortSignal;
}

async function round(
  checks: typeof allChecks,
  request: DoctorRequest,
  { look, isJson, isQuiet, signal }: RoundOptions,
  before: readonly Finding[] = [],
): Promise<Finding[]> {
  const context = openContext(request, signal);
  const screen: DoctorScreen | null = isJson
    ? null
    : openDoctorScreen(process.stdout, look, checks, { reflows: breaksLines(request.environment), isQuiet });
  try {
    return await runChecks(checks, context, screen ?? {}, before);
  } finally {
    screen?.close();
    await context.close();
  }
}

/** Looks again at what was mended and at what rests on it. */
async function roundAgain(
  findings: readonly Finding[],
  repairs: readonly Repair[],
  request: DoctorRequest,
  options: RoundOptions,
): Promise<Finding[]> {
  const checks = affectedChecks(allChecks, repairs);
  const ids = new Set(checks.map(({ id }) => id));
  const kept = findings.filter(({ id }) => !ids.has(id));
  const fresh = new Map((await round(checks, request, options, kept)).map((finding) => [finding.id, finding]));
  return findings.map((finding) => fresh.get(finding.id) ?? finding);
}

/** Shows what would be done, asks, and does it. What is told here goes to standard error. */
async function repair(
  repairs: readonly Repair[],
  isAgreed: boolean,
  environment: Environment,
  signal: AbortSignal,
): Promise<Repaired[]> {
  const tell = (text: string): void => void process.stderr.write(`${text}\n`);
  if (repairs.length === 0) {
    tell('There is nothing that could be mended safely without you.');
    return [];
  }
  tell(repairs.length === 1 ? '\nThis would be run:' : '\nThese would be run, one after the other:');
  for (const { command } of repairs) tell(`  ${command}`);
  if (!isAgreed && !(await agrees(repairs.length, signal))) {
    tell('Nothing was changed.');
    return [];
  }
  const done: Repaired[] = [];
  for (const each of repairs) {
    tell(`\n→ ${each.command}`);
    const result = await runRepair(each, environment, signal);
    done.push(result);
    if (result.exitCode !== 0) {
      const why = result.problem ?? (result.exitCode === null ? 'it was killed' : `exit code ${result.exitCode}`);
      tell(`✗ ${each.command} failed: ${why}`);
    }
  }
  return done;
}

/** Anything but a yes is a no: so are Ctrl-C and Ctrl-D, which close the question without an answer. */
async function agrees(count: number, signal: AbortSignal): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, signal });
  try {
    const answer = await new Promise<string | null>((settle) => {
      lines.once('line', settle);
      lines.once('close', () => settle(null));
      lines.setPrompt(count === 1 ? 'Run it? [y/N] ' : `Run these ${count} commands? [y/N] `);
      lines.prompt();
    });
    // Nobody has ended the line of the question.
    if (answer === null) process.stderr.write('\n');
    signal.throwIfAborted();
    return answer !== null && /^\s*y(es)?\s*$/i.test(answer);
  } finally {
    lines.close();
  }
}

/** One JSON document; docs/doctor.md tells its form. */
function jsonAnswer(ok: boolean, findings: readonly Finding[], repaired: readonly Repaired[] | null): string {
  // What stands in the way of others is told by those, as `blockedBy`.
  const shown = findings.map(({ blocks: _, ...finding }) => finding);
  return JSON.stringify({ ok, findings: shown, ...(repaired === null ? {} : { repaired }) }, null, 2);
}

function tellExchange(exchange: Parameters<typeof exchangeText>[0]): void {
  process.stderr.write(`  ${exchangeText(exchange)}\n`);
}

function say(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}
