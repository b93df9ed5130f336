const LONGEST_INSTRUCTION = 60;

/** What the classic builder says of its own work: of use to it alone. */
const builderNoise = /^(?: ?---> |Removing intermediate container |Successfully (?:built|tagged) |\[Warning\] )/;

/**
 * Turns the lines of a build into news for people: `step 3/12: RUN npm ci`, and while that step runs
 * `step 3/12: RUN npm ci · ` with the line it wrote last. What the builder says of itself is left out.
 * @returns Takes one line of the build's output.
 */
export function buildProgress(onProgress: (text: string) => void): (line: string) => void {
  let step = '';
  return (line) => {
    const begun = /^Step (\d+)\/(\d+) : (.*)$/.exec(line);
    if (begun !== null) {
      step = `step ${begun[1]}/${begun[2]}: ${shorten(begun[3]!)}`;
      onProgress(step);
    } else if (!builderNoise.test(line)) {
      const said = line.trim();
      if (said !== '') onProgress(step === '' ? said : `${step} · ${said}`);
    }
  };
}

/** An instruction of many lines comes as one, with all its indentation. */
function shorten(instruction: string): string {
  const text = instruction.replace(/\s+/g, ' ').trim();
  return text.length <= LONGEST_INSTRUCTION ? text : `${text.slice(0, LONGEST_INSTRUCTION - 1).trimEnd()}…`;
}
