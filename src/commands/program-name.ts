/**
 * The text with the commands of it that begin with `slipway` as they must be typed here: those in backticks, with or
 * without variables before them.
 */
export function withProgramName(text: string, program: string): string {
  return program === 'slipway' ? text : text.replace(/`((?:[A-Z_]+=[^\s`]+ )*)slipway(?=[ `])/g, `\`$1${program}`);
}
