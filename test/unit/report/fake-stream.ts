import type { LaunchEvent, LaunchEventBody, RunResult } from '../../../src/events.ts';
import { createReporter, type Reporter, type ReporterOptions } from '../../../src/report/index.ts';
import { createLook } from '../../../src/report/look.ts';

/** A stream that keeps what is written. */
export class FakeStream {
  text = '';
  readonly isTTY: boolean;
  /** The width of the terminal, which a test may change. */
  columns: number | undefined;

  constructor(isTTY = false, columns?: number) {
    this.isTTY = isTTY;
    this.columns = columns;
  }

  write(text: string): boolean {
    this.text += text;
    return true;
  }
}

/** A reporter on two fake streams, and a way to send it events of the present time. */
export interface ReportProbe extends Reporter {
  readonly stdout: FakeStream;
  readonly stderr: FakeStream;
  send(...bodies: LaunchEventBody[]): void;
}

export interface ProbeOptions extends Partial<Omit<ReporterOptions, 'looks'>> {
  /** Default false. */
  readonly color?: boolean;
  /** Of both streams where they are a terminal's; default 80. */
  readonly columns?: number;
  readonly hyperlinks?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
}

export function probe(options: ProbeOptions): ReportProbe {
  const { mode = 'plain', columns = 80, color = false, hyperlinks = false, environment = {}, ...others } = options;
  const isTerminal = mode === 'terminal';
  const stdout = new FakeStream(isTerminal, isTerminal ? columns : undefined);
  const stderr = new FakeStream(isTerminal, isTerminal ? columns : undefined);
  const lookOf = (stream: FakeStream) =>
    createLook({ stream, environment: color ? environment : { NO_COLOR: '1', ...environment }, hyperlinks });
  const looks = { stdout: lookOf(stdout), stderr: lookOf(stderr) };
  const reporter = createReporter({ ...others, mode, stdout, stderr, looks });
  return {
    ...reporter,
    stdout,
    stderr,
    send: (...bodies) => {
      for (const body of bodies) reporter.sink({ timeMs: Date.now(), ...body } as LaunchEvent);
    },
  };
}

/** What a terminal shows after it has been sent this text: enough of ECMA-48 for what the reporter uses. */
export function screenOf(text: string): { lines: string[]; cursorVisible: boolean } {
  const lines = [''];
  let row = 0;
  let column = 0;
  let cursorVisible = true;
  for (const [token] of text.matchAll(/\u001b\[[?\d;]*[A-Za-z]|[\s\S]/gu)) {
    const current = lines[row] ?? '';
    if (token === '\n') {
      row += 1;
      column = 0;
      lines[row] ??= '';
    } else if (token === '\r') {
      column = 0;
    } else if (/^\u001b\[\d+A$/.test(token)) {
      row -= Number(token.slice(2, -1));
    } else if (token === '\u001b[0J') {
      lines.length = row + 1;
      lines[row] = current.slice(0, column);
    } else if (token === '\u001b[?25l' || token === '\u001b[?25h') {
      cursorVisible = token.endsWith('h');
    } else if (token.startsWith('\u001b')) {
      if (!token.endsWith('m')) throw new Error(`unknown sequence ${JSON.stringify(token)}`);
    } else {
      lines[row] = current.slice(0, column).padEnd(column) + token + current.slice(column + 1);
      column += 1;
    }
  }
  return { lines, cursorVisible };
}

export const finished: RunResult = {
  status: 'FINISHED',
  exitCode: 0,
  reason: null,
  runId: '20261121-034512-k3f9',
  runName: 'brave-otter',
  mlflowRunId: 'abc',
  url: 'http://localhost:5000/#/experiments/1/runs/abc',
  runsUrl: 'http://localhost:5000/#/experiments/1/runs?viewStateShareKey=slipway',
  chartsUrl: 'http://localhost:5000/#/experiments/1/runs?viewStateShareKey=slipway&compareRunsMode=CHART',
  durationMs: 184_000,
  metrics: { val_loss: 0.25, loss: 0.2, test_accuracy: 0.953_12, 'batch/loss': 3, learning_rate: 0.001 },
  primaryMetric: { key: 'val_loss', values: [0.6, 0.4, 0.25], steps: [1, 2, 3] },
  models: [{ name: 'malaria', version: '3', url: 'http://localhost:5000/#/models/malaria/versions/3' }],
  image: 'malaria:1a2b3c4d5e6f',
  runDirectory: '/storage/runs/20261121-034512-k3f9',
  drained: true,
  exitStatus: 0,
};
