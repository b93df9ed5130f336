import type { LaunchEvent, LaunchEventBody, RunResult } from '../../../src/events.ts';
import { createReporter, type Reporter, type ReporterOptions } from '../../../src/report/index.ts';

/** A stream that keeps what is written. */
export class FakeStream {
  text = '';
  readonly isTTY: boolean;

  constructor(isTTY = false) {
    this.isTTY = isTTY;
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

export function probe(options: Partial<ReporterOptions>): ReportProbe {
  const stdout = new FakeStream(options.mode === 'terminal');
  const stderr = new FakeStream(options.mode === 'terminal');
  const reporter = createReporter({ mode: 'plain', color: false, columns: 80, ...options, stdout, stderr });
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
  primaryMetric: { key: 'val_loss', values: [0.6, 0.4, 0.25] },
  models: [{ name: 'malaria', version: '3' }],
  image: 'malaria:1a2b3c4d5e6f',
  runDirectory: '/storage/runs/20261121-034512-k3f9',
  drained: true,
  exitStatus: 0,
};
