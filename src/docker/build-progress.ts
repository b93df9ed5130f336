import { tidyLine } from '../util/tidy-line.ts';

/** What the classic builder says of its own work: of use to it alone. */
const builderNoise = /^(?: ?---> |Removing intermediate container |Successfully (?:built|tagged) |\[Warning\] )/;

/**
 * Turns the lines of a build into news for people: `step 3/12 · npm ci`, and while that step runs `step 3/12 · ` with the
 * line it wrote last, as a person would say it. What the builder says of itself changes nothing. Each news comes with the
 * whole line it was made of.
 * @returns Takes one line of the build's output.
 */
export function buildProgress(onProgress: (text: string, line: string) => void): (line: string) => void {
  let step = '';
  let shown = '';
  const tell = (text: string, line: string): void => {
    shown = text;
    onProgress(text, line);
  };
  return (line) => {
    const begun = /^Step (\d+)\/(\d+) : (.*)$/.exec(line);
    if (begun !== null) {
      step = `step ${begun[1]}/${begun[2]}`;
      tell(`${step} · ${instruction(begun[3]!)}`, line);
    } else if (builderNoise.test(line)) {
      // Whoever reads all lines also wants to know what came from the cache.
      if (step !== '') onProgress(shown, line);
    } else {
      const said = tidyLine(line);
      if (said !== '') tell(step === '' ? said : `${step} · ${said}`, line);
    }
  };
}

/** What an instruction does: of a command its first part, because the rest of it handles what it may meet. */
function instruction(text: string): string {
  const [, name = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(text) ?? [];
  switch (name.toUpperCase()) {
    case 'RUN':
      return tidyLine(firstCommand(rest.replace(/^(?:--\S+\s+)+/, '')));
    case 'FROM':
      return tidyLine(`base image ${rest}`);
    case 'COPY':
    case 'ADD':
      return tidyLine(`copying ${rest.replace(/^(?:--\S+\s+)+/, '')}`);
    default:
      return tidyLine(text);
  }
}

/** Up to the first operator of the shell that stands outside quotes. */
function firstCommand(command: string): string {
  const first = /^(?:'[^']*'|"(?:\\.|[^"\\])*"|[^'"|&;<>])*/.exec(command)?.[0] ?? '';
  // `2>` leaves its digit behind.
  return first.replace(/\s\d$/, '').trim() || command;
}
